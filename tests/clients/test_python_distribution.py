"""datastorage-client is a distribution of its own: a wheel, its declared dependencies, Python 3.10."""

import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

#: A virtual environment is made and packages are fetched: seconds that are not ours to bound tightly.
pytestmark = pytest.mark.timeout(600)

CLIENT = Path(__file__).parents[2] / "clients" / "python"
PROJECT = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]

IMPORTS = """
import importlib, json, pkgutil, sys
import datastorage_client
for module in pkgutil.walk_packages(datastorage_client.__path__, "datastorage_client."):
    importlib.import_module(module.name)
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""
STORE = """
from datastorage_client import BufferedAuditStore
event = {
    "version": "1.0", "event_type": "gateway.signal.received", "event_category": "gateway", "event_action": "received",
    "event_outcome": "success", "correlation_id": "installed", "event_timestamp": "now", "event_data": {},
}
from datetime import datetime, timezone
with BufferedAuditStore("URL") as store:
    store.store(event | {"event_timestamp": datetime.now(timezone.utc)})
    assert store.flush(30)
    print(store.stats().written)
"""
OURS = ("access", "audit", "catalog", "console", "datastorage", "dlq", "evidence", "handlers", "pipeline", "repository")


def test_every_module_is_imported_with_nothing_but_the_declared_dependencies(installed):
    modules = set(json.loads(installed("-c", IMPORTS)))
    assert {"attr", "httpx", "dateutil"} <= modules
    assert modules.isdisjoint({"prometheus_client", "structlog", "opentelemetry", "msgspec", *OURS})


def test_the_installed_client_stores_an_event(installed, running):
    assert installed("-c", STORE.replace("URL", running.url)) == "1\n"


def test_the_wheel_carries_types_and_licence_and_nothing_of_the_service(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "datastorage_client/py.typed" in names
    assert any(name.endswith("LICENSE") for name in names)
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"datastorage_client"}


def newer_than_3_10(place):
    """What vermin finds under `place` that Python 3.10 does not have."""
    vermin = Path(sys.executable).with_name("vermin")
    command = [vermin, "--no-tips", "--violations", "--target=3.10-", "--eval-annotations", place]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def test_nothing_newer_than_python_3_10_is_used():
    assert PROJECT["requires-python"] == ">=3.10"
    assert newer_than_3_10(CLIENT / "src") == ""


def test_something_newer_than_python_3_10_would_be_found(tmp_path):
    (tmp_path / "newer.py").write_text("import tomllib\nfrom typing import Self\n")
    assert "tomllib" in newer_than_3_10(tmp_path)
