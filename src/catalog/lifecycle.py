"""The life of a workflow version, and what may change about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from catalog.errors import ImmutableFieldError, TransitionError
from repository.workflows import Workflow

__all__ = ["STATUSES", "changed", "next_statuses", "require_changeable"]

STATUSES = ("active", "disabled", "deprecated", "archived")
_STEPS: Mapping[str, frozenset[str]] = {
    "active": frozenset(("disabled", "deprecated")),
    "disabled": frozenset(("active", "deprecated")),
    "deprecated": frozenset(("archived", "active")),
    "archived": frozenset(),
}
_CHANGEABLE = ("status", "status_reason", "disabled_by", "disabled_reason", "deprecation_notice", "updated_by")


def next_statuses(status: str) -> tuple[str, ...]:
    """The statuses that a version may take next, in the order of STATUSES."""
    return tuple(one for one in STATUSES if one in _STEPS[status])


def require_changeable(change: Mapping[str, Any]) -> None:
    """Raises ImmutableFieldError where `change` has members that never change."""
    if fixed := sorted(set(change) - set(_CHANGEABLE)):
        raise ImmutableFieldError(fixed)


def changed(workflow: Workflow, change: Mapping[str, Any], now: datetime) -> Workflow:
    """The workflow as `change` makes it; the same object where nothing changes.

    Raises TransitionError.
    """
    status = change.get("status", workflow.status)
    if status != workflow.status and status not in _STEPS[workflow.status]:
        raise TransitionError(workflow.status, status, _STEPS[workflow.status])
    members = {name: value for name, value in change.items() if getattr(workflow, name) != value}
    if status == "disabled" != workflow.status:
        members["disabled_at"] = now
    elif status == "active" != workflow.status:
        members |= {"disabled_at": None, "disabled_by": None, "disabled_reason": None, "deprecation_notice": None}
    return msgspec.structs.replace(workflow, **members) if members else workflow
