"""What the commands share: how they fail in front of a person, and how they read the settings."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
import httpx

from datastorage.embedded import default_data_dir, read_run_file
from datastorage.settings import Settings, SettingsError, load_settings

__all__ = ["CommandError", "api_client", "effective_settings", "page_of", "plain", "require_success", "url_option"]

_DEFAULT_URL = "http://127.0.0.1:8080"
url_option = click.option(
    "--url", help=f"Where the API is. [default: the running `datastorage dev`, else {_DEFAULT_URL}]"
)


class CommandError(click.ClickException):
    """What is wrong and what to do; exit code 2."""

    exit_code = 2


def effective_settings(**options: Any) -> Settings:
    """The settings, options of the command line on top (None: not given).

    Raises CommandError listing everything that is wrong.
    """
    try:
        return load_settings(**{name: value for name, value in options.items() if value is not None})
    except SettingsError as error:
        raise CommandError(f"the settings cannot be used:\n{error}") from None


@contextmanager
def api_client(url: str | None) -> Iterator[httpx.Client]:
    """A client of the API at `url`, or of the running `datastorage dev`.

    Raises CommandError where nothing answers, or not to the end.
    """
    sys.set_int_max_str_digits(0)  # events have numbers of any size; the service has seen to it that they are storable
    base = url or (read_run_file(default_data_dir()) or {}).get("api", _DEFAULT_URL)
    try:
        with httpx.Client(base_url=base, timeout=30) as client:
            yield client
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise CommandError(f"nothing answers at {base}: start `datastorage dev`, or say where with --url") from None
    except httpx.TransportError:
        raise CommandError(f"the answer of {base} broke off or took too long: ask again, or for less") from None


def page_of(client: httpx.Client, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON object at `path`. Raises CommandError."""
    response = require_success(client.get(path, params=params))
    try:
        page = response.json()
    except ValueError:
        page = None
    if not isinstance(page, dict):
        raise CommandError(f"what answers at {client.base_url} is not DataStorage: say where it is with --url")
    return page


def require_success(response: httpx.Response) -> httpx.Response:
    """The response, if it is a success. Raises CommandError with what the service says is wrong."""
    if response.is_success:
        return response
    response.read()
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = response.reason_phrase
    raise CommandError(f"the service answered {response.status_code}: {detail}")


def plain(text: object) -> str:
    """Text of others for a table: it must neither style the table nor move the cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text)).replace("[", r"\[")
