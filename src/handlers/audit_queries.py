"""Reads of the audit trail: pages, streams, single events, timelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from audit.cursors import Bookmark
from audit.query import InvalidQueryError, next_cursor, parse_query
from audit.timeline import entries_of, summarise
from contract.generated import operations as op
from contract.generated import responses
from handlers.dependencies import Dependencies
from handlers.exports import as_csv, as_ndjson
from handlers.grants import limited, readable
from repository.audit_queries import EventPage
from repository.errors import InvalidDataError
from repository.event_filters import EventFilter, EventQuery, Within
from repository.event_ids import generated_at
from web.messages import Response, json_response, link_to_next
from web.problems import Problem

__all__ = ["get_audit_event", "get_audit_event_receipt", "get_correlation_timeline", "query_audit_events"]

_STREAMS = {"application/x-ndjson": as_ndjson, "text/csv": as_csv}


async def query_audit_events(request: op.QueryAuditEvents, deps: Dependencies) -> op.QueryAuditEventsAnswer:
    """A page of the events that pass the filters, or all of them as a stream of lines."""
    query = parse_query(request.query, now=deps.audit_reads.clock(), cursors=deps.audit_reads.cursors)
    query = msgspec.structs.replace(query, where=limited(query.where, request.grant))
    with _readable_data():
        if request.media_type in _STREAMS:
            return await _stream(request, deps, query)
        page = await deps.audit_reads.queries.page(query)
    cursor = next_cursor(request.query, query, page, deps.audit_reads.cursors)
    pagination: responses.EventPagination = {
        "limit": query.limit,
        "offset": query.offset,
        "total": page.total.count if page.total else None,
        "total_relation": page.total.relation if page.total else None,
        "has_more": page.has_more,
        "next_cursor": cursor,
    }
    document: responses.AuditEventPage = {"data": page.events, "pagination": pagination}
    if warnings := _warnings(page, await deps.audit_reads.archived.warning(query.where.since, query.where.until)):
        document["warnings"] = warnings
    return json_response(document, headers=link_to_next(request, cursor))


def _warnings(page: EventPage, archived: Sequence[str]) -> list[str]:
    return [*archived, *(f"event {one} cannot be read and was left out" for one in page.left_out)]


async def get_audit_event(request: op.GetAuditEvent, deps: Dependencies) -> op.GetAuditEventAnswer:
    """One event."""
    event_id = UUID(str(request.path_params["event_id"]))
    event = await deps.audit_reads.queries.get(event_id, readable(request.grant))
    if event is None:
        raise Problem("not-found", f"there is no audit event {event_id}{await _archived(deps, event_id)}")
    return json_response(event)


async def _archived(deps: Dependencies, event_id: UUID) -> str:
    """Where else the event may be: in the month of its id's time, or in any where the id does not tell."""
    at = generated_at(event_id)
    told = await deps.audit_reads.archived.warning(at, at)
    return f"; {told[0]}" if told else ""


async def get_audit_event_receipt(
    request: op.GetAuditEventReceipt, deps: Dependencies
) -> op.GetAuditEventReceiptAnswer:
    """Where an event is: queued, stored, or a dead letter."""
    event_id = UUID(str(request.path_params["event_id"]))
    receipt = await deps.receipts.find(event_id, readable(request.grant, own=True))
    if receipt is None:
        raise Problem("not-found", f"no audit event {event_id} is stored or queued")
    return json_response(receipt)


async def get_correlation_timeline(
    request: op.GetCorrelationTimeline, deps: Dependencies
) -> op.GetCorrelationTimelineAnswer:
    """A correlation's events in the order in which they happened, with gaps, depths and, on page one, a summary."""
    correlation_id = str(request.path_params["correlation_id"])
    question = f"timeline:{correlation_id}"
    cursor = request.query.get("cursor")
    bookmark = deps.audit_reads.cursors.open(cursor, question) if cursor is not None else None
    query = EventQuery(
        where=limited(EventFilter(correlation_id=correlation_id), request.grant),
        descending=False,
        limit=request.query.get("limit", 500),
        after=bookmark.position if bookmark else None,
    )
    page, counts = await deps.audit_reads.queries.timeline(query)
    archived = await deps.audit_reads.archived.warning(None, None)
    if bookmark is None and not counts:
        detail = f"there is no audit event with the correlation_id {correlation_id!r}"
        raise Problem("not-found", "; ".join([detail, *archived]))
    summary = summarise(counts) if counts else None
    parents = await _parents(deps, page, query.where.within)
    entries = entries_of(page.events, parents, previous=bookmark.position.event_timestamp if bookmark else None)
    cursor = deps.audit_reads.cursors.seal(Bookmark(position=page.end), question) if page.has_more else None
    document: responses.Timeline = {
        "correlation_id": correlation_id,
        "summary": summary,
        "events": entries,
        "pagination": {"limit": query.limit, "has_more": page.has_more, "next_cursor": cursor},
    }
    if warnings := _warnings(page, archived):
        document["warnings"] = warnings
    return json_response(document, headers=link_to_next(request, cursor))


async def _parents(deps: Dependencies, page: EventPage, within: Within) -> Mapping[UUID, UUID | None]:
    links = {event.event_id: event.parent_event_id for event in page.events}
    outside = {
        (event.parent_event_id, event.parent_event_date)
        for event in page.events
        if event.parent_event_id and event.parent_event_date and event.parent_event_id not in links
    }
    return {**await deps.audit_reads.queries.parents(outside, within), **links} if outside else links


async def _stream(request: op.QueryAuditEvents, deps: Dependencies, query: EventQuery) -> op.QueryAuditEventsAnswer:
    # The contract's default limit is for pages; a stream ends where the client says or where the events end.
    asked = dict(parse_qsl(request.query_string, keep_blank_values=True))
    portions = deps.audit_reads.exports.run(query, limit=query.limit if "limit" in asked else None)
    # The first portion before the status is sent, so that an error of the query is answered as such.
    first = await anext(portions, None) or ()  # a tuple as the default is a SystemError of Python 3.11
    lines = _STREAMS[request.media_type](first, portions)
    return Response(status=200, body=lines, media_type=request.media_type)


@contextmanager
def _readable_data() -> Iterator[None]:
    """In a query only `data` can be refused by PostgreSQL itself."""
    try:
        yield
    except InvalidDataError:
        detail = "data holds what jsonb cannot hold: NUL, half a surrogate pair or a number out of range"
        raise InvalidQueryError([("data", detail)]) from None
