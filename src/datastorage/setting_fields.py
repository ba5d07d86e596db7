"""What can be set: each setting with its type, default, unit and meaning. Rules between them are in settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.generated.requests import EventCategory

__all__ = ["SettingFields"]

Seconds = Annotated[float, Field(gt=0)]
SecondsOrZero = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


def _switch(value: Any) -> Any:
    """YAML takes a bare on or off for a boolean."""
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower(), value.lower())
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _path(value: Any) -> Any:
    """Refuses what is the content of a file: nobody is to see it."""
    if isinstance(value, str) and ("\n" in value or "-----BEGIN" in value):
        raise ValueError("the path of a file is expected, not its content")
    return value


def _days_by_name(value: Any) -> Any:
    """`a=1,b=2` as a mapping; what is neither is left to the type."""
    if not isinstance(value, str):
        return value
    return dict(part.partition("=")[::2] for part in value.replace(" ", "").split(",") if part)


FilePath = Annotated[Path, BeforeValidator(_path)]


class SettingFields(BaseSettings):
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
    reads_max: Count = Field(
        400, description="Reads in hand at once, all workers together; more wait their turn, then are 503."
    )
    writes_max: Count = Field(
        256, description="Writes in hand at once, all workers together; more wait their turn, then are 503."
    )
    bodies_max_bytes: Count = Field(
        256 * 1024 * 1024, description="Bytes of request bodies in hand at once, all workers together; more are 503."
    )

    # Who may do what
    auth: Annotated[Literal["on", "off"] | None, BeforeValidator(_switch)] = Field(
        None,
        description="on, or off: everybody may do everything. Without it on if access_path or bootstrap_key is given, "
        "else off, and only on loopback.",
    )
    access_path: FilePath | None = Field(
        None, description="YAML file of token issuers and of what subjects may do; docs/security.md shows its form."
    )
    bootstrap_key: SecretStr | None = Field(
        None, description="An API key with every scope, ds_<id>_<secret>, for an installation that has no other yet."
    )
    auth_failures: Count = Field(
        100,
        description="Authentications that may fail at once from one address; then one each second, the rest is 429.",
    )
    tls_cert: FilePath | None = Field(
        None, description="PEM file with the API's certificate and its chain; read again on change."
    )
    tls_key: FilePath | None = Field(None, description="PEM file with the certificate's private key.")
    tls_client_ca: FilePath | None = Field(
        None,
        description="PEM file with CAs; clients must show a certificate of one, and may be known by its common name.",
    )
    public_pages: bool | None = Field(
        None,
        description="Show the contract, Swagger UI and problem pages to everybody; if not said, on loopback only where "
        "authentication is on.",
    )

    # Its stores; passwords come before the addresses that they complete
    database_password: SecretStr | None = Field(
        None, description="Password for database_url, database_read_url and database_direct_url, where they have none."
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
    database_direct_url: SecretStr | None = Field(
        None,
        description="PostgreSQL itself, where database_url and database_read_url lead to a pooler in transaction mode "
        "(PgBouncer): for LISTEN, the sealer's lock and making months.",
    )
    database_owner_url: SecretStr | None = Field(
        None,
        description="PostgreSQL as the owner of the tables, for `migrate` and `keys`; database_url if absent.",
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey, redis://host:port/number, rediss:// for TLS, unix://path."
    )
    startup_timeout: Seconds = Field(10, description="Seconds that `serve` waits at start for one store to answer.")
    pool_min_size: Count = Field(5, description="Connections kept open, all workers together.")
    pool_max_size: Count = Field(25, description="Connections at the most, all workers and the sealer together.")
    pool_timeout: Seconds = Field(5, description="Seconds that a read waits for a connection.")
    export_timeout: Seconds = Field(1800, description="Seconds that one export may take altogether.")
    export_least_rate: Count = Field(
        131072, description="Bytes a second at which an export must be read, after ten seconds of patience."
    )
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
    redis_replicas: int = Field(
        0, ge=0, description="Replicas of Redis that must have a record before it is answered 202 (WAIT)."
    )

    # Partitions
    partition_months_ahead: Count = Field(3, description="Months kept ready after the current one.")
    partition_interval: Seconds = Field(6 * 3600, description="Seconds between two rounds of partition upkeep.")

    # Retention
    retention_months: int | None = Field(
        None,
        ge=2,
        description="Months before this one that stay; older ones are archived and detached. All, if absent.",
    )
    archive_directory: Path | None = Field(
        None, description="Directory for archives of months; retention_months needs one that all instances share."
    )
    retention_drop: bool = Field(
        False, description="With retention_months: drop archived months whose longest retention_days has ended."
    )

    retention_categories: Annotated[dict[EventCategory, Count], BeforeValidator(_days_by_name)] = Field(
        {},
        description="Days for which events of a category are kept at the least, beside their own retention_days: "
        "`analysis=3650,gateway=90`.",
    )
    hold_second_person: bool = Field(
        False, description="A legal hold that is placed now is released by somebody else than who placed it."
    )

    # The workflow catalog
    search_profile: str = Field("v1", description="Name of the weights with which searches score.")
    search_profiles_path: FilePath | None = Field(
        None, description="YAML file with more weights by name; docs/workflows.md shows its form."
    )

    # The console
    console_enabled: bool = Field(True, description="Serve the operator console at /console.")
    console_secret: SecretStr | None = Field(
        None, description="Key that signs the console's sessions; the same in all instances. Random at start if absent."
    )
    console_url: str = Field(
        "",
        description="Where browsers reach the console, https://audit.example.com; if absent, where they say they do.",
    )
    console_oidc_issuer: str | None = Field(
        None,
        description="OpenID Connect provider at which the console signs readers in; also an issuer in access_path.",
    )
    console_oidc_client_id: str | None = Field(None, description="The console's name at that provider.")
    console_oidc_client_secret: SecretStr | None = Field(
        None, description="Its secret there; a public client has none."
    )
    console_oidc_scope: str = Field("openid", description="Scopes that are asked of the provider.")
    console_oidc_ca_file: FilePath | None = Field(
        None, description="PEM file with the CA of the provider's certificate, where it is not a public one."
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
    log_directory: FilePath | None = Field(None, description="Directory to which tiles and checkpoints are published.")
    log_s3_url: str | None = Field(
        None, description="s3://BUCKET/PREFIX to which tiles and checkpoints are published. Needs the extra `s3`."
    )
    log_s3_endpoint: str = Field(
        "", description="Address of the object store, https://host:port; that of AWS if absent."
    )
    log_s3_region: str = Field("us-east-1", description="Region of the bucket.")
    log_s3_access_key: SecretStr | None = Field(None, description="Name of the key for the object store.")
    log_s3_secret_key: SecretStr | None = Field(None, description="The key for the object store.")
    log_s3_retention_days: int | None = Field(
        None,
        ge=1,
        description="Days for which checkpoints and full tiles are locked (object lock, COMPLIANCE); the bucket's own "
        "rule if absent.",
    )
    log_webhook_url: SecretStr | None = Field(None, description="Address to which each checkpoint is posted.")
    log_webhook_secret: SecretStr | None = Field(
        None, description="Key with which such posts are signed (Standard Webhooks)."
    )
    log_witnesses: tuple[str, ...] = Field(
        (), description="Witnesses that cosign checkpoints (C2SP tlog-witness): `KEY ADDRESS`, several with commas."
    )
    log_ca_file: FilePath | None = Field(
        None, description="PEM file with the CA of these places' certificates, where it is not a public one."
    )

    # Traces
    traces_endpoint: str | None = Field(
        None,
        description="OTLP/HTTP address that spans go to, http://collector:4318/v1/traces; none are made without it. "
        "Needs the extra `traces`.",
    )
    traces_sample: float = Field(
        0.05, ge=0, le=1, description="Share of the requests that are traced where the caller sends no traceparent."
    )

    # Logs
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe level logged.")
    access_log_sample: float = Field(0.01, ge=0, le=1, description="Share of the successful requests that are logged.")
    log_format: Literal["json", "console"] = Field("json", description="JSON lines, or lines for a person.")
