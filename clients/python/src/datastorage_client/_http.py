"""What both clients decide alike: which answers are errors, and which requests may be sent again."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from datastorage_client._auth import BearerAuth, Token
from datastorage_client._retry import backoff, retry_after
from datastorage_client.errors import NoAnswerError, ProblemError, problem_error
from datastorage_client.generated.models import Problem
from datastorage_client.generated.types import UNSET, Unset

__all__ = ["Lines", "Policy", "answer", "broken_off", "client_arguments", "or_unset", "page_cursor"]

T = TypeVar("T")
#: Requests that may be sent twice: the events carry their ids.
_REPEATABLE_POSTS = re.compile(r".*/api/v1/(audit/events|audit/events/batch|workflows/search)")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_PASSING = frozenset((502, 503, 504))
_REFUSED_UNTOUCHED = frozenset(("service-unavailable", "too-many-requests"))


class Policy:
    """Retries of one client. retries: further tries after the first. Pauses are seconds."""

    def __init__(self, retries: int, first: float, longest: float, parse_float: Callable[[str], Any] | None) -> None:
        if retries < 0 or not 0 < first <= longest:
            raise ValueError("retries must be at least 0, and retry_initial more than 0 and at most retry_max")
        self._retries = retries
        self._first = first
        self._longest = longest
        self._parse_float = parse_float

    def after_failure(self, request: httpx.Request, error: httpx.HTTPError, failures: int) -> float:
        """Seconds until the next try. Raises NoAnswerError where there should be none."""
        if failures > self._retries or not (_repeatable(request) or isinstance(error, _NEVER_SENT)):
            said = f"{type(error).__name__}: {error}".rstrip(": ")
            raise NoAnswerError(f"{request.method} {request.url} got no answer: {said}") from error
        return backoff(failures, self._first, self._longest)

    def after_answer(self, response: httpx.Response, failures: int) -> float | None:
        """Seconds until the next try; None where the answer is a success. Its body must have been read.

        Raises ProblemError, or NoAnswerError where the answer is not one of Data Storage.
        """
        if response.is_success:
            if self._parse_float:
                parse = functools.partial(json.loads, parse_float=self._parse_float)
                response.json = lambda **_: parse(response.content)  # type: ignore[method-assign]
            return None
        error = _error(response)
        wait = retry_after(response.headers)
        may_pass = response.status_code in _PASSING and _repeatable(response.request)
        untouched = isinstance(error, ProblemError) and error.slug in _REFUSED_UNTOUCHED
        if failures > self._retries or wait > self._longest or not (may_pass or untouched):
            raise error
        return max(wait, backoff(failures, self._first, self._longest))


def _repeatable(request: httpx.Request) -> bool:
    if request.method == "POST":
        return _REPEATABLE_POSTS.fullmatch(request.url.path) is not None
    return request.method in {"GET", "HEAD"}


def _error(response: httpx.Response) -> ProblemError | NoAnswerError:
    try:
        return problem_error(response.json(), retry_after=retry_after(response.headers) or None)
    except (AttributeError, KeyError, TypeError, ValueError):
        request = response.request
        said = f"{request.method} {request.url} answered {response.status_code} without a problem"
        return NoAnswerError(f"{said}: that is not Data Storage, or something before it")


def client_arguments(
    base_url: str, token: Token | None, timeout: float, client_options: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Arguments for httpx. Raises ValueError where base_url is no address."""
    url = httpx.URL(base_url)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"base_url must be the address of the service, such as http://host:8080; got {base_url!r}")
    auth = None if token is None else BearerAuth(token)
    return {"base_url": str(url).rstrip("/"), "auth": auth, "timeout": timeout or 5.0, **(client_options or {})}


def answer(parsed: T | Problem | None) -> T:
    """What a generated call returned. Raises NoAnswerError where the answer is not one that the contract has."""
    if parsed is None or isinstance(parsed, Problem):
        raise NoAnswerError("the answer is not one of the contract: is this Data Storage, of this version?")
    return parsed


@contextmanager
def broken_off() -> Iterator[None]:
    """Raises NoAnswerError where a stream ends before its end: the connection, or a line that is not whole."""
    try:
        yield
    except (httpx.TransportError, json.JSONDecodeError) as error:
        raise NoAnswerError(f"the stream broke off: {type(error).__name__}: {error}") from error


def or_unset(value: T | None) -> T | Unset:
    """The generated calls' way to say: not given."""
    return UNSET if value is None else value


def page_cursor(cursor: str | Unset | None) -> str | None:
    """The cursor of the next page; None on the last one."""
    return cursor or None


class Lines:
    """Chunks of NDJSON as lines. Only a line feed ends one: texts may hold what ends lines elsewhere."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, chunk: bytes) -> list[bytes]:
        """The lines that end in `chunk`."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        return whole

    def rest(self) -> list[bytes]:
        """The line that no line feed ended, at the end of all chunks."""
        return [self._rest] if self._rest else []
