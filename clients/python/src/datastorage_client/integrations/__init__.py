"""Audit events out of what programs do anyway: log records, calls and requests."""

from datastorage_client.integrations.asgi import AsgiAuditMiddleware
from datastorage_client.integrations.audited import AuditSpan, audit_span, audited
from datastorage_client.integrations.context import audit_context, current_context
from datastorage_client.integrations.http import Rule
from datastorage_client.integrations.logs import AuditHandler, AuditProcessor
from datastorage_client.integrations.wsgi import WsgiAuditMiddleware

__all__ = [
    "AsgiAuditMiddleware",
    "AuditHandler",
    "AuditProcessor",
    "AuditSpan",
    "Rule",
    "WsgiAuditMiddleware",
    "audit_context",
    "audit_span",
    "audited",
    "current_context",
]
