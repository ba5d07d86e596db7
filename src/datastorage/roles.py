"""The logins of the addresses: whether the service's own can do more than it should."""

from __future__ import annotations

from pydantic import SecretStr

from addresses import postgres
from repository.errors import RepositoryError
from repository.roles import excess_rights
from telemetry.logs import get_logger

__all__ = ["login_of", "warn_of_excess"]

_log = get_logger(__name__)


def login_of(address: SecretStr | None) -> str:
    """The login that an address names; "" where it names none."""
    return postgres.parameters(address.get_secret_value()).get("user", "") if address else ""


def warn_of_excess(address: str) -> None:
    """Say what the service's login could do to what is append-only: one address for everything gives that up."""
    try:
        excess = excess_rights(address)
    except RepositoryError:
        return  # it is away: there is a warning about that
    if excess:
        _log.warning(
            "the service's login can do more than write and read",
            could=excess,
            mend="give DATABASE_URL a login of its own, DATABASE_OWNER_URL the owner's; run `datastorage migrate`",
        )
