"""Audit stores that take events without waiting and deliver them in the background, each exactly once."""

from datastorage_client.buffered.async_store import AsyncBufferedAuditStore
from datastorage_client.buffered.core import Stats
from datastorage_client.buffered.encoding import Event
from datastorage_client.buffered.settings import StoreSettings, WhenFull
from datastorage_client.buffered.store import BufferedAuditStore

__all__ = ["AsyncBufferedAuditStore", "BufferedAuditStore", "Event", "Stats", "StoreSettings", "WhenFull"]
