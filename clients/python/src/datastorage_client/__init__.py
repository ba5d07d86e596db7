"""Client of the Data Storage API: typed calls, and audit stores that take events without waiting."""

from datastorage_client.async_client import AsyncClient
from datastorage_client.buffered import AsyncBufferedAuditStore, BufferedAuditStore, StoreSettings
from datastorage_client.client import Client
from datastorage_client.errors import (
    BufferFullError,
    ConflictError,
    DataStorageError,
    InvalidEventError,
    NoAnswerError,
    NotFoundError,
    OutcomeUnknownError,
    ProblemError,
    ServiceUnavailableError,
    ValidationError,
)

__all__ = [
    "AsyncBufferedAuditStore",
    "AsyncClient",
    "BufferFullError",
    "BufferedAuditStore",
    "Client",
    "ConflictError",
    "DataStorageError",
    "InvalidEventError",
    "NoAnswerError",
    "NotFoundError",
    "OutcomeUnknownError",
    "ProblemError",
    "ServiceUnavailableError",
    "StoreSettings",
    "ValidationError",
    "__version__",
]

__version__ = "1.0.0"
