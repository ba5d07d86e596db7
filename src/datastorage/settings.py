"""The service's settings: environment over the YAML file that CONFIG_PATH names over defaults.

Every setting is read from DATASTORAGE_<NAME>; the three addresses from DATABASE_URL, DATABASE_READ_URL and REDIS_URL.
Each variable may end in _FILE instead: then it holds the path of a file with the value (Docker, Kubernetes secrets).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from access.errors import InvalidCredentialsError
from access.keys import parse
from addresses.loopback import is_local
from catalog.scoring import PROFILES, Weights

__all__ = ["ADDRESSES", "PASSWORDS", "PREFIX", "Settings", "SettingsError", "load_settings", "redacted"]

PREFIX = "DATASTORAGE_"
#: Settings whose variables carry no prefix: every operator knows them by these names.
ADDRESSES = ("database_url", "database_read_url", "database_owner_url", "redis_url")
#: Passwords that may come apart from their addresses; their variables carry no prefix either.
PASSWORDS = ("database_password", "database_owner_password", "redis_password")
_NOT_SETTINGS = ("DATASTORAGE_TEST_", "DATASTORAGE_TOKEN")

Seconds = Annotated[float, Field(gt=0)]
SecondsOrZero = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


def _switch(value: Any) -> Any:
    """YAML takes a bare on or off for a boolean."""
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower(), value.lower())
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


class SettingsError(Exception):
    """The settings cannot be used; the message lists everything that is wrong."""


class _SecretFiles(PydanticBaseSettingsSource):
    """Values from the files that the <VARIABLE>_FILE variables name; a trailing newline is not part of the value."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        path = os.environ.get(variable_of(field_name) + "_FILE")
        return (Path(path).read_text(encoding="utf-8").rstrip("\r\n") if path else None, field_name, False)

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class _Environment(PydanticBaseSettingsSource):
    """Values from the variables themselves; an empty variable counts as absent."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        return os.environ.get(variable_of(field_name)) or None, field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class _YamlFile(PydanticBaseSettingsSource):
    """Values from the YAML file that CONFIG_PATH names; its keys are the settings' names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        raise NotImplementedError

    def __call__(self) -> dict[str, Any]:
        path = os.environ.get("CONFIG_PATH")
        if not path:
            return {}
        document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        if document is None:
            return {}
        if not isinstance(document, dict):
            raise SettingsError(f"{path}: a mapping of setting names to values is expected")
        return document


