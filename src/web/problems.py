"""Problem details (RFC 9457): every error that a client sees is made of one of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["CATALOGUE", "Problem", "ProblemKind", "Violation", "validation_problem"]


class ProblemKind(NamedTuple):
    """A documented kind of problem: the slug of its type, its status, its title and what to do about it."""

    slug: str
    status: int
    title: str
    advice: str


_KINDS = (
    ProblemKind("validation-error", 400, "Validation Error", "Correct the members that `errors` points at."),
    ProblemKind(
        "immutable-field-violation", 400, "Immutable Field", "Create a new version instead of changing this one."
    ),
    ProblemKind("unauthorized", 401, "Unauthorized", "Send valid credentials."),
    ProblemKind("forbidden", 403, "Forbidden", "Ask for the scope that the operation names."),
    ProblemKind("not-found", 404, "Not Found", "Check the address and the identifier in it."),
    ProblemKind("method-not-allowed", 405, "Method Not Allowed", "Use one of the methods in the Allow header."),
    ProblemKind("not-acceptable", 406, "Not Acceptable", "Ask for a media type that the operation offers."),
    ProblemKind("conflict", 409, "Resource Conflict", "Read the stored record; choose another identifier or version."),
    ProblemKind(
        "precondition-failed", 412, "Precondition Failed", "Read the record again and retry with its new ETag."
    ),
    ProblemKind("payload-too-large", 413, "Payload Too Large", "Send fewer or smaller records in one request."),
    ProblemKind("uri-too-long", 414, "URI Too Long", "Shorten the query string."),
    ProblemKind("unsupported-media-type", 415, "Unsupported Media Type", "Send the body as application/json."),
    ProblemKind("too-many-requests", 429, "Too Many Requests", "Wait as long as the Retry-After header says."),
    ProblemKind("internal-error", 500, "Internal Error", "Report the request_id to the service's operators."),
    ProblemKind("service-unavailable", 503, "Service Unavailable", "Nothing was changed. Ask again after Retry-After."),
    ProblemKind("query-timeout", 503, "Query Timeout", "Narrow the query: a shorter time range or one correlation."),
)

#: Every kind by its slug; the service documents each at /problems/<slug>.
CATALOGUE: Mapping[str, ProblemKind] = {kind.slug: kind for kind in _KINDS}


class Violation(NamedTuple):
    """One broken rule. pointer is a JSON Pointer into the body with `#` in front, or `#/query/<name>`."""

    pointer: str
    detail: str
    field: str
    reason: str = "invalid"

    @property
    def label(self) -> str:
        """The field as a metric's label: names that clients invent must not become series without end."""
        return "other" if self.reason in {"unknown", "storable"} else self.field.partition(".")[0]


class Problem(Exception):  # noqa: N818 - named as in RFC 9457
    """An error to answer with. Raised anywhere above the edge, rendered in one place.

    slug: a key of CATALOGUE. extensions: further members of the problem's document.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        title: str | None = None,
        errors: Sequence[Violation] = (),
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = CATALOGUE[slug]
        self.detail = detail
        self.title = title or self.kind.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extensions = dict(extensions or {})

    def document(self, *, base: str, instance: str, request_id: str) -> dict[str, Any]:
        """The JSON document of this problem. base: the address that `type` starts with, without a trailing slash."""
        document: dict[str, Any] = {
            "type": f"{base}/{self.kind.slug}",
            "title": self.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
        }
        if self.errors:
            document["errors"] = [{"pointer": v.pointer, "detail": v.detail} for v in self.errors]
            document["field_errors"] = {v.field: v.detail for v in reversed(self.errors)}
        return document | self.extensions


def validation_problem(errors: Sequence[Violation], *, prefix: str = "") -> Problem:
    """One 400 for all that is wrong with a request; its detail repeats every violation."""
    return Problem("validation-error", prefix + "; ".join(v.detail for v in errors), errors=errors)
