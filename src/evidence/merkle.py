"""The Merkle tree of RFC 6962, section 2.1: which subtrees a root or a proof is made of, and how proofs are checked.

Nothing here reads hashes from anywhere: a caller asks which subtrees it needs, fetches their hashes, and folds them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "Range",
    "Subtree",
    "combine",
    "consistency_ranges",
    "inclusion_ranges",
    "leaf_hash",
    "node_hash",
    "perfect_root",
    "subtrees",
    "verify_consistency",
    "verify_inclusion",
]

#: Bytes of a hash.
HASH_SIZE = 32
#: The root of the tree without leaves.
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Subtree(NamedTuple):
    """A complete subtree: 2**height leaves from leaf number * 2**height on."""

    height: int
    number: int


class Range(NamedTuple):
    """The leaves from `first` up to but not including `end`."""

    first: int
    end: int


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of neighbouring hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def subtrees(leaves: Range) -> list[Subtree]:
    """The complete subtrees that a node over `leaves` is made of, from left to right.

    `leaves` is a range that a tree has a node for: its first leaf is a multiple of the largest power of two in it.
    """
    found: list[Subtree] = []
    first, count = leaves.first, leaves.end - leaves.first
    while count:
        height = count.bit_length() - 1
        found.append(Subtree(height, first >> height))
        first += 1 << height
        count -= 1 << height
    return found


def combine(hashes: Sequence[bytes]) -> bytes:
    """The hash of the node over `subtrees`, from the hashes of these; no subtree is the empty tree."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def _split(size: int) -> int:
    """The largest power of two smaller than `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The nodes of an inclusion proof of leaf `index` in the tree of `size` leaves, from leaf to root (PATH)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    path: list[Range] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(first, middle))
            first = middle
    return path[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The nodes of a consistency proof between the trees of `old` and of `new` leaves (PROOF); none if one is empty."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not extend one of {old}")
    if old in {0, new}:
        return []
    proof: list[Range] = []
    first, end, whole = 0, new, True
    while end != old:
        middle = first + _split(end - first)
        if old <= middle:
            proof.append(Range(middle, end))
            end = middle
        else:
            proof.append(Range(first, middle))
            first, whole = middle, False
    if not whole:
        proof.append(Range(first, end))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf with the hash `leaf` stands at `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    path = inclusion_ranges(index, size)
    if len(path) != len(proof):
        return False
    result = leaf
    for sibling, leaves in zip(proof, path, strict=True):
        result = node_hash(sibling, result) if leaves.end <= index else node_hash(result, sibling)
    return result == root


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if old == new:
        return not proof and old_root == new_root
    ranges = consistency_ranges(old, new)
    if len(ranges) != len(proof):
        return False
    known = dict(zip(ranges, proof, strict=True))
    if old.bit_count() == 1:  # a node of the new tree, so that the proof leaves it out
        known[Range(0, old)] = old_root
    elif _fold(Range(0, old), known.get) != old_root:
        return False
    return _fold(Range(0, new), known.get) == new_root


def _fold(leaves: Range, known: Callable[[Range], bytes | None]) -> bytes | None:
    """The hash over `leaves`, from the hashes that `known` has for parts of it; None where they do not cover it."""
    if (found := known(leaves)) is not None:
        return found
    if leaves.end - leaves.first < 2:  # noqa: PLR2004 - a leaf has no children
        return None
    middle = leaves.first + _split(leaves.end - leaves.first)
    left = _fold(Range(leaves.first, middle), known)
    if left is None:
        return None
    right = _fold(Range(middle, leaves.end), known)
    return None if right is None else node_hash(left, right)
