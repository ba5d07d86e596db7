"""The queues and their dead letters: what waits, what gave up, and what to do about it."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, g, redirect, render_template, request, url_for

from console.api import ApiError, path_of
from console.charts import LineChart, line
from console.pages.overview import services
from console.payload import MOST_LINES, lines_of, pretty

__all__ = ["blueprint"]

blueprint = Blueprint("queue", __name__)

_LETTERS = "/api/v1/dlq/dead-letters"
_LETTER = "/api/v1/dlq/dead-letters/{}"
_PAGE = 50
_DONE = {
    "replayed": "The dead letter is back in its queue. Its record appears in the audit trail once it is stored.",
    "discarded": "The dead letter is discarded. The audit trail tells by whom and why.",
}


@blueprint.get("/queue")
def page() -> str:
    """Queues and a page of dead letters; with htmx only the queues."""
    state, letters = g.ask.together(
        ("/api/v1/dlq", {}), (_LETTERS, {"limit": _PAGE, "cursor": request.args.get("cursor", "")})
    )
    streams = state.problem.get("streams", [])
    whole = "HX-Request" not in request.headers
    return render_template(
        "queue.html" if whole else "parts/queues.html",
        state=state,
        streams=streams,
        charts={stream["name"]: _charts(stream["name"]) for stream in streams},
        answer=letters,
        letters=letters.problem.get("data", []),
        following=letters.problem.get("pagination", {}).get("next_cursor"),
        done=_DONE.get(request.args.get("done", ""), ""),
        replayed=request.args.get("replayed", ""),
        left=request.args.get("left", ""),
    )


@blueprint.get("/queue/dead-letters/<letter_id>")
def letter(letter_id: str) -> Any:
    """One dead letter with its record."""
    answer = g.ask.get(path_of(_LETTER, letter_id))
    record = bytes(answer.read(dict[str, msgspec.Raw])["record"])
    lines = lines_of(record)
    return render_template(
        "dead_letter.html",
        letter=answer.problem,
        lines=lines if len(lines) <= MOST_LINES else None,
        text=pretty(record) if len(lines) > MOST_LINES else "",
        payload=record.decode("utf-8", "replace"),
        refused=None,
        reason="",
    )


@blueprint.post("/queue/dead-letters/<letter_id>/replay")
def replay(letter_id: str) -> Any:
    """Put one back into its queue."""
    answer = g.ask.send("POST", path_of(_LETTER + "/replay", letter_id))
    if not answer.ok:
        raise ApiError(answer)
    return redirect(url_for("queue.page", done="replayed"), 303)


@blueprint.post("/queue/dead-letters/<letter_id>/discard")
def discard(letter_id: str) -> Any:
    """Delete one for good, with a reason."""
    reason = request.form.get("reason", "").strip()
    answer = g.ask.send("DELETE", path_of(_LETTER, letter_id), query={"reason": reason})
    if not answer.ok:
        raise ApiError(answer)
    return redirect(url_for("queue.page", done="discarded"), 303)


@blueprint.post("/queue/replay-all")
def replay_all() -> Any:
    """Put back many, oldest first."""
    answer = g.ask.send("POST", _LETTERS + "/replay", query={"limit": 100})
    if not answer.ok:
        raise ApiError(answer)
    done = answer.problem
    left = ", ".join(f"{count} {reason}" for reason, count in done["left"].items())
    return redirect(url_for("queue.page", replayed=done["replayed"], left=left), 303)


def _charts(queue: str) -> dict[str, LineChart]:
    samples = services().history.of(queue)
    if len(samples) < 2:  # noqa: PLR2004 - a line has two ends
        return {}
    return {
        "Entries": line([(sample.at, float(sample.depth)) for sample in samples], least_top=10),
        "Oldest entry, seconds": line([(sample.at, sample.age) for sample in samples], least_top=10),
    }
