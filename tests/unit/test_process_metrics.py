"""What the kernel tells of parent and workers."""

import subprocess
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry

from console.process_metrics import BuildInfo, ProcessGroup
from tests.fixtures.awaiting import eventually_sync

PARENT = "import os, time\nsum(range(5_000_000))\nos.fork()\ntime.sleep(60)"


def test_a_parent_and_its_children_are_added_up() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT]) as parent:
        registry = CollectorRegistry()
        registry.register(ProcessGroup(lambda: parent.pid))
        try:
            eventually_sync(lambda: registry.get_sample_value("datastorage_workers") == 1)
            assert registry.get_sample_value("process_resident_memory_bytes", {}) > 2_000_000
            assert registry.get_sample_value("process_open_fds", {}) >= 6
            assert registry.get_sample_value("process_cpu_seconds_total", {}) > 0
            started = registry.get_sample_value("process_start_time_seconds", {}) or 0
            assert abs(started - Path(f"/proc/{parent.pid}").stat().st_ctime) < 120
        finally:
            children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
            subprocess.run(["kill", "-9", str(parent.pid), *children], check=True)


def test_where_there_is_no_proc_nothing_is_told_and_nothing_fails(tmp_path: Path) -> None:
    assert list(ProcessGroup(proc=tmp_path).collect()) == []


def test_the_versions_are_labels() -> None:
    (found,) = BuildInfo().collect()
    (sample,) = found.samples
    assert sample.value == 1
    assert set(sample.labels) == {"version", "python"}
    assert all(sample.labels.values())
