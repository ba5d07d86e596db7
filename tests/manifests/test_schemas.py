"""The manifests as the tools of others see them: rendered by kustomize, checked against Kubernetes' strict schemas."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
OVERLAYS = ROOT / "deploy/kubernetes/overlays"
#: The oldest and the newest release that the schemas are asked about.
VERSIONS = ("1.30.0", "1.34.0")
#: Kinds of other projects, for which Kubernetes has no schema.
FOREIGN = {"ServiceMonitor", "PrometheusRule"}


def render(overlay: str) -> list[dict[str, Any]]:
    program = ["kustomize", "build"] if shutil.which("kustomize") else ["kubectl", "kustomize"]
    ended = subprocess.run([*program, str(OVERLAYS / overlay)], check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return list(yaml.safe_load_all(ended.stdout))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", ["dev", "production"])
def test_every_object_is_what_kubernetes_takes(overlay: str, version: str) -> None:
    documents = render(overlay)
    checked = [one for one in documents if one["kind"] not in FOREIGN]
    assert len(checked) > 8
    for document in checked:
        kubernetes_validate.validate(document, version, strict=True)


def test_a_wrong_field_is_found() -> None:
    [deployment] = [one for one in render("dev") if one["kind"] == "Deployment"]
    deployment["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSIONS[-1], strict=True)


def test_production_scales_by_itself_and_keeps_its_secret_elsewhere() -> None:
    documents = render("production")
    kinds = {one["kind"] for one in documents}
    assert {"HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "Job", "ServiceMonitor"} <= kinds
    assert "Secret" not in kinds
    [deployment] = [one for one in documents if one["kind"] == "Deployment"]
    assert "replicas" not in deployment["spec"]
    [config] = [one for one in documents if one["kind"] == "ConfigMap"]
    used = deployment["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"]
    assert used == config["metadata"]["name"]


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    ended = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "")
