"""Where the key of cursors comes from when no operator names one."""

from __future__ import annotations

import asyncio

from audit.cursors import Cursors
from repository.errors import RepositoryError
from repository.secrets import Secrets
from telemetry.logs import get_logger

__all__ = ["CursorKey"]

_log = get_logger(__name__)
_NAME = "cursors"
#: Seconds between two tries.
_RETRY = 1.0


class CursorKey:
    """Gives `cursors` the key that the database keeps, which all instances share."""

    def __init__(self, cursors: Cursors, secrets: Secrets) -> None:
        self._cursors = cursors
        self._secrets = secrets

    async def run(self) -> None:
        """Ask until there is an answer. Until then nobody can page: that takes PostgreSQL anyway."""
        while not self._cursors.has_key:
            try:
                if key := await self._secrets.read(_NAME):
                    self._cursors.use(key)
                    return
                _log.error("there is no key for cursors in the table service_secrets: run `datastorage migrate`")
            except RepositoryError as error:
                _log.info("the key of cursors cannot be read yet", cause=type(error).__name__)
            await asyncio.sleep(_RETRY)
