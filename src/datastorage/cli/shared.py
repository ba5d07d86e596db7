"""What the commands share: how they fail in front of a person, and how they read the settings."""

from __future__ import annotations

from typing import Any

import click

from datastorage.settings import Settings, SettingsError, load_settings

__all__ = ["CommandError", "effective_settings"]


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
