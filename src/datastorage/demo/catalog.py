"""Thirty workflows to look at, some of them with earlier versions."""

from __future__ import annotations

import hashlib
from typing import Any

__all__ = ["versions"]

# name, title, signal, severity, component, environment, priority
_ROWS = """
oom-raise-limit|Raise the memory limit|OOMKilled|critical|deployment|production|P0
oom-restart-staged|Restart pods one by one|OOMKilled|critical|deployment|*|*
oom-scale-out|Add replicas to spread the load|OOMKilled|critical|*|production|P1
oom-heap-dump|Take a heap dump, then restart|OOMKilled|critical|statefulset|production|*
oom-notify-owner|Tell the owner and wait|OOMKilled|critical|*|*|*
oom-raise-limit-staging|Raise the limit in staging|OOMKilled|high|deployment|staging|P2
crashloop-rollback|Roll back to the last good release|CrashLoop|critical|deployment|production|P0
crashloop-config-restore|Restore the last good ConfigMap|CrashLoop|critical|deployment|*|P1
crashloop-debug-pod|Start a debug copy of the pod|CrashLoop|high|*|*|*
node-clean-images|Remove unused images from the node|DiskPressure|critical|node|production|P1
node-grow-volume|Grow the node's volume|DiskPressure|critical|node|*|P2
node-evict-logs|Rotate and evict old logs|DiskPressure|high|node|*|*
scale-out-gateway|Scale out the gateway|LatencyHigh|critical|deployment|production|P1
latency-shed-load|Shed load at the edge|LatencyHigh|critical|ingress|production|P0
latency-warm-cache|Warm the cache|LatencyHigh|high|*|production|P2
scale-database-pool|Grow the connection pool|ConnectionPool|critical|statefulset|production|P0
pool-kill-idle|End idle connections|ConnectionPool|critical|statefulset|*|P1
pool-failover-replica|Send reads to the replica|ConnectionPool|high|statefulset|production|*
renew-certificate|Renew the certificate|CertExpiry|critical|ingress|production|P1
certificate-switch-issuer|Switch to the second issuer|CertExpiry|critical|ingress|*|P2
certificate-extend|Extend with the internal authority|CertExpiry|medium|*|*|*
cordon-and-rebalance|Cordon the node and rebalance|Unschedulable|critical|node|production|P1
add-node|Add a node to the group|Unschedulable|critical|node|*|P0
lower-requests|Lower the requests of idle workloads|Unschedulable|high|deployment|*|P2
rollout-pause|Pause the rollout|RolloutStuck|critical|deployment|production|P0
rollout-retry|Retry the rollout|RolloutStuck|high|deployment|*|P1
gitops-sync|Sync from Git|ConfigDrift|medium|*|production|P2
gitops-revert|Revert the last commit|ConfigDrift|critical|*|production|P1
queue-drain|Drain the stuck queue|QueueStuck|critical|statefulset|production|P1
queue-scale-consumers|Scale the consumers|QueueStuck|high|deployment|*|*
"""
_HISTORY = {
    "oom-raise-limit": ("1.0.0", "1.1.0", "2.0.0"),
    "crashloop-rollback": ("1.0.0", "1.2.0"),
    "scale-database-pool": ("0.9.0", "1.0.0", "1.0.1"),
}
_RETIRED = {"certificate-extend": "deprecated", "node-evict-logs": "disabled"}


def versions() -> list[dict[str, Any]]:
    """Bodies for POST /api/v1/workflows/bulk."""
    found = []
    for place, row in enumerate(_ROWS.strip().splitlines()):
        name, title, *labels = row.split("|")
        history = _HISTORY.get(name, ("1.0.0",))
        for number, version in enumerate(history):
            found.append(_version(place, name, title, labels, version, number, history))
    return found


def _version(
    place: int, name: str, title: str, labels: list[str], version: str, number: int, history: tuple[str, ...]
) -> dict[str, Any]:
    signal, severity, component, environment, priority = labels
    content = _content(name, component, number)
    last = number == len(history) - 1
    return {
        "workflow_name": name,
        "version": version,
        "name": title,
        "description": f"{title}, for {signal} on {component if component != '*' else 'any component'}.",
        "content": content,
        "content_hash": hashlib.sha256(content.encode()).hexdigest(),
        "labels": {
            "signal_type": signal,
            "severity": severity,
            "component": component,
            "environment": environment,
            "priority": priority,
        },
        "execution_engine": "tekton" if place % 3 else "ansible",
        "status": _RETIRED.get(name, "active") if last else "deprecated",
        "detected_labels": _detected(place),
        "custom_labels": {"team": ["payments" if place % 2 else "platform"]},
        "owner": "platform-team" if place % 4 else "sre",
        "container_image": f"registry.example/workflows/{name}:{version}",
        "expected_success_rate": round(0.8 + (place * 7 % 19) / 100, 2),
        "expected_duration_seconds": 30 + place * 17 % 240,
        "version_notes": "First release."
        if number == 0
        else "Waits for the pods, and rolls back where they do not come up.",
        **({"previous_version": history[number - 1]} if number else {}),
        "created_by": "demo",
    }


def _detected(place: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if place % 3 == 0:
        found |= {"gitOpsManaged": True, "gitOpsTool": "argocd" if place % 2 else "flux"}
    if place % 4 == 1:
        found |= {"pdbProtected": True, "hpaEnabled": True}
    if place % 5 == 2:  # noqa: PLR2004 - every fifth
        found |= {"serviceMesh": "istio", "stateful": True}
    return found


def _content(name: str, component: str, number: int) -> str:
    lines = [
        "apiVersion: tekton.dev/v1",
        "kind: Pipeline",
        "metadata:",
        f"  name: {name}",
        "spec:",
        "  params:",
        "    - name: namespace",
        f"    - name: {component if component != '*' else 'workload'}",
        "  tasks:",
        "    - name: check",
        "      taskRef: {name: preconditions}",
        "    - name: apply",
        "      taskRef: {name: kubectl-patch}",
        f"      timeout: {120 + 60 * number}s",
    ]
    if number:
        lines += ["    - name: wait", "      taskRef: {name: rollout-status}", "      retries: 2"]
    if number > 1:
        lines += [
            "    - name: roll-back",
            "      when: [{input: $(tasks.wait.status), operator: in, values: [Failed]}]",
        ]
    return "\n".join(lines) + "\n"
