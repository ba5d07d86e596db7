"""The service's settings: environment over the YAML file that CONFIG_PATH names over defaults.

Every setting is read from DATASTORAGE_<NAME>; addresses from DATABASE_URL, DATABASE_READ_URL, REDIS_URL and so on.
Each variable may end in _FILE instead: then it holds the path of a file with the value (Docker, Kubernetes secrets).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from pydantic import SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from access.errors import InvalidCredentialsError
from access.files import FileError, read_yaml, without_values
from access.keys import parse
from addresses.loopback import is_local
from catalog.scoring import PROFILES, Weights
from datastorage.setting_fields import SettingFields
from datastorage.sources import (
    ADDRESSES,
    PASSWORDS,
    PREFIX,
    Environment,
    SecretFiles,
    SettingsError,
    YamlFile,
    unknown_variables,
    variable_of,
)

__all__ = ["ADDRESSES", "PASSWORDS", "PREFIX", "Settings", "SettingsError", "load_settings", "redacted", "variable_of"]

#: What a setting's name looks like; anything else in its place may be part of a value.
_NAME = re.compile(r"[a-z_]{1,40}")
#: Name and password in an address that is no secret as a whole.
_LOGIN = re.compile(r"://[^/\s]*@")


class Settings(SettingFields):
    """The settings, and what must hold between them. Raises ValidationError."""

    @field_validator("database_url", "database_read_url", "database_direct_url", "database_owner_url")
    @classmethod
    def _is_of_postgres(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        from addresses import postgres  # libpq is loaded for an address only

        address = value.get_secret_value()
        postgres.check(address)
        owner = info.field_name == "database_owner_url"
        password = info.data.get("database_owner_password" if owner else "database_password")
        if password is not None:
            address = postgres.completed(address, password.get_secret_value())
        return SecretStr(address if info.field_name == "database_read_url" else postgres.writable(address))

    @field_validator("redis_url")
    @classmethod
    def _is_of_redis(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        from addresses import queue  # so is redis-py

        address = value.get_secret_value()
        queue.check(address)
        password = info.data.get("redis_password")
        return SecretStr(queue.completed(address, password.get_secret_value())) if password else value

    @model_validator(mode="before")
    @classmethod
    def _loopback_by_default(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Without a word about authentication the API is open, and so reachable from this machine only."""
        undecided = all(given.get(name) is None for name in ("auth", "access_path", "bootstrap_key"))
        return {"host": "127.0.0.1", **given} if undecided else given

    @model_validator(mode="after")
    def _bootstrap_key_has_its_form(self) -> Settings:
        if self.bootstrap_key is not None:
            try:
                parse(self.bootstrap_key.get_secret_value())
            except InvalidCredentialsError:
                raise ValueError(
                    "bootstrap_key has not the form ds_<id>_<secret>: an id of lower-case letters and digits, and a "
                    "secret of 32 to 128 letters, digits, - and _"
                ) from None
        return self

    @field_validator("allowed_hosts", "log_witnesses", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _retention_has_a_place(self) -> Settings:
        if self.retention_months is not None and self.archive_directory is None:
            raise ValueError("retention_months needs archive_directory: what is detached is archived before")
        return self

    @model_validator(mode="after")
    def _tls_is_complete(self) -> Settings:
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together: give both, or neither")
        if self.tls_client_ca is not None and self.tls_cert is None:
            raise ValueError("tls_client_ca needs tls_cert and tls_key")
        return self

    @model_validator(mode="after")
    def _provider_is_complete(self) -> Settings:
        if (self.console_oidc_issuer is None) is not (self.console_oidc_client_id is None):
            raise ValueError("console_oidc_issuer and console_oidc_client_id belong together: give both, or neither")
        return self

    @model_validator(mode="after")
    def _pool_sizes_fit(self) -> Settings:
        if self.pool_min_size > self.pool_max_size:
            raise ValueError(f"pool_min_size {self.pool_min_size} is larger than pool_max_size {self.pool_max_size}")
        each, sealer = 2 + self.authenticates, self.sealer_connections
        if self.pool_max_size < each * self.workers + sealer:
            raise ValueError(
                f"pool_max_size {self.pool_max_size} is too small for {self.workers} workers: each needs one connection"
                f" for writes and one for reads{', and one to hear of API keys' * self.authenticates}"
                f"{f'; the sealer needs {sealer}' * bool(sealer)}: {each * self.workers + sealer} in all"
            )
        return self

    @model_validator(mode="after")
    def _log_goes_to_complete_places(self) -> Settings:
        if self.log_s3_url is not None and not (self.log_s3_access_key and self.log_s3_secret_key):
            raise ValueError("log_s3_url needs log_s3_access_key and log_s3_secret_key")
        if self.log_webhook_url is not None and not self.log_webhook_secret:
            raise ValueError("log_webhook_url needs log_webhook_secret")
        if self.log_witnesses and not self.log_key:
            raise ValueError("log_witnesses needs log_key: a witness cosigns what the log has signed")
        return self

    @model_validator(mode="after")
    def _profile_is_known(self) -> Settings:
        known = self._profiles()
        if self.search_profile not in known:
            raise ValueError(f"search_profile {self.search_profile} is unknown; there are {', '.join(known)}")
        return self

    @property
    def owner_address(self) -> str:
        """Where tables are made and keys kept; "" where neither address is given."""
        address = self.database_owner_url or self.database_direct_url or self.database_url
        return address.get_secret_value() if address else ""

    @property
    def direct_address(self) -> str:
        """PostgreSQL itself, with no pooler in between; "" where no address is given."""
        address = self.database_direct_url or self.database_url
        return address.get_secret_value() if address else ""

    @property
    def log_targets(self) -> int:
        """To how many places the transparency log is published."""
        ones = (self.log_directory, self.log_s3_url, self.log_webhook_url)
        return sum(one is not None for one in ones) + len(self.log_witnesses)

    @property
    def sealer_connections(self) -> int:
        """Connections of the sealer: one to seal, and one to read what is published."""
        return int(self.sealing == "on") and 1 + bool(self.log_targets)

    @property
    def authenticates(self) -> bool:
        """Whether callers have to prove who they are."""
        return self.auth == "on" or (self.auth is None and bool(self.access_path or self.bootstrap_key))

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the API."""
        return bool(self.host) and is_local(self.host)

    @property
    def shows_pages(self) -> bool:
        """Whether the contract, Swagger UI and problem pages are for everybody."""
        return self.public_pages if self.public_pages is not None else self.on_loopback or not self.authenticates

    @property
    def search_weights(self) -> Weights:
        """The weights that search_profile names."""
        return self._profiles()[self.search_profile]

    def _profiles(self) -> dict[str, Weights]:
        if self.search_profiles_path is None:
            return dict(PROFILES)
        try:
            document = read_yaml(self.search_profiles_path)
            return {**msgspec.convert(document, dict[str, Weights]), **PROFILES}
        except FileError as error:
            raise ValueError(f"search_profiles_path {error}") from None
        except msgspec.ValidationError as error:
            raise ValueError(f"search_profiles_path {self.search_profiles_path}: {without_values(error)}") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the sources in their order of precedence."""
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, Environment(settings_cls), SecretFiles(settings_cls), YamlFile(settings_cls)


def load_settings(**overrides: Any) -> Settings:
    """The effective settings; `overrides` beat every other source.

    Raises SettingsError with one line for each problem.
    """
    unknown = unknown_variables(Settings.model_fields)
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        lines = [_line(one) for one in error.errors(include_input=False, include_url=False)]
        raise SettingsError("\n".join([*lines, *unknown])) from None
    if unknown:
        raise SettingsError("\n".join(unknown))
    return settings


def _line(error: Any) -> str:
    name = str(error["loc"][0]) if error["loc"] else "settings"
    if error["type"] == "extra_forbidden":
        return f"{name}: unknown setting" if _NAME.fullmatch(name) else "what is no name stands where one belongs"
    message = error["msg"].removeprefix("Value error, ")
    return f"{name} ({variable_of(name)}): {message}" if error["loc"] else message


def redacted(settings: Settings) -> dict[str, Any]:
    """The settings as plain values, without passwords and keys."""
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = _without_password(name, value.get_secret_value()) if name in ADDRESSES else "********"
        if isinstance(value, str):
            value = _LOGIN.sub("://********@", value)
        values[name] = str(value) if isinstance(value, Path) else value
    return values


def _without_password(name: str, address: str) -> str:
    from addresses import postgres as databases
    from addresses import queue as queues

    return queues.redacted(address) if name == "redis_url" else databases.redacted(address)