class Settings(BaseSettings):
    """All settings, with their units in their descriptions. Unknown keys are refused."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    # Where it listens
    host: str = Field(  # the default holds where it is said who may do what; see _loopback_by_default
        "0.0.0.0",  # noqa: S104
        description="Address to listen on; 127.0.0.1 as long as nothing is said about authentication.",
    )
    port: int = Field(8080, ge=1, le=65535, description="TCP port of the API.")
    workers: Count = Field(2, description="Worker processes of `serve`.")
    allowed_hosts: tuple[str, ...] = Field(
        (),
        description="Names of the service beside local ones, comma-separated; `.example.com` with subdomains, `*` any.",
    )
    connections_max: Count = Field(2000, description="Connections open at once, all workers together.")
    headers_timeout: Seconds = Field(10, description="Seconds in which the headers of a request must arrive.")
    body_timeout: Seconds = Field(30, description="Seconds in which a body must arrive; longer at 16 KiB/s or more.")
    reads_max: Count = Field(400, description="Reads in hand at once, all workers together; more are 503.")
    writes_max: Count = Field(1200, description="Writes in hand at once, all workers together; more are 503.")
    bodies_max_bytes: Count = Field(
        256 * 1024 * 1024, description="Bytes of request bodies in hand at once, all workers together; more are 503."
    )

    # Who may do what
    auth: Annotated[Literal["on", "off"] | None, BeforeValidator(_switch)] = Field(
        None,
        description="on, or off: everybody may do everything. Without it on if access_path or bootstrap_key is given, "
        "else off, and only on loopback.",
    )
    access_path: Path | None = Field(
        None, description="YAML file of token issuers and of what subjects may do; docs/security.md shows its form."
    )
    bootstrap_key: SecretStr | None = Field(
        None, description="An API key with every scope, ds_<id>_<secret>, for an installation that has no other yet."
    )
    auth_failures: Count = Field(
        100,
        description="Authentications that may fail at once from one address; then one each second, the rest is 429.",
    )
    tls_cert: Path | None = Field(
        None, description="PEM file with the API's certificate and its chain; read again on change."
    )
    tls_key: Path | None = Field(None, description="PEM file with the certificate's private key.")
    tls_client_ca: Path | None = Field(
        None,
        description="PEM file with CAs; clients must show a certificate of one, and may be known by its common name.",
    )
    public_pages: bool = Field(True, description="Show the contract, Swagger UI and problem pages to everybody.")

    # Its stores; passwords come before the addresses that they complete
    database_password: SecretStr | None = Field(
        None, description="Password for database_url and database_read_url, where they have none."
    )
    database_owner_password: SecretStr | None = Field(
        None, description="Password for database_owner_url, where it has none."
    )
    redis_password: SecretStr | None = Field(None, description="Password for redis_url, where it has none.")
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL, postgresql://user:password@host:port/name or any other form that libpq takes. "
        "Of several hosts the one that takes writes is used.",
    )
    database_read_url: SecretStr | None = Field(None, description="A standby for reads; the primary is the fallback.")
    database_owner_url: SecretStr | None = Field(
        None,
        description="PostgreSQL as the owner of the tables, for `migrate` and `keys`; database_url if absent.",
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey, redis://host:port/number, rediss:// for TLS, unix://path."
    )
    startup_timeout: Seconds = Field(10, description="Seconds that `serve` waits at start for one store to answer.")
    pool_min_size: Count = Field(5, description="Connections kept open, all workers together.")
    pool_max_size: Count = Field(25, description="Connections at the most, all workers together.")
    pool_timeout: Seconds = Field(5, description="Seconds that a read waits for a connection.")
    write_pool_timeout: Seconds = Field(0.8, description="Seconds that a write waits for a connection.")
    connect_timeout: Seconds = Field(2, description="Seconds to establish a connection.")
    write_statement_timeout: Seconds = Field(5, description="Seconds that a writing statement may take.")
    read_statement_timeout: Seconds = Field(10, description="Seconds that a query may take.")
    lock_timeout: Seconds = Field(0.4, description="Seconds that a write waits for a lock.")

    # What it accepts
    body_max_bytes: Count = Field(5 * 1024 * 1024, description="Largest request body in bytes, after decompression.")
    url_max_bytes: Count = Field(8192, description="Longest request target in bytes.")
    batch_max_events: int = Field(1000, ge=1, le=1000, description="Events in one batch at the most.")
    event_data_max_bytes: Count = Field(
        256 * 1024, description="Size of one event_data as JSON text, its numbers written out, in bytes."
    )
    event_data_max_depth: Count = Field(32, description="Nesting depth of one event_data.")
    event_data_max_members: Count = Field(10_000, description="Members and items of one event_data, at all depths.")
    event_max_age: Seconds = Field(7 * 86400, description="Oldest event_timestamp, in seconds before now.")
    event_max_future: SecondsOrZero = Field(300, description="Latest event_timestamp, in seconds after now.")
    problem_base_url: str = Field("https://kubernaut.ai/problems", description="Start of every problem's `type`.")
    cursor_secret: SecretStr | None = Field(
        None,
        description="Key that signs cursors; the same in all instances. If absent, one that the database keeps.",
    )

    # The write path
    commit_group_max_rows: Count = Field(4000, description="Rows in one transaction at the most.")
    commit_queue_max_rows: Count = Field(20000, description="Rows waiting for a commit before requests wait in turn.")

    commit_queue_max_bytes: Count = Field(
        64 * 1024 * 1024, description="Bytes of records waiting for a commit before requests wait in turn."
    )
    slow_write: Seconds = Field(0.3, description="Seconds without an answer after which a write has PostgreSQL probed.")
    write_deadline: Seconds = Field(
        1.0, description="Seconds after which a write's connection is discarded; each 1,000 rows get as many more."
    )
    probe_interval: Seconds = Field(0.25, description="Seconds between probes of a PostgreSQL that is down.")

    # The queue
    dlq_max_len: Count = Field(1000, description="Entries that a queue takes before it answers 503.")
    dlq_replay_batch: Count = Field(500, description="Entries that a replay worker commits at once.")
    dlq_backoff: tuple[Seconds, ...] = Field(
        (60, 300, 900, 3600, 14400, 86400),
        min_length=1,
        description="Seconds until an entry that failed alone is tried again; after the last try it is a dead letter.",
    )
    dlq_claim_idle: Seconds = Field(30, description="Seconds after which a silent worker's entries are taken over.")
    redis_timeout: Seconds = Field(0.5, description="Seconds that a command to Redis may take.")

    # Partitions
    partition_months_ahead: Count = Field(3, description="Months kept ready after the current one.")
    partition_interval: Seconds = Field(6 * 3600, description="Seconds between two rounds of partition upkeep.")

    # The workflow catalog
    search_profile: str = Field("v1", description="Name of the weights with which searches score.")
    search_profiles_path: Path | None = Field(
        None, description="YAML file with more weights by name; docs/workflows.md shows its form."
    )

    # The console
    console_enabled: bool = Field(True, description="Serve the operator console at /console.")
    console_secret: SecretStr | None = Field(
        None, description="Key that signs the console's sessions; the same in all instances. Random at start if absent."
    )

    # Shutdown
    shutdown_drain: SecondsOrZero = Field(5, description="Seconds in which readiness says 503 and requests still pass.")
    shutdown_requests: SecondsOrZero = Field(30, description="Seconds that requests in flight get to finish.")
    shutdown_flush: SecondsOrZero = Field(10, description="Seconds to flush writes and hand over queued entries.")

    # The transparency log
    sealing: Literal["on", "off"] = Field(
        "on", description="Seal events into the transparency log, in a process beside the workers."
    )
    seal_interval: Seconds = Field(0.25, description="Seconds between two rounds of the sealer when little is written.")
    log_key: SecretStr | None = Field(
        None, description="Key that signs checkpoints (`datastorage log keygen`); several, one a line, all sign."
    )
    log_origin: str = Field("", description="Name of the log in its checkpoints; the name of log_key if absent.")
    log_directory: Path | None = Field(None, description="Directory to which tiles and checkpoints are published.")

    # Logs
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe level logged.")
    access_log_sample: float = Field(0.01, ge=0, le=1, description="Share of the successful requests that are logged.")
    log_format: Literal["json", "console"] = Field("json", description="JSON lines, or lines for a person.")

    @field_validator("database_url", "database_read_url", "database_owner_url")
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

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _tls_is_complete(self) -> Settings:
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together: give both, or neither")
        if self.tls_client_ca is not None and self.tls_cert is None:
            raise ValueError("tls_client_ca needs tls_cert and tls_key")
        return self

    @model_validator(mode="after")
    def _pool_sizes_fit(self) -> Settings:
        if self.pool_min_size > self.pool_max_size:
            raise ValueError(f"pool_min_size {self.pool_min_size} is larger than pool_max_size {self.pool_max_size}")
        if self.pool_max_size < 2 * self.workers:
            raise ValueError(
                f"pool_max_size {self.pool_max_size} is too small for {self.workers} workers: each needs one connection"
                f" for writes and one for reads, {2 * self.workers} in all"
            )
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
        address = self.database_owner_url or self.database_url
        return address.get_secret_value() if address else ""

    @property
    def authenticates(self) -> bool:
        """Whether callers have to prove who they are."""
        return self.auth == "on" or (self.auth is None and bool(self.access_path or self.bootstrap_key))

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the API."""
        return bool(self.host) and is_local(self.host)

    @property
    def search_weights(self) -> Weights:
        """The weights that search_profile names."""
        return self._profiles()[self.search_profile]

    def _profiles(self) -> dict[str, Weights]:
        if self.search_profiles_path is None:
            return dict(PROFILES)
        document = yaml.safe_load(self.search_profiles_path.read_text(encoding="utf-8"))
        try:
            return {**msgspec.convert(document, dict[str, Weights]), **PROFILES}
        except msgspec.ValidationError as error:
            raise ValueError(f"search_profiles_path {self.search_profiles_path}: {error}") from None

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
        return init_settings, _Environment(settings_cls), _SecretFiles(settings_cls), _YamlFile(settings_cls)


