"""Authentication: what it adds to the service's own CPU time for a write."""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.events import make_event, only
from benchmarks.harness import Mark, Measured, Stage, row
from benchmarks.traffic import drive, post_bytes
from tests.fixtures.credentials import AUDIENCE, ISSUER, Signer, jwks
from tests.fixtures.service import Service

_REQUESTS, _CONNECTIONS, _PAIRS = 1_500, 16, 40
_EVENTS = "/api/v1/audit/events"


@row(
    "post-authenticated",
    title="CPU of an authenticated POST, beside an open one",
    marks=[Mark(of="ratio", at_most=1.03, against="the same without authentication")],
)
def post_authenticated(stage: Stage) -> Measured:
    """CPU time of the service's processes for each request with a token; floor: without authentication, turn by turn.

    Two services that differ in nothing else, one worker each, no sealer. What PostgreSQL uses is not counted.
    """
    signer = Signer("RS256")
    with tempfile.TemporaryDirectory() as folder:
        access = _access_file(Path(folder), signer)
        with (
            stage.service(sealing="off") as without,
            stage.service(sealing="off", access_path=access) as authenticated,
        ):
            bearer = f"Authorization: Bearer {signer.token(sub='bench', exp=signer.claims()['iat'] + 3600)}"
            pairs = [_pair(stage, authenticated, without, bearer, number) for number in range(_PAIRS)][1:]
    # What else runs on the machine only ever adds, through caches and switches: the quieter half counts.
    values, floors = (sorted(one)[: len(pairs) // 2] for one in zip(*pairs, strict=True))
    notes = {"median_of_ratios": round(statistics.median(v / f for v, f in pairs), 4), "pairs": len(pairs)}
    return Measured(
        value=statistics.median(values), unit="us", better="lower", floor=statistics.median(floors), notes=notes
    )


def _pair(stage: Stage, authenticated: Service, without: Service, bearer: str, number: int) -> tuple[float, float]:
    turns = [(authenticated, (bearer,)), (without, ())]
    taken = {service: _cpu_of_request(service, headers) for service, headers in (turns if number % 2 else turns[::-1])}
    pair = taken[authenticated], taken[without]
    stage.say(f"pair {number}: {pair[0]:.1f} us, open {pair[1]:.1f} us, {pair[0] / pair[1]:.4f}")
    return pair


def _access_file(folder: Path, signer: Signer) -> Path:
    (folder / "jwks.json").write_bytes(jwks(signer))
    access = folder / "access.yaml"
    access.write_text(
        f"issuers: [{{issuer: {ISSUER}, audience: {AUDIENCE}, jwks: '{folder / 'jwks.json'}'}}]\n"
        "grants: [{subjects: [bench], scopes: ['audit:write']}]\n"
    )
    return access


def _cpu_of_request(service: Service, headers: tuple[str, ...]) -> float:
    """Microseconds of CPU time that the service's processes used for each of the requests."""
    requests = [post_bytes(_EVENTS, json.dumps(make_event(n, 512)).encode(), *headers) for n in range(_REQUESTS)]
    before = _cpu_seconds(service)
    only(drive(service.url, requests, connections=_CONNECTIONS), 201)
    return (_cpu_seconds(service) - before) / _REQUESTS * 1e6


def _cpu_seconds(service: Service) -> float:
    """Of all threads of the process group that the service leads, by the scheduler's clock."""
    nanoseconds = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[2]) == service.pid:
                threads = stat.parent.glob("task/*/schedstat")
                nanoseconds += sum(int(thread.read_text().split()[0]) for thread in threads)
        except OSError:
            continue
    return nanoseconds / 1e9
