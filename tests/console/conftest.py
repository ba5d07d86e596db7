"""A real service with the demo's data, and Debian's Chromium before it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.dead_letters import inject, poison
from tests.fixtures.service import Service, clean_environment

CHROMIUM = os.environ.get("DATASTORAGE_TEST_CHROMIUM", "") or shutil.which("chromium") or ""
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: A browser takes the machine's time: what is slow is not down.
_UNHURRIED = {
    "shutdown_drain": 0,
    "slow_write": 20,
    "write_deadline": 30,
    "write_pool_timeout": 20,
    "connect_timeout": 20,
    "lock_timeout": 20,
    "redis_timeout": 10,
    "dlq_max_len": 50_000,
}
#: Milliseconds that a condition in the browser may take on a busy machine.
_PATIENCE = 60_000


def pytest_configure() -> None:
    if not CHROMIUM:
        pytest.exit(
            "the console's tests need Chromium: apt-get update && apt-get install chromium, "
            "or say where one is with DATASTORAGE_TEST_CHROMIUM",
            returncode=2,
        )


@pytest.fixture(autouse=True)
def leaves_no_task_behind() -> None:
    """In place of the other rings' look at the event loop: Playwright's own is running all the time."""


@pytest.fixture(scope="session")
def demo(postgres_url: str, template_database: str, redis_url: str) -> Iterator[Service]:
    """A service with what `datastorage demo` records, two dead letters more, and a correlation of 10,000 events."""
    from tests.fixtures.database import _empty_redis, fresh_database

    with ExitStack() as stack:
        queue_url = _empty_redis(redis_url)
        url = stack.enter_context(fresh_database(postgres_url, template_database))
        service = Service(database_url=url, redis_url=queue_url, settings=_UNHURRIED)
        stack.callback(service.close)
        service.start()
        command = [sys.executable, "-m", "datastorage", "demo", "--url", service.url]
        ran = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        assert f"{service.url}/console/" in ran.stdout
        inject(queue_url, *(poison() for _ in range(3)))
        eventually_sync(lambda: len(service.client.get("/api/v1/dlq/dead-letters").json()["data"]) == 3)
        yield service


@pytest.fixture(scope="session")
def chromium(demo: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One browser for all tests, with a profile of its own; after `demo`, since Playwright keeps a loop running."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("chromium"),
            headless=True,
            executable_path=CHROMIUM,
            args=list(_ARGUMENTS),
            viewport={"width": 1360, "height": 900},
            permissions=["clipboard-read", "clipboard-write"],
            timezone_id="Asia/Kolkata",
        )
        context.set_default_timeout(_PATIENCE)
        yield context
        with suppress(Exception):
            context.close()


@pytest.fixture
def page(chromium: BrowserContext, demo: Service) -> Iterator[Page]:
    """A page that must end without an error of a script, a broken policy, or a request to anywhere else."""
    page = chromium.new_page()
    faults: list[str] = []

    def told(message: ConsoleMessage) -> None:
        # htmx reports a question that its reader cancelled with these two.
        if message.type == "error" and not message.text.startswith(("htmx:sendAbort", "htmx:afterRequest")):
            faults.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((demo.url, "blob:", "data:")):
            faults.append(f"asked {request.url}")

    page.on("console", told)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", asked)

    yield page
    page.close()
    assert not faults


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, as its npm package has it."""
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


Visit = Callable[[str], Page]


@pytest.fixture
def visit(page: Page, demo: Service) -> Visit:
    """Goes to an address of the console and waits until nothing loads any more."""

    def go(address: str) -> Page:
        page.goto(f"{demo.url}{address}")
        page.wait_for_load_state("networkidle")
        return page

    return go
