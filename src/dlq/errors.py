"""Errors of the queue: one tree, the docstring is the default message, no driver text in it."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["QueueConflictError", "QueueError", "QueueFullError", "QueueUnavailableError", "QueueUnknownError"]


class QueueError(Exception):
    """The queue did not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").partition("\n")[0])


class QueueUnavailableError(QueueError):
    """Redis cannot take this now; nothing was queued."""


class QueueUnknownError(QueueError):
    """Redis was asked to do this and did not answer: it may be done."""


class QueueFullError(QueueError):
    """The queue holds as many entries as it may; nothing was queued and nothing was trimmed."""


class QueueConflictError(QueueError):
    """Records with these ids are queued with different content; nothing was queued."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        super().__init__()
