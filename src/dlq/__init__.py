"""The queue in Redis Streams: what PostgreSQL cannot take now, its replay, and its dead letters.

Payloads are opaque bytes; who stores them is passed in. No PostgreSQL and no HTTP here.
"""

from dlq.alarms import AlarmLevel, alarm_level
from dlq.client import blocking_client, command_client
from dlq.dead_letters import DeadLetter, DeadLetters, RequeueOutcome
from dlq.durability import durability_deficits
from dlq.errors import QueueConflictError, QueueError, QueueFullError, QueueUnavailableError, QueueUnknownError
from dlq.queue import Queue
from dlq.records import (
    EVENTS,
    NOTIFICATIONS,
    Adopt,
    Adoptable,
    Disposition,
    DispositionKind,
    Entry,
    Item,
    Located,
    QueueName,
    QueueNames,
    QueueState,
    Sink,
)
from dlq.worker import ReplayWorker, WorkerSettings, consumer_name

__all__ = [
    "EVENTS",
    "NOTIFICATIONS",
    "Adopt",
    "Adoptable",
    "AlarmLevel",
    "DeadLetter",
    "DeadLetters",
    "Disposition",
    "DispositionKind",
    "Entry",
    "Item",
    "Located",
    "Queue",
    "QueueConflictError",
    "QueueError",
    "QueueFullError",
    "QueueName",
    "QueueNames",
    "QueueState",
    "QueueUnavailableError",
    "QueueUnknownError",
    "ReplayWorker",
    "RequeueOutcome",
    "Sink",
    "WorkerSettings",
    "alarm_level",
    "blocking_client",
    "command_client",
    "consumer_name",
    "durability_deficits",
]
