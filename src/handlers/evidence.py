"""The transparency log: its checkpoint, its tiles, and proofs."""

from __future__ import annotations

from base64 import b64encode
from typing import Never
from uuid import UUID

from contract.generated import operations as op
from evidence.tiles import parse_path
from handlers.dependencies import Dependencies
from handlers.grants import readable
from web.messages import Response, json_response
from web.problems import Problem

__all__ = ["get_audit_event_proof", "get_log", "get_log_checkpoint", "get_log_tile"]

_TEXT = "text/plain"
#: A year: tiles never change.
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
#: A checkpoint is of now.
_BRIEFLY = {"Cache-Control": "no-cache"}


async def get_log(_request: op.GetLog, deps: Dependencies) -> op.GetLogAnswer:
    """How far the log is."""
    state = await deps.log.state()
    tree = state.tree
    return json_response(
        {
            "origin": state.origin,
            "size": tree.size if tree else 0,
            "root": b64encode(tree.root).decode() if tree else None,
            "sealed_at": tree.sealed_at if tree else None,
            "pending": state.pending.events,
            "pending_since": state.pending.oldest,
            "keys": state.keys,
        }
    )


async def get_log_checkpoint(_request: op.GetLogCheckpoint, deps: Dependencies) -> op.GetLogCheckpointAnswer:
    """The newest checkpoint, as a signed note."""
    _, note = await deps.log.checkpoint()
    return _text(note)


async def get_log_tile(request: op.GetLogTile, deps: Dependencies) -> op.GetLogTileAnswer:
    """A tile, or a bundle of entries."""
    name = f"tile/{request.path_params['tile']}"
    tile = parse_path(name)
    data = await deps.log.tile(tile) if tile else None
    if data is None:
        raise Problem("not-found", f"the log has no {name}")
    return Response(status=200, body=data, media_type="application/octet-stream", headers=_FOR_EVER)


async def get_audit_event_proof(request: op.GetAuditEventProof, deps: Dependencies) -> op.GetAuditEventProofAnswer:
    """The proof that an event is in the log."""
    event_id = UUID(str(request.path_params["event_id"]))
    event = await deps.audit_reads.queries.get(event_id, readable(request.grant))
    if event is None:
        raise Problem("not-found", f"there is no audit event {event_id}")
    proof = await deps.log.prove(event)
    if proof is None:
        raise Problem("not-found", f"the audit event {event_id} is stored and not sealed yet: ask again in a second")
    if request.media_type == _TEXT:
        return _text(proof.text)
    return json_response(
        {
            "event_id": event_id,
            "entry": b64encode(proof.entry).decode(),
            "leaf_index": proof.leaf,
            "hashes": [b64encode(hash_).decode() for hash_ in proof.path],
            "checkpoint": proof.note,
        },
        headers=_BRIEFLY,
    )


def _text(text: str) -> Response[Never]:
    return Response(status=200, body=text.encode(), media_type=f"{_TEXT}; charset=utf-8", headers=_BRIEFLY)
