"""The directory of an instance's metrics: instances that share /tmp never take each other's."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from datastorage.metrics_dir import claim_metrics_dir
from tests.fixtures.awaiting import eventually_sync

NOBODY = 2**22 + 1  # beyond the highest process id: a process of another container, seen from here


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_an_instance_never_removes_the_directory_of_one_that_runs() -> None:
    one, other = claim_metrics_dir(), claim_metrics_dir()
    assert one.is_dir()
    assert other.is_dir()
    assert one != other


def test_a_directory_in_use_is_kept_though_its_process_is_unknown_here(temporary: Path) -> None:
    foreign = temporary / f"datastorage-prometheus-{NOBODY}-abc"
    foreign.mkdir()
    descriptor = os.open(foreign, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    claim_metrics_dir()
    assert foreign.is_dir()
    os.close(descriptor)
    claim_metrics_dir()
    assert not foreign.exists(), "its instance is gone"


def test_a_directory_that_was_left_is_removed_though_its_process_id_runs_again(temporary: Path) -> None:
    left = temporary / f"datastorage-prometheus-{os.getpid()}-abc"
    left.mkdir()
    (left / "counter_1.db").write_bytes(b"x")
    claimed = claim_metrics_dir()
    assert list(temporary.iterdir()) == [claimed]


def test_a_directory_is_kept_as_long_as_a_forked_worker_lives(temporary: Path) -> None:
    program = "import os, sys; claim_metrics_dir(); os.fork() or sys.stdin.read(); os._exit(0)"
    with subprocess.Popen(
        [sys.executable, "-c", f"from datastorage.metrics_dir import claim_metrics_dir; {program}"],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
    ) as instance:
        assert instance.wait(30) == 0
        (directory,) = temporary.iterdir()
        mine = claim_metrics_dir()
        assert set(temporary.iterdir()) == {directory, mine}
        assert instance.stdin is not None
        instance.stdin.close()  # the worker ends
    eventually_sync(lambda: claim_metrics_dir() and not directory.exists())
