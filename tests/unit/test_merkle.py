import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.merkle import (
    EMPTY_ROOT,
    Range,
    combine,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    perfect_root,
    subtrees,
    verify_consistency,
    verify_inclusion,
)

SIZES = st.integers(1, 300)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


def rfc_root(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(rfc_root(hashes[:split]), rfc_root(hashes[split:]))


def hash_over(all_leaves: Sequence[bytes], part: Range) -> bytes:
    """As a log answers: from complete subtrees only."""
    return combine(
        [perfect_root(all_leaves[t.number << t.height : (t.number + 1) << t.height]) for t in subtrees(part)]
    )


def changed(proof: Sequence[bytes], place: int) -> list[bytes]:
    return [hash_ if number != place else leaf_hash(hash_) for number, hash_ in enumerate(proof)]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 8, 255, 256, 257, 700])
def test_the_root_is_that_of_rfc_6962(size):
    assert hash_over(leaves(size), Range(0, size)) == rfc_root(leaves(size))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.data())
def test_an_inclusion_proof_verifies_and_nothing_else_does(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = leaves(size)
    root = rfc_root(tree)
    proof = [hash_over(tree, part) for part in inclusion_ranges(index, size)]
    assert verify_inclusion(tree[index], index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"another"), index, size, proof, root)
    assert not verify_inclusion(tree[index], index, size, [*proof, root], root)
    for place in range(len(proof)):
        assert not verify_inclusion(tree[index], index, size, changed(proof, place), root)
    for other in {(index + 1) % size, size - 1} - {index}:
        assert not verify_inclusion(tree[index], other, size, proof, root)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.data())
def test_a_consistency_proof_verifies_and_nothing_else_does(new, data):
    old = data.draw(st.integers(0, new))
    tree = leaves(new)
    old_root, new_root = rfc_root(tree[:old]), rfc_root(tree)
    proof = [hash_over(tree, part) for part in consistency_ranges(old, new)]
    assert verify_consistency(old, old_root, new, new_root, proof)
    forged = leaf_hash(b"forged")
    assert not verify_consistency(old, forged, new, new_root, proof)
    if old:
        assert not verify_consistency(old, old_root, new, forged, proof)
    assert not verify_consistency(old, old_root, new, new_root, [*proof, forged])
    for place in range(len(proof)):
        assert not verify_consistency(old, old_root, new, new_root, changed(proof, place))


def test_a_proof_outside_of_the_tree_is_refused():
    assert not verify_inclusion(EMPTY_ROOT, 3, 3, [], EMPTY_ROOT)
    assert not verify_consistency(4, EMPTY_ROOT, 3, EMPTY_ROOT, [])
    with pytest.raises(ValueError, match="leaf 3 is not in a tree of 3 leaves"):
        inclusion_ranges(3, 3)
    with pytest.raises(ValueError, match="does not extend"):
        consistency_ranges(4, 3)
