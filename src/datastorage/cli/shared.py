"""What the commands share: how they fail in front of a person, and how they read the settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import click
import httpx

from access.files import FileError, read_yaml
from datastorage.settings import Settings, SettingsError, load_settings

__all__ = [
    "CommandError",
    "api_client",
    "credentials_hint",
    "effective_settings",
    "page_of",
    "plain",
    "require_decision",
    "require_success",
    "url_option",
]

_DEFAULT_URL = "http://127.0.0.1:8080"
_TOKEN = "datastorage.token"  # noqa: S105 - a name
_OTHERS = 0o077
Command = TypeVar("Command", bound=Callable[..., Any])


def url_option(command: Command) -> Command:
    """`--url`, which the command takes, and `--token`, which `api_client` finds by itself."""
    url = click.option(
        "--url", help=f"Where the API is. [default: the profile's, the running `datastorage dev`'s, {_DEFAULT_URL}]"
    )
    token = click.option(
        "--token",
        expose_value=False,
        callback=_keep_token,
        help="API key or token; others on the machine may see it here. [default: DATASTORAGE_TOKEN, the profile's]",
    )
    return url(token(command))


def _keep_token(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        ctx.meta[_TOKEN] = value


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


def require_decision(settings: Settings) -> None:
    """Raises CommandError where the network could reach an API that asks nobody who they are, unless that was said."""
    if settings.authenticates or settings.auth == "off" or settings.on_loopback:
        return
    raise CommandError(
        f"everybody who can reach {settings.host} could read and write everything: set DATASTORAGE_AUTH=on and make a "
        "key with `datastorage keys create`, or name an access file in DATASTORAGE_ACCESS_PATH (docs/security.md). "
        "DATASTORAGE_AUTH=off serves without authentication all the same."
    )


@contextmanager
def api_client(url: str | None) -> Iterator[httpx.Client]:
    """A client of the API at `url`, or of the running `datastorage dev`.

    Raises CommandError where nothing answers, or not to the end.
    """
    sys.set_int_max_str_digits(0)  # events have numbers of any size; the service has seen to it that they are storable
    from datastorage.embedded import default_data_dir, read_run_file

    profile = _profile()
    base = url or profile.get("url") or (read_run_file(default_data_dir()) or {}).get("api", _DEFAULT_URL)
    token = _token() or (profile.get("token") if base == profile.get("url", base) else None)
    place, login = _parted(base)
    try:
        with httpx.Client(
            base_url=place, auth=None if token else login, timeout=30, headers=_credentials(token)
        ) as one:
            yield one
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise CommandError(
            f"{place} is no address of an API: give --url as http://host:port or https://host:port"
        ) from None
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise CommandError(f"nothing answers at {place}: start `datastorage dev`, or say where with --url") from None
    except httpx.TransportError:
        raise CommandError(f"the answer of {place} broke off or took too long: ask again, or for less") from None


def _parted(url: str) -> tuple[str, tuple[str, str] | None]:
    """The address, and the name and password that stood in it: what is shown and kept has none."""
    scheme, separator, rest = url.partition("://")
    login, found, place = rest.rpartition("@")
    name, _, password = login.partition(":")
    return scheme + separator + place, (unquote(name), unquote(password)) if found else None


def _token() -> str | None:
    context = click.get_current_context(silent=True)
    given = context.meta.get(_TOKEN) if context else None
    return given or os.environ.get("DATASTORAGE_TOKEN")


def _credentials(token: str | None) -> dict[str, str]:
    if not token:
        return {}
    if not (token.isascii() and token.isprintable()):
        raise CommandError("the token has characters that no API key and no token has")
    return {"Authorization": f"Bearer {token}"}


def _profile() -> dict[str, str]:
    """`url` and `token` of ~/.config/datastorage/profile.yaml, if there is one that only we can read."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    path = Path(home, "datastorage", "profile.yaml")
    try:
        if path.stat().st_mode & _OTHERS:
            raise CommandError(f"{path} holds a token, and others can read it: run `chmod 600 {path}`")
        document = read_yaml(path)
    except FileNotFoundError:
        return {}
    except FileError as error:
        raise CommandError(str(error)) from None
    if not isinstance(document, dict) or not set(document) <= {"url", "token"}:
        raise CommandError(f"{path} must be YAML with `url: …` and `token: …`")
    return {name: str(value).rstrip("/") if name == "url" else str(value) for name, value in document.items()}


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
    raise CommandError(f"the service answered {response.status_code}: {detail}{credentials_hint(response.status_code)}")


def credentials_hint(status: int) -> str:
    """What to do about an answer 401 or 403 on the command line, after a space; "" for other answers."""
    hints: dict[int, str] = {
        httpx.codes.UNAUTHORIZED: " Give an API key or a token in DATASTORAGE_TOKEN or with --token.",
        httpx.codes.FORBIDDEN: " Give another key or token in DATASTORAGE_TOKEN or with --token.",
    }
    return hints.get(status, "")


def plain(text: object) -> str:
    """Text of others for a table: it must neither style the table nor move the cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text)).replace("[", r"\[")
