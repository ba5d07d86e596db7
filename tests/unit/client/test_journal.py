"""A spill file survives whatever ends its process, and says what something else destroyed."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datastorage_client.buffered.journal import Journal
from datastorage_client.buffered.spill import SpillBuffer
from datastorage_client.errors import SpillError

MIB = 1 << 20


def opened(path, size=MIB):
    return Journal(path, size)


def killed(journal):
    """As after kill -9: nothing is said to the file any more."""
    journal.abandon()


def payloads(journal):
    return [entry.payload for entry in journal.take(10**6, 1 << 40)]


def test_what_was_taken_is_there_after_a_kill(tmp_path):
    journal = opened(tmp_path / "f")
    assert all(journal.append(b"%d" % n) for n in range(100))
    journal.settle([entry.number for entry in journal.take(40, MIB)])
    journal.take(10, MIB)
    killed(journal)
    again = opened(tmp_path / "f")
    assert payloads(again) == [b"%d" % n for n in range(40, 100)]
    assert again.lost == 0


def test_a_torn_record_is_not_delivered_and_not_called_lost(tmp_path):
    journal = opened(tmp_path / "f")
    journal.append(b"whole")
    journal.append(b"torn" * 10)
    at = journal._map.find(b"torn")
    journal._map[at + 20] = 0
    killed(journal)
    again = opened(tmp_path / "f")
    assert again.lost == 0
    assert again.append(b"next")
    assert payloads(again) == [b"whole", b"next"]


def test_a_destroyed_record_in_the_middle_is_counted_and_the_rest_delivered(tmp_path):
    journal = opened(tmp_path / "f")
    for n in range(10):
        journal.append(b"record-%d" % n)
    at = journal._map.find(b"record-4")
    journal._map[at : at + 8] = b"XXXXXXXX"
    killed(journal)
    again = opened(tmp_path / "f")
    assert payloads(again) == [b"record-%d" % n for n in range(10) if n != 4]
    assert again.lost == 1


def test_a_torn_slot_falls_back_to_the_one_before(tmp_path):
    journal = opened(tmp_path / "f")
    for n in range(6):
        journal.append(b"%d" % n)
    for _ in range(3):
        journal.settle([entry.number for entry in journal.take(1, MIB)])
    latest = journal._turn % 2 * 64
    journal._map[latest + 20] ^= 0xFF
    killed(journal)
    assert payloads(opened(tmp_path / "f")) == [b"2", b"3", b"4", b"5"]  # 2 again: the service knows its id


def test_a_full_file_refuses_and_takes_again_when_the_oldest_are_settled(tmp_path):
    journal = opened(tmp_path / "f")
    count = 0
    while journal.append(bytes([count % 256]) * 1000):
        count += 1
    assert 1000 < count < 1050
    assert 0.99 < journal.fill() <= 1
    entries = journal.take(10, MIB)
    assert not journal.append(b"x" * 1000)
    journal.settle([entry.number for entry in entries])
    assert journal.append(b"y" * 1000)
    killed(journal)
    assert len(payloads(opened(tmp_path / "f"))) == count - 9


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("aaaatsk"), st.integers(1, 60_000)), max_size=120))
def test_the_file_is_a_queue_that_survives_kills(tmp_path_factory, steps):
    """Against a plain list: append, take, settle, kill."""
    path = tmp_path_factory.mktemp("ring") / "f"
    journal, waiting, taken, made = opened(path), [], [], 0
    for step, size in steps:
        if step == "a":
            made += 1
            payload = (b"%d-" % made) * (size // 8 + 1)
            if journal.append(payload):
                waiting.append(payload)
            else:
                assert sum(map(len, waiting)) + sum(len(e.payload) for e in taken) + size > MIB // 4
        elif step == "t":
            got = journal.take(size % 7 + 1, 1 << 40)
            assert [entry.payload for entry in got] == waiting[: len(got)]
            taken += got
            del waiting[: len(got)]
        elif step == "s":
            journal.settle([entry.number for entry in taken])
            taken = []
        else:
            killed(journal)
            journal = opened(path)
            waiting, taken = [entry.payload for entry in taken] + waiting, []
        assert journal.unsettled() == len(waiting) + len(taken)
    assert payloads(journal) == waiting
    assert journal.lost == 0
    journal.abandon()


def test_a_file_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "events-0.spill").write_bytes(b"precious" * 10_000)
    with pytest.raises(SpillError, match="is not a spill file"):
        SpillBuffer(tmp_path, MIB)
    assert (tmp_path / "events-0.spill").read_bytes() == b"precious" * 10_000


def test_a_directory_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SpillError, match="cannot be used"):
        SpillBuffer(tmp_path / "file" / "below", MIB)


def test_a_second_process_never_touches_a_file_in_use(tmp_path):
    first = SpillBuffer(tmp_path, MIB)
    first.append(b"mine")
    code = (
        "import os; from pathlib import Path; from datastorage_client.buffered.spill import SpillBuffer\n"
        f"second = SpillBuffer(Path({str(tmp_path)!r}), {MIB}); assert second.unsettled() == 0\n"
        "second.append(b'other'); os._exit(9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 9
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events-0.spill", "events-1.spill"]
    assert [entry.payload for entry in first.take(10, MIB)] == [b"mine"]
    third = SpillBuffer(tmp_path, MIB)  # takes the dead one's file over
    assert [entry.payload for entry in third.take(10, MIB)] == [b"other"]
    third.abandon()
    first.abandon()


def test_files_of_dead_processes_are_delivered_first_and_removed(tmp_path):
    left = [SpillBuffer(tmp_path, MIB) for _ in range(3)]
    for n, one in enumerate(left):
        one.append(b"%d" % n)
        one.append(b"%d" % n)
    for one in left:
        one.abandon()
    heir = SpillBuffer(tmp_path, MIB)
    heir.append(b"own")
    got = []
    while entries := heir.take(10, MIB):
        got += [entry.payload for entry in entries]
        entries[0].holder.settle([entry.number for entry in entries])
    assert sorted(got) == sorted([b"0", b"0", b"1", b"1", b"2", b"2", b"own"])
    assert got[-1] == b"own"
    assert heir.waiting() == 0
    heir.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_size_is_drained_but_not_used(tmp_path):
    old = SpillBuffer(tmp_path, MIB)
    old.append(b"old")
    old.abandon()
    new = SpillBuffer(tmp_path, 2 * MIB)
    new.append(b"new")
    assert [entry.payload for entry in new.take(10, MIB)] == [b"old"]
    assert [entry.payload for entry in new.take(10, MIB)] == [b"new"]
    new.abandon()
