"""Where settings come from: variables, the files that variables name, and the YAML file that CONFIG_PATH names.

No error quotes what was read: it may be of a secret.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from access.files import FileError, read_yaml

__all__ = [
    "ADDRESSES",
    "PASSWORDS",
    "PREFIX",
    "Environment",
    "SecretFiles",
    "SettingsError",
    "YamlFile",
    "unknown_variables",
    "variable_of",
]

PREFIX = "DATASTORAGE_"
#: Settings whose variables carry no prefix: every operator knows them by these names.
ADDRESSES = ("database_url", "database_read_url", "database_direct_url", "database_owner_url", "redis_url")
#: Passwords that may come apart from their addresses; their variables carry no prefix either.
PASSWORDS = ("database_password", "database_owner_password", "redis_password")
_NOT_SETTINGS = ("DATASTORAGE_TEST_", "DATASTORAGE_TOKEN")


class SettingsError(Exception):
    """The settings cannot be used; the message lists everything that is wrong."""


class _Named(PydanticBaseSettingsSource):
    """Values that are looked up setting by setting."""

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class SecretFiles(_Named):
    """Values from the files that the <VARIABLE>_FILE variables name; a trailing newline is not part of the value.

    Raises SettingsError naming the variable, not the file: a secret may have been put in its place.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """What the file of this setting holds; None without one."""
        del field
        variable = variable_of(field_name) + "_FILE"
        path = os.environ.get(variable)
        if not path:
            return None, field_name, False
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"{variable}: the file that it names cannot be read: {error.strerror}") from None
        except ValueError:
            raise SettingsError(f"{variable}: the file that it names is not UTF-8 text") from None
        return text.rstrip("\r\n"), field_name, False


class Environment(_Named):
    """Values from the variables themselves; an empty variable counts as absent."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """What the variable of this setting holds; None without one."""
        del field
        return os.environ.get(variable_of(field_name)) or None, field_name, False


class YamlFile(PydanticBaseSettingsSource):
    """Values from the YAML file that CONFIG_PATH names; its keys are the settings' names. Raises SettingsError."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Never asked: the file is taken as a whole."""
        raise NotImplementedError

    def __call__(self) -> dict[str, Any]:
        """The file's mapping; empty without a file."""
        path = os.environ.get("CONFIG_PATH")
        try:
            document = read_yaml(Path(path)) if path else None
        except FileError as error:
            raise SettingsError(str(error)) from None
        if document is None:
            return {}
        if not isinstance(document, dict) or not all(isinstance(name, str) for name in document):
            raise SettingsError(f"{path}: a mapping of setting names to values is expected")
        return document


def variable_of(name: str) -> str:
    """The environment variable of the setting `name`."""
    return name.upper() if name in ADDRESSES + PASSWORDS else PREFIX + name.upper()


def unknown_variables(names: Iterable[str]) -> list[str]:
    """A line for each variable with our prefix that belongs to none of the settings `names`."""
    known = {variable_of(name) for name in names}
    return [
        f"{variable}: unknown setting"
        for variable in sorted(os.environ)
        if variable.startswith(PREFIX)
        and not variable.startswith(_NOT_SETTINGS)
        and variable.removesuffix("_FILE") not in known
    ]
