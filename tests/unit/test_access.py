"""Tokens, API keys, the access file, grants and rate limits: who is believed, and for how long."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from redis.asyncio import Redis

from access.authenticator import Authenticator
from access.errors import AccessUnavailableError, InvalidCredentialsError, PolicyError
from access.grants import Grant, GrantCache
from access.jwks import KeySet, fetcher
from access.keyring import KeyRing, bootstrap_key
from access.keys import ApiKey, mint
from access.policy import IssuerRule, load_policy
from access.rate_limits import RateLimits
from access.scopes import ALL_SCOPES, Requirement
from datastorage.embedded import free_port
from repository.access_keys import AccessKeyTable
from tests.fixtures.awaiting import eventually
from tests.fixtures.credentials import AUDIENCE, ISSUER, Signer, jwks, stored

NEVER = cast("AccessKeyTable", None)
POLICY = f"""
issuers:
  - {{issuer: {ISSUER}, audience: {AUDIENCE}, jwks: unused, scopes_claim: scope}}
grants:
  - {{subjects: ['system:serviceaccount:payments:*'], scopes: ['audit:write'], categories: [gateway]}}
  - {{subjects: ['team-**'], scopes: ['audit:read']}}
"""


class Source:
    """Where an issuer publishes its keys; it can be away."""

    def __init__(self, *signers: Signer) -> None:
        self.signers = signers
        self.away = False
        self.fetched = 0

    async def __call__(self) -> bytes:
        self.fetched += 1
        if self.away:
            raise OSError("away")
        return jwks(*self.signers)


class Time:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return 1000 + self.seconds

    def now(self) -> float:
        return time.time() + self.seconds


def ring(*keys: ApiKey) -> KeyRing:
    return KeyRing(NEVER, clock=lambda: datetime.now(UTC), settled={key.key_id: key for key in keys})


@pytest.fixture
def policy_path(tmp_path: Path) -> Path:
    path = tmp_path / "access.yaml"
    path.write_text(POLICY)
    return path


def authenticator(path: Path, source: Source, clock: Time | None = None, *keys: ApiKey) -> Authenticator:
    clock = clock or Time()
    return Authenticator(ring(*keys), path, now=clock.now, monotonic=clock.monotonic, fetch_of=lambda _rule: source)


async def reason_of(made: Authenticator, credentials: str) -> str:
    with pytest.raises(InvalidCredentialsError) as refused:
        await made.grant(credentials)
    return refused.value.reason


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_token_of_a_trusted_issuer_is_a_grant(policy_path: Path, algorithm: str) -> None:
    signer = Signer(algorithm)
    made = authenticator(policy_path, Source(signer))
    grant = await made.grant(signer.token(sub="system:serviceaccount:payments:gateway"))
    assert grant.subject == "system:serviceaccount:payments:gateway"
    assert grant.scopes == {"audit:write"}
    assert grant.limits.categories == {"gateway"}


async def test_scopes_come_from_the_claim_and_from_the_file_together(policy_path: Path) -> None:
    signer = Signer()
    made = authenticator(policy_path, Source(signer))
    grant = await made.grant(signer.token(sub="team-a:b", scope="catalog:read nonsense"))
    assert grant.scopes == {"audit:read", "catalog:read"}
    listed = await made.grant(signer.token(sub="nobody-named-it", scope=["ops:read", 7]))
    assert listed.scopes == {"ops:read"}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another audience": ({"aud": "elsewhere"}, "audience"),
    "no audience": ({"aud": None}, "malformed"),
    "another issuer": ({"iss": "https://other.example"}, "issuer"),
    "no issuer": ({"iss": None}, "malformed"),
    "no end": ({"exp": None}, "malformed"),
    "no subject": ({"sub": None}, "malformed"),
    "an empty subject": ({"sub": ""}, "subject"),
    "the subject of a key": ({"sub": "key:admin"}, "subject"),
    "the subject of a certificate": ({"sub": "cert:admin"}, "subject"),
    "a subject with a line break": ({"sub": "a\nb"}, "subject"),
    "a subject that is too long": ({"sub": "a" * 256}, "subject"),
    "expired by 31 s": ({"exp": int(time.time()) - 31}, "expired"),
    "valid in 10 minutes": ({"nbf": int(time.time()) + 600}, "not_yet_valid"),
    "an end that is no number": ({"exp": "soon"}, "malformed"),
}


@pytest.mark.parametrize(("changed", "reason"), WRONG.values(), ids=WRONG.keys())
async def test_a_token_with_a_wrong_claim_is_refused(policy_path: Path, changed: dict[str, Any], reason: str) -> None:
    signer = Signer()
    token = jwt.encode(signer.claims(**changed), signer.private, algorithm="ES256", headers={"kid": "one"})
    assert await reason_of(authenticator(policy_path, Source(signer)), token) == reason


async def test_subjects_of_several_issuers_are_told_apart(tmp_path: Path) -> None:
    """Each with keys and a prefix of its own: a token of one is never a subject of the other."""
    path, other = tmp_path / "access.yaml", "https://other.example"
    path.write_text(
        f"issuers:\n  - {{issuer: {ISSUER}, audience: {AUDIENCE}, jwks: one}}\n"
        f"  - {{issuer: '{other}', audience: {AUDIENCE}, jwks: two, subject_prefix: 'two:'}}\n"
        "grants: [{subjects: [admin], scopes: ['ops:admin']}, {subjects: ['two:admin'], scopes: ['ops:read']}]\n"
    )
    signers = {"one": Signer("RS256"), "two": Signer("ES256")}
    made = Authenticator(ring(), path, fetch_of=lambda rule: Source(signers[rule.jwks]))
    first = await made.grant(signers["one"].token(sub="admin"))
    second = await made.grant(signers["two"].token(sub="admin", iss=other))
    assert (first.subject, first.scopes) == ("admin", {"ops:admin"})
    assert (second.subject, second.scopes) == ("two:admin", {"ops:read"})
    assert await reason_of(made, signers["two"].token(sub="admin")), "signed by the other issuer's key"
    assert await reason_of(made, signers["one"].token(sub="admin", iss=other))


async def test_clocks_may_differ_by_30_seconds(policy_path: Path) -> None:
    signer, now = Signer(), int(time.time())
    made = authenticator(policy_path, Source(signer))
    assert await made.grant(signer.token(exp=now - 20))
    assert await made.grant(signer.token(nbf=now + 20))


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(signer: Signer) -> str:
    return f"{_part({'alg': 'none', 'kid': 'one'})}.{_part(signer.claims())}."


def _signed_with_the_public_key(signer: Signer) -> str:
    """The old attack: HMAC with the text of the public key, hoping that it is taken for a shared secret."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    secret = signer.private.public_key().public_bytes(encoding, form)
    head = f"{_part({'alg': 'HS256', 'kid': 'one', 'typ': 'JWT'})}.{_part(signer.claims())}"
    mac = base64.urlsafe_b64encode(hmac.new(secret, head.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    return f"{head}.{mac}"


HOSTILE: dict[str, Callable[[Signer], str]] = {
    "unsigned": _unsigned,
    "HMAC with the public key": _signed_with_the_public_key,
    "another key under the same name": lambda signer: Signer(signer.algorithm).token(),
    "another algorithm": lambda signer: Signer("RS256").token(),
    "a changed payload": lambda signer: signer.token().replace(".", ".e30", 1),
    "a kid that is a list": lambda signer: f"{_part({'alg': 'ES256', 'kid': ['one']})}.{_part({'iss': ISSUER})}.AA",
    "deep JSON": lambda _: f"{_part({'alg': 'ES256'})}.{base64.urlsafe_b64encode(b'[' * 5000).decode()}.AA",
    "an end beyond all numbers": lambda _: (
        f"{_part({'alg': 'ES256', 'kid': 'one'})}.{_part({'iss': ISSUER, 'exp': 10**400})}.AA"
    ),
    "empty": lambda _: "",
    "no token": lambda _: "abc",
    "not ASCII": lambda _: "\xff.\xff.\xff",
    "too long": lambda signer: signer.token(more="x" * 9000),
    "a key id of nobody": lambda signer: signer.token(headers={"kid": "nobody"}),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_token_is_refused_and_nothing_else(policy_path: Path, make: Callable[[Signer], str]) -> None:
    signer = Signer()
    assert await reason_of(authenticator(policy_path, Source(signer)), make(signer))


async def test_a_weak_rsa_key_signs_nothing(policy_path: Path) -> None:
    weak = Signer("RS256", private=rsa.generate_private_key(65537, 1024))  # noqa: S505 - that is the point
    strong = Signer("RS256", kid="strong")
    made = authenticator(policy_path, Source(weak, strong))
    assert await made.grant(strong.token())
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = weak.token()
    assert await reason_of(made, token) == "unknown_signer"


async def test_an_unknown_key_is_fetched_at_most_every_10_seconds(policy_path: Path) -> None:
    old, new, clock = Signer(kid="old"), Signer(kid="new"), Time()
    source = Source(old)
    made = authenticator(policy_path, source, clock)
    assert await made.grant(old.token())
    source.signers = (old, new)
    for _ in range(20):
        assert await reason_of(made, new.token()) == "unknown_signer"
    assert source.fetched == 1
    clock.seconds = 10
    assert await made.grant(new.token())
    assert source.fetched == 2


async def test_known_keys_go_on_for_an_hour_while_their_source_is_away(policy_path: Path) -> None:
    signer, clock = Signer(), Time()
    source = Source(signer)
    made = authenticator(policy_path, source, clock)
    assert await made.grant(signer.token())
    source.away = True
    clock.seconds = 3590
    assert await made.grant(signer.token())
    clock.seconds = 3601
    with pytest.raises(AccessUnavailableError):
        await made.grant(signer.token())


async def test_a_grant_outlives_neither_its_token_nor_the_keys(policy_path: Path) -> None:
    signer, clock = Signer(), Time()
    made = authenticator(policy_path, Source(signer), clock)
    short, long = signer.token(), signer.token(exp=int(time.time()) + 10 * 86400)
    for token in (short, long):
        await made.grant(token)
        assert made.known(token)
    clock.seconds = 331
    assert made.known(short) is None
    assert made.known(long)
    clock.seconds = 3601
    assert made.known(long) is None


async def test_a_key_that_its_issuer_withdrew_ends_what_it_granted(policy_path: Path) -> None:
    first, second, clock = Signer(kid="first"), Signer(kid="second"), Time()
    source = Source(first)
    changes: list[int] = []
    keys = KeySet("issuer", source, monotonic=clock.monotonic, changed=lambda: changes.append(1))
    assert await keys.key("first")
    source.signers = (second,)
    clock.seconds = 11
    assert await keys.key("second")
    with pytest.raises(InvalidCredentialsError):
        await keys.key("first")
    assert len(changes) == 2


async def test_keys_are_read_from_a_file(tmp_path: Path) -> None:
    signer = Signer()
    (tmp_path / "jwks.json").write_bytes(jwks(signer))
    rule = IssuerRule(issuer=ISSUER, audience=AUDIENCE, jwks=str(tmp_path / "jwks.json"))
    assert await fetcher(rule)() == jwks(signer)


async def test_an_api_key_is_a_grant_of_its_own_scopes(policy_path: Path) -> None:
    new, key = stored(["audit:write"], name="gateway")
    grant = await authenticator(policy_path, Source(), None, key).grant(new.text)
    assert (grant.subject, grant.scopes) == ("key:gateway", {"audit:write"})


async def test_an_api_key_is_refused_that_is_wrong_revoked_or_expired(policy_path: Path) -> None:
    now = datetime.now(UTC)
    good, key = stored(["audit:write"])
    revoked, revoked_key = stored(["audit:write"], revoked_at=now)
    expired, expired_key = stored(["audit:write"], expires_at=now - timedelta(seconds=1))
    made = authenticator(policy_path, Source(), None, key, revoked_key, expired_key)
    made._ring._keys = {}
    wrong_secret = f"ds_{key.key_id}_{mint().text.split('_', 2)[2]}"
    assert await reason_of(made, wrong_secret) == await reason_of(made, mint().text) == "unknown"
    assert await reason_of(made, revoked.text) == "revoked"
    assert await reason_of(made, expired.text) == "expired"
    for text in ("ds_", "ds_a_b", good.text + "\n", good.text.upper(), "ds_" + "a" * 5000):
        assert await reason_of(made, text)


async def test_a_key_that_was_never_read_is_not_refused_but_unavailable(policy_path: Path) -> None:
    made = authenticator(policy_path, Source())
    made._ring._tried.set()
    with pytest.raises(AccessUnavailableError):
        await made.grant(mint().text)


async def test_the_bootstrap_key_needs_no_database() -> None:
    text = mint().text
    key = bootstrap_key(text)
    grant = await Authenticator(ring(key)).grant(text)
    assert (grant.subject, grant.scopes) == ("key:bootstrap", ALL_SCOPES)


async def test_a_changed_access_file_counts_at_once_and_a_broken_one_changes_nothing(policy_path: Path) -> None:
    signer = Signer()
    made = authenticator(policy_path, Source(signer))
    following = asyncio.create_task(made.run())
    token = signer.token(sub="team-a")
    try:
        assert (await made.grant(token)).scopes == {"audit:read"}
        policy_path.write_text(POLICY.replace("audit:read", "ops:read"))

        async def scopes() -> frozenset[str]:
            return (made.known(token) or await made.grant(token)).scopes

        await eventually(lambda: _equals(scopes, {"ops:read"}))
        seen = made._stamp
        policy_path.write_text("grants: [{subjects: ['team-**'], scopes: [nonsense]}]")
        await eventually(lambda: made._stamp != seen)
        assert await scopes() == {"ops:read"}
    finally:
        following.cancel()


async def _equals(ask: Callable[[], Any], wanted: Any) -> bool:
    return bool(await ask() == wanted)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("issuers: [{issuer: a, audience: b, jwks: c, scope: d}]", "unknown field `scope`"),
        ("issuers: [{issuer: a, audience: b, jwks: 'http://keys.example/jwks'}]", "use https"),
        (
            "issuers: [{issuer: a, audience: b, jwks: c}, {issuer: d, audience: b, jwks: c}]",
            "subject_prefix of its own",
        ),
        ("issuers: [{issuer: a, audience: b, jwks: c, subject_prefix: 'key:'}]", "the service's own"),
        ("grants: [{subjects: [a], scopes: ['audit:all']}]", "unknown: audit:all"),
        ("grants: [{subjects: [], scopes: []}]", "at least one pattern"),
        ("grants: [{subjects: [a], scopes: [], requests_per_second: 0}]", "more than 0"),
        ("- [", "not YAML"),
        ("password: hunter2-secret", "unknown field"),
    ],
)
def test_what_is_wrong_with_an_access_file_is_said(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "access.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=fault) as error:
        load_policy(path)
    assert "hunter2" not in str(error.value)


def test_one_star_stops_at_a_colon_and_the_first_rule_that_matches_decides(tmp_path: Path) -> None:
    path = tmp_path / "access.yaml"
    path.write_text(
        "grants:\n"
        "  - {subjects: ['system:serviceaccount:a:*'], scopes: ['audit:write']}\n"
        "  - {subjects: ['system:**'], scopes: ['audit:read']}\n"
    )
    policy = load_policy(path)
    assert policy.of("system:serviceaccount:a:b")[0] == {"audit:write"}
    assert policy.of("system:serviceaccount:a:b:c")[0] == {"audit:read"}
    assert policy.of("xsystem:serviceaccount:a:b")[0] == frozenset()


def test_the_grant_cache_is_bounded_and_ends_with_the_grant() -> None:
    clock = Time()
    cache = GrantCache(size=3, now=clock.monotonic)
    for number in range(5):
        cache.keep(f"t{number}", Grant(subject="s", scopes=frozenset(), expires=2000))
    assert [bool(cache.find(f"t{number}")) for number in range(5)] == [False, False, True, True, True]
    clock.seconds = 1001
    assert cache.find("t4") is None


def test_a_requirement_is_all_of_its_items_and_of_a_list_one() -> None:
    needed = Requirement.of(["ops:read", ["audit:read", "audit:write"]])
    assert needed.satisfied_by({"ops:read", "audit:write"})
    assert not needed.satisfied_by({"audit:read", "audit:write"})
    assert not needed.satisfied_by({"ops:read"})
    assert str(needed) == "ops:read and audit:read or audit:write"
    with pytest.raises(ValueError, match="nonsense"):
        Requirement.of(["nonsense"])


async def test_a_bucket_is_this_process_own_while_redis_is_away() -> None:
    limits = RateLimits(Redis(port=free_port(), socket_timeout=0.2))
    taken = [await limits.take("somebody", per_second=1, burst=3) for _ in range(5)]
    assert [one.allowed for one in taken[:3]] == [True, True, True]
    assert not all(one.allowed for one in taken)
    refused = next(one for one in taken if not one.allowed)
    assert refused.headers["RateLimit-Limit"] == "3"
    assert int(refused.headers["Retry-After"]) >= 1
    assert (await limits.take("somebody else", per_second=1, burst=3)).allowed
