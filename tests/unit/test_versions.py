"""The order of versions (Semantic Versioning 2.0.0, section 11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.versions import version_key

ASCENDING = [
    "0.9.9", "1.0.0-1", "1.0.0-2", "1.0.0-11", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
    "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "v1.0.1", "1.1", "1.9.0", "1.10.0", "v2", "10.0.0",
]  # fmt: skip


def test_versions_sort_as_the_standard_says() -> None:
    keys = [version_key(version) for version in ASCENDING]
    assert None not in keys
    assert keys == sorted(keys, key=str)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("one", "other"), [("v1.0.0", "1.0.0"), ("1", "1.0.0"), ("1.0.0+build.5", "1.0.0"), ("01.0.0", "1.0.0")]
)
def test_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    assert version_key(one) == version_key(other)


@pytest.mark.parametrize("version", ["", "latest", "1.2.3.4", "1.0.0-", "1.0.0-a..b", "V1", "1. 0", "-1"])
def test_what_is_no_version_has_no_key(version: str) -> None:
    assert version_key(version) is None


@given(st.tuples(*[st.integers(0, 10**12)] * 3), st.tuples(*[st.integers(0, 10**12)] * 3))
def test_numbers_sort_as_numbers(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    keys = [version_key(".".join(map(str, numbers))) or "" for numbers in (one, other)]
    assert (keys[0] < keys[1]) == (one < other)
