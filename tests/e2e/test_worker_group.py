"""What the parent does with workers that die: `datastorage.server.WorkerGroup` with workers of the test's own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from datastorage.server import ListenError, bind, listen
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.service import Service

GROUP = """
    import os, signal, sys
    from pathlib import Path
    from datastorage.server import WorkerGroup, bind

    here, dying = Path(sys.argv[1]), int(sys.argv[2])
    listeners = bind("127.0.0.1", 0, 2)

    def work(listener):
        place = listeners.index(listener)
        starts = here / f"starts-{place}"
        with starts.open("a") as file:
            file.write(f"{os.getpid()}\\n")
        if place < dying and len(starts.read_text().splitlines()) <= int(sys.argv[3]):
            os._exit(3)
        signal.sigwait({signal.SIGTERM})

    sys.exit(WorkerGroup(work, listeners, patience=1, metrics_dir=here / "metrics").run())
"""


COLLECTING = """
    import gc, signal, sys
    from pathlib import Path
    from datastorage.server import WorkerGroup, bind

    here = Path(sys.argv[1])

    def work(listener):
        (here / "collects").write_text(str(gc.isenabled()))
        signal.sigwait({signal.SIGTERM})

    gc.disable()
    sys.exit(WorkerGroup(work, bind("127.0.0.1", 0, 1), patience=1, metrics_dir=here / "metrics").run())
"""


def test_workers_of_a_start_without_garbage_collection_collect_garbage(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(COLLECTING), str(tmp_path)]
    said = tmp_path / "collects"
    with subprocess.Popen(command) as group:
        eventually_sync(lambda: said.exists() and said.read_text(), timeout=60)
        group.terminate()
    assert said.read_text() == "True"


def close(listeners: list[socket.socket]) -> None:
    for listener in listeners:
        listener.close()


def test_an_address_is_claimed_at_once_and_open_only_when_the_service_is_ready() -> None:
    listeners = bind("127.0.0.1", 0, 2)
    address = listeners[0].getsockname()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=30)
    listen(listeners)
    socket.create_connection(address, timeout=30).close()
    with pytest.raises(ListenError, match=f"cannot listen on 127.0.0.1:{address[1]}: .*choose another"):
        bind("127.0.0.1", address[1], 1)
    close(listeners)


def test_of_two_services_that_start_at_once_on_one_address_the_second_gives_up() -> None:
    first = bind("127.0.0.1", 0, 1)
    second = bind("127.0.0.1", first[0].getsockname()[1], 1)
    listen(first)
    with pytest.raises(ListenError):
        listen(second)
    close(first)


def test_a_service_that_waits_for_its_stores_keeps_no_client_waiting(
    own_postgres: Controlled, own_valkey: Controlled
) -> None:
    settings = {"startup_timeout": 60}
    with Service(database_url=own_postgres.url, redis_url=own_valkey.url, settings=settings) as service:
        address = ("127.0.0.1", int(service.url.rpartition(":")[2]))
        service.stop()
        own_postgres.kill()
        own_valkey.kill()
        service.start(wait=False)
        eventually_sync(lambda: "waiting for the stores" in service.log(), timeout=60)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=30)
        own_postgres.start()
        own_valkey.start()
        service.wait_until_live()


@contextmanager
def group(here: Path, *, dying: int, times: int) -> Iterator[subprocess.Popen[bytes]]:
    """A group of two workers, of which the first `dying` end at once on their first `times` starts."""
    command = [sys.executable, "-c", textwrap.dedent(GROUP), str(here), str(dying), str(times)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def starts(here: Path, place: int) -> list[int]:
    """The process ids of the worker at this place, in order of their starts."""
    file = here / f"starts-{place}"
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_worker_that_dies_early_is_started_again_and_the_other_goes_on(tmp_path: Path) -> None:
    with group(tmp_path, dying=1, times=2) as process:
        eventually_sync(lambda: len(starts(tmp_path, 0)) == 3, timeout=60)
        (other,) = starts(tmp_path, 1)
        os.kill(other, 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_is_killed_is_replaced(tmp_path: Path, number: signal.Signals) -> None:
    with group(tmp_path, dying=0, times=0) as process:
        eventually_sync(lambda: len(starts(tmp_path, 0)) == len(starts(tmp_path, 1)) == 1, timeout=60)
        os.kill(starts(tmp_path, 0)[0], number)
        eventually_sync(lambda: len(starts(tmp_path, 0)) == 2, timeout=60)
        assert len(starts(tmp_path, 1)) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_a_group_of_which_no_worker_ever_works_ends_and_says_so(tmp_path: Path) -> None:
    with group(tmp_path, dying=2, times=9) as process:
        assert process.wait(60) == 1