def variable_of(name: str) -> str:
    """The environment variable of the setting `name`."""
    return name.upper() if name in ADDRESSES + PASSWORDS else PREFIX + name.upper()


def load_settings(**overrides: Any) -> Settings:
    """The effective settings; `overrides` beat every other source.

    Raises SettingsError with one line for each problem.
    """
    unknown = _unknown_variables()
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join([*map(_line, error.errors()), *unknown])) from None
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"cannot read the settings: {error}") from None
    if unknown:
        raise SettingsError("\n".join(unknown))
    return settings


def _line(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"]) or "settings"
    if error["type"] == "extra_forbidden":
        return f"{name}: unknown setting"
    message = error["msg"].removeprefix("Value error, ")
    return f"{name} ({variable_of(name)}): {message}" if error["loc"] else message


def _unknown_variables() -> list[str]:
    known = {variable_of(name) for name in Settings.model_fields}
    return [
        f"{variable}: unknown setting"
        for variable in sorted(os.environ)
        if variable.startswith(PREFIX)
        and not variable.startswith(_NOT_SETTINGS)
        and variable.removesuffix("_FILE") not in known
    ]


def redacted(settings: Settings) -> dict[str, Any]:
    """The settings as plain values, without passwords and keys."""
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = _without_password(name, value.get_secret_value()) if name in ADDRESSES else "********"
        values[name] = value
    return values


def _without_password(name: str, address: str) -> str:
    from addresses import postgres as databases
    from addresses import queue as queues

    return queues.redacted(address) if name == "redis_url" else databases.redacted(address)
