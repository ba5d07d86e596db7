"""Label search: candidates, scores, order, and the event that tells of it."""

from __future__ import annotations

import hashlib
import heapq
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from catalog.live import LiveCatalog
from catalog.notes import Notes
from catalog.scoring import FULL, MANDATORY, Line, Question, Score, Scorer, Weights
from catalog.snapshot import Entry, Snapshot
from telemetry.metrics import CATALOG_SEARCH_DURATION, CATALOG_SEARCH_RESULTS

__all__ = ["Found", "Result", "Search", "Wanted"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A search as it was asked. filters: the request's own, for the answer and the event."""

    question: Question
    statuses: frozenset[str]
    top_k: int
    min_score: float
    remediation_id: str
    filters: Mapping[str, Any]


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One workflow that was found."""

    workflow_id: UUID
    workflow_name: str
    workflow_version: str
    title: str
    description: str
    signal_type: str
    confidence: float
    final_score: float
    label_boost: float
    label_penalty: float
    rank: int
    detected_labels: Mapping[str, Any]
    score_breakdown: Sequence[Line]
    custom_labels: Mapping[str, Sequence[str]] = {}
    container_image: str | None = None
    container_digest: str | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a search found: the best ones, how many matched, and the filters as they were asked.

    warnings: what it could not look at.
    """

    workflows: Sequence[Result]
    total_results: int
    weights: str
    filters: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


class Search:
    """Searches the live catalog. profile: the name of the weights, which every answer tells."""

    def __init__(self, catalog: LiveCatalog, notes: Notes, *, profile: str, weights: Weights) -> None:
        self._catalog = catalog
        self._notes = notes
        self._profile = profile
        self._weights = weights

    async def run(self, wanted: Wanted) -> Found:
        """The workflows that fit best. Raises DatabaseUnavailableError when the catalog was never read."""
        began = time.perf_counter()
        snapshot = await self._catalog.snapshot()
        scorer = Scorer(wanted.question, self._weights)
        totals = (
            (-scorer.total(entry.subject), -entry.created_at.timestamp(), entry.workflow_id, entry)
            for entry in snapshot.candidates(wanted.question.labels, wanted.statuses)
        )
        least = round(wanted.min_score * FULL, 6)  # 0.56 * 10_000 is more than 5600
        matches = [match for match in totals if -match[0] >= least]
        best = heapq.nsmallest(wanted.top_k, matches)
        found = Found(
            workflows=[
                _result(rank, match[3], scorer.score(match[3].subject)) for rank, match in enumerate(best, start=1)
            ],
            total_results=len(matches),
            weights=self._profile,
            filters=wanted.filters,
            warnings=_warnings(snapshot),
        )
        seconds = time.perf_counter() - began
        CATALOG_SEARCH_DURATION.observe(seconds)
        CATALOG_SEARCH_RESULTS.observe(found.total_results)
        self._tell(wanted, found, seconds)
        return found

    def _tell(self, wanted: Wanted, found: Found, seconds: float) -> None:
        best = found.workflows[0] if found.workflows else None
        milliseconds = round(seconds * 1000, 3)
        data = {
            "query": {"top_k": wanted.top_k, "min_score": wanted.min_score, "filters": wanted.filters},
            "results": {
                "total_found": found.total_results,
                "returned": len(found.workflows),
                "workflows": [_told(one) for one in found.workflows],
            },
            "search_metadata": {"duration_ms": milliseconds, "weights": self._profile},
            "query_filters": wanted.question.labels,
            "results_count": found.total_results,
            "duration_ms": int(milliseconds),
            **({"top_match_id": str(best.workflow_id), "top_match_score": best.final_score} if best else {}),
        }
        self._notes.note(
            "workflow.catalog.search_completed",
            correlation_id=wanted.remediation_id or _fingerprint(wanted.question),
            resource=("workflow_catalog", "search"),
            data=data,
        )


def _warnings(snapshot: Snapshot) -> tuple[str, ...]:
    if not snapshot.unreadable:
        return ()
    return (f"{snapshot.unreadable} stored versions cannot be read and were left out; the service's log names them",)


def _result(rank: int, entry: Entry, result: Score) -> Result:
    return Result(
        workflow_id=entry.workflow_id,
        workflow_name=entry.workflow_name,
        workflow_version=entry.version,
        title=entry.name,
        description=entry.description,
        signal_type=entry.subject.labels["signal_type"],
        confidence=result.final,
        final_score=result.final,
        label_boost=result.boost,
        label_penalty=result.penalty,
        rank=rank,
        detected_labels=entry.subject.detected,
        score_breakdown=result.lines,
        custom_labels=entry.subject.custom,
        container_image=entry.container_image,
        container_digest=entry.container_digest,
    )


def _told(one: Result) -> dict[str, Any]:
    return {
        "workflow_id": str(one.workflow_id),
        "workflow_name": one.workflow_name,
        "version": one.workflow_version,
        "title": one.title,
        "rank": one.rank,
        "scoring": {"confidence": one.confidence, "label_boost": one.label_boost, "label_penalty": one.label_penalty},
    }


def _fingerprint(question: Question) -> str:
    """What stands for a search without a remediation: the same for the same five labels."""
    return hashlib.sha256("-".join(question.labels[name] for name in MANDATORY).encode()).hexdigest()[:16]
