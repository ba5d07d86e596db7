"""The access file: whose tokens are believed, and what their subjects may do. YAML, read again when it changes."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from access.errors import PolicyError
from access.files import FileError, read_yaml, without_values
from access.grants import NO_LIMITS, Limits
from access.keys import KEY_SUBJECT
from access.scopes import unknown_scopes

__all__ = ["CERTIFICATE_SUBJECT", "EMPTY_POLICY", "IssuerRule", "Policy", "SubjectRule", "load_policy"]

#: What the subject of every client certificate begins with; no token's subject may.
CERTIFICATE_SUBJECT = "cert:"


class IssuerRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An issuer of tokens.

    jwks: address or file of its keys. ca_file, token_file: for fetching them from an address, a CA certificate and a
    bearer token. scopes_claim: the claim that holds scopes; without one only the file's grants give any.
    subject_prefix: put before its subjects, so that two issuers cannot name the same one.
    """

    issuer: str
    audience: str
    jwks: str
    ca_file: Path | None = None
    token_file: Path | None = None
    scopes_claim: str = ""
    subject_prefix: str = ""


class SubjectRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the subjects that match one of the patterns may do. `*` stands for text without a colon, `**` for any."""

    subjects: tuple[str, ...]
    scopes: frozenset[str]
    categories: frozenset[str] | None = None
    namespaces: frozenset[str] | None = None
    clusters: frozenset[str] | None = None
    requests_per_second: float | None = None
    burst: int = 1

    @property
    def limits(self) -> Limits:
        """What narrows the grant."""
        return Limits(
            categories=self.categories,
            namespaces=self.namespaces,
            clusters=self.clusters,
            requests_per_second=self.requests_per_second,
            burst=self.burst,
        )


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    issuers: tuple[IssuerRule, ...] = ()
    grants: tuple[SubjectRule, ...] = ()


class Policy:
    """The access file as it is used: issuers by name, and the first rule that matches a subject."""

    def __init__(self, document: _Document) -> None:
        self.issuers = {rule.issuer: rule for rule in document.issuers}
        self._rules = [(_pattern(rule.subjects), rule, rule.limits) for rule in document.grants]

    def of(self, subject: str) -> tuple[frozenset[str], Limits]:
        """The scopes and limits of a subject; none at all where no rule names it."""
        for pattern, rule, limits in self._rules:
            if pattern.fullmatch(subject):
                return rule.scopes, limits
        return frozenset(), NO_LIMITS


EMPTY_POLICY = Policy(_Document())


def load_policy(path: Path) -> Policy:
    """Read and check the access file. Raises PolicyError listing what is wrong."""
    try:
        rules = msgspec.convert(read_yaml(path) or {}, _Document)
    except FileError as error:
        raise PolicyError(str(error)) from None
    except msgspec.ValidationError as error:
        raise PolicyError(f"{path}: {without_values(error)}") from None
    if faults := [*_issuer_faults(rules.issuers), *_grant_faults(rules.grants)]:
        raise PolicyError("\n".join(f"{path}: {fault}" for fault in faults))
    return Policy(rules)


def _issuer_faults(issuers: tuple[IssuerRule, ...]) -> list[str]:
    faults = []
    for index, rule in enumerate(issuers):
        place = f"issuers[{index}]"
        if not rule.issuer or not rule.audience:
            faults.append(f"{place}: issuer and audience must not be empty")
        scheme = urlsplit(rule.jwks).scheme
        if scheme == "http" and urlsplit(rule.jwks).hostname not in {"127.0.0.1", "localhost", "::1"}:
            faults.append(f"{place}.jwks: keys that came over plain http could be anybody's; use https")
        if rule.subject_prefix.startswith((KEY_SUBJECT, CERTIFICATE_SUBJECT)):
            faults.append(f"{place}.subject_prefix: {KEY_SUBJECT} and {CERTIFICATE_SUBJECT} are the service's own")
    names = [rule.issuer for rule in issuers]
    faults += [f"issuers: {name} is named twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if len({rule.subject_prefix for rule in issuers}) < len(issuers):
        faults.append("issuers: give each a subject_prefix of its own, or their subjects are taken for one another")
    return faults


def _grant_faults(grants: tuple[SubjectRule, ...]) -> list[str]:
    faults = []
    for index, rule in enumerate(grants):
        place = f"grants[{index}]"
        if not rule.subjects:
            faults.append(f"{place}.subjects: name at least one pattern")
        if wrong := unknown_scopes(rule.scopes):
            faults.append(f"{place}.scopes: unknown: {', '.join(wrong)}")
        if rule.requests_per_second is not None and rule.requests_per_second <= 0:
            faults.append(f"{place}.requests_per_second: must be more than 0")
        if rule.burst < 1:
            faults.append(f"{place}.burst: must be at least 1")
    return faults


def _pattern(subjects: tuple[str, ...]) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^:]*"}
    texts = ["".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", one)) for one in subjects]
    return re.compile("|".join(f"(?:{text})" for text in texts), re.DOTALL)
