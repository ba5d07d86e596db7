"""What the contract says of each member of an audit event."""

from typing import Any

EVENT_RULES: dict[str, dict[str, Any]] = {
    "version": {"type": "string", "minLength": 1, "maxLength": 10, "required": True},
    "event_timestamp": {
        "type": "string",
        "format": "date-time",
        "pattern": "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9]",
        "required": True,
    },
    "event_category": {
        "type": "string",
        "enum": ["gateway", "notification", "analysis", "signalprocessing", "workflow", "execution", "orchestration"],
        "required": True,
    },
    "event_action": {"type": "string", "minLength": 1, "maxLength": 50, "required": True},
    "event_outcome": {"type": "string", "enum": ["success", "failure", "pending"], "required": True},
    "correlation_id": {"type": "string", "minLength": 1, "maxLength": 255, "required": True},
    "actor_type": {"type": "string", "maxLength": 50, "required": False},
    "actor_id": {"type": "string", "maxLength": 255, "required": False},
    "resource_type": {"type": "string", "maxLength": 50, "required": False},
    "resource_id": {"type": "string", "maxLength": 255, "required": False},
    "severity": {"type": "string", "maxLength": 20, "nullable": True, "required": False},
    "namespace": {"type": "string", "maxLength": 253, "nullable": True, "required": False},
    "cluster_name": {"type": "string", "maxLength": 255, "nullable": True, "required": False},
    "duration_ms": {"type": "integer", "minimum": 0, "maximum": 2147483647, "nullable": True, "required": False},
    "error_code": {"type": "string", "maxLength": 50, "nullable": True, "required": False},
    "error_message": {"type": "string", "maxLength": 4096, "nullable": True, "required": False},
    "parent_event_id": {"type": "string", "format": "uuid", "nullable": True, "required": False},
    "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$", "nullable": True, "required": False},
    "span_id": {"type": "string", "pattern": "^[0-9a-f]{16}$", "nullable": True, "required": False},
    "event_id": {"type": "string", "format": "uuid", "required": False},
    "event_type": {"type": "string", "minLength": 1, "maxLength": 100, "required": True},
    "event_data": {"type": "object", "required": True},
}
