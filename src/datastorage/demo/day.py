"""A day of incidents to look at: most are remediated, some only after a retry, a few fail, one is under way."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from telemetry.clock import IdFactory

__all__ = ["STORM", "day"]

_INCIDENTS = 64
#: Events of the one incident that is a storm of signals.
STORM = 1200
_ALERTS = (
    ("HighMemoryUsage", "OOMKilled", "payment-api", "payments"),
    ("CrashLoopBackOff", "CrashLoop", "checkout-web", "shop"),
    ("NodeDiskPressure", "DiskPressure", "node-17", "kube-system"),
    ("HighLatencyP99", "LatencyHigh", "search-gateway", "search"),
    ("DatabaseConnectionsExhausted", "ConnectionPool", "orders-db", "orders"),
    ("CertificateExpiresSoon", "CertExpiry", "ingress-nginx", "edge"),
    ("PodPending", "Unschedulable", "report-worker", "analytics"),
)
_WORKFLOWS = {
    "OOMKilled": "oom-raise-limit",
    "CrashLoop": "crashloop-rollback",
    "DiskPressure": "node-clean-images",
    "LatencyHigh": "scale-out-gateway",
    "ConnectionPool": "scale-database-pool",
    "CertExpiry": "renew-certificate",
    "Unschedulable": "cordon-and-rebalance",
}
#: What ends an execution: (code, message, step, share of the incidents).
_ENDINGS = (
    (
        "ImagePullBackOff",
        "Failed to pull image registry.example/{resource}:2.4.1: certificate has expired",
        "rollout",
        5,
    ),
    ("DisruptionBudget", "Cannot evict pod {resource}-0: it would violate the pod's disruption budget", "drain", 3),
    ("QuotaExceeded", "Pods {resource}-7f9 is forbidden: exceeded quota compute, requested memory 2Gi", "scale", 3),
    ("", "", "", 53),
)
_CLUSTERS = ("prod-eu-central-1", "prod-us-east-1", "staging-eu-1")


class _Incident:
    """The events of one incident, one after the other, each with its cause."""

    def __init__(self, correlation_id: str, began: datetime, new_id: IdFactory, dice: random.Random) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._correlation_id = correlation_id
        self._at = began
        self._new_id = new_id
        self._dice = dice
        self.alert, self.signal, self.resource, self.namespace = dice.choice(_ALERTS)
        self._cluster = dice.choice(_CLUSTERS)

    def chance(self, share: float) -> bool:
        """True in `share` of the cases."""
        return self._dice.random() < share

    def add(
        self,
        event_type: str,
        category: str,
        data: Mapping[str, Any],
        *,
        outcome: str = "success",
        took: int | None = None,
        wait: float = 1.0,
        cause: str | None = None,
        error: tuple[str, str] | None = None,
    ) -> str:
        """One event, `wait` seconds (give or take) after the last; its id. cause: the last one, unless named."""
        self._at += timedelta(seconds=wait * self._dice.uniform(0.6, 1.6))
        event_id = str(self._new_id())
        parent = cause or (self.bodies[-1]["event_id"] if self.bodies else None)
        code, message = error or (None, None)
        body = {
            "version": "1.0",
            "event_id": event_id,
            "event_type": event_type,
            "event_category": category,
            "event_action": event_type.rpartition(".")[2][:50],
            "event_outcome": outcome,
            "event_timestamp": self._at,
            "correlation_id": self._correlation_id,
            "actor_type": "service",
            "actor_id": _SERVICES[category],
            "resource_type": "workload",
            "resource_id": self.resource,
            "namespace": self.namespace,
            "cluster_name": self._cluster,
            "severity": "critical" if outcome == "failure" else "info",
            "duration_ms": took,
            "error_code": code,
            "error_message": message,
            "parent_event_id": parent,
            "event_data": dict(data),
        }
        self.bodies.append({name: value for name, value in body.items() if value is not None})
        return event_id

    def detect(self) -> None:
        """The signal comes in, perhaps more than once, and is enriched."""
        fingerprint = f"fp-{self._dice.getrandbits(40):010x}"
        signal = {"alert_name": self.alert, "signal_fingerprint": fingerprint, "namespace": self.namespace}
        first = self.add(
            "gateway.signal.received", "gateway", {**signal, "is_duplicate": False, "action": "created_crd"}
        )
        for _ in range(self._dice.choice((0, 0, 1, 3))):
            repeat = {"duplicate_of": fingerprint, "reason": "identical_fingerprint", "window_seconds": 300}
            self.add("gateway.signal.deduplicated", "gateway", repeat, wait=4, cause=first)
        self.add(
            "gateway.crd.created",
            "gateway",
            {"crd_name": f"sp-{fingerprint[3:9]}", "crd_kind": "SignalProcessing"},
            cause=first,
        )
        self.add(
            "signalprocessing.enrichment.started",
            "signalprocessing",
            {"enricher_type": "k8s_context_enricher"},
            wait=0.3,
        )
        took = self._dice.randint(60, 900)
        labels = ["severity:critical", f"component:{self.resource}"]
        data = {"labels_added": labels, "duration_ms": took, "enricher_used": "k8s_context_enricher"}
        self.add("signalprocessing.enrichment.completed", "signalprocessing", data, took=took, wait=took / 1000)

    def analyse(self) -> None:
        """An investigation, at times only at the second attempt."""
        start = self.add(
            "analysis.investigation.started", "analysis", {"llm_provider": "openai", "prompt_tokens": 1500}
        )
        if self.chance(0.15):
            data = {"error_type": "llm_timeout", "error_message": "no answer within 30 s", "attempt": 1}
            error = ("llm_timeout", "The model gave no answer within 30 s; the investigation is tried again")
            self.add(
                "analysis.error.occurred",
                "analysis",
                data,
                outcome="failure",
                took=30000,
                wait=30,
                cause=start,
                error=error,
            )
        took = self._dice.randint(1800, 14000)
        data = {
            "rca_summary": f"{self.alert} on {self.resource}: the limit is too low since the last release",
            "confidence": round(self._dice.uniform(0.71, 0.98), 2),
            "duration_ms": took,
        }
        self.add("analysis.investigation.completed", "analysis", data, took=took, wait=took / 1000, cause=start)
        workflow = _WORKFLOWS[self.signal]
        search = {
            "query_filters": {"signal_type": self.signal, "severity": "critical"},
            "results_count": 3,
            "top_match_id": workflow,
        }
        self.add("workflow.catalog.search_completed", "workflow", search, took=self._dice.randint(2, 9), wait=0.1)
        found = {"workflow_matched": workflow, "workflow_score": round(self._dice.uniform(0.8, 0.97), 2)}
        self.add("analysis.recommendation.generated", "analysis", found, wait=0.5)

    def remediate(self, ending: tuple[str, str, str]) -> bool:
        """The workflow runs; with an ending it fails, is tried twice more and given up. Whether it succeeded."""
        code, message, step = ending
        workflow = _WORKFLOWS[self.signal]
        request = {"workflow_id": workflow, "requested_by": "analysis"}
        self.add("remediationorchestrator.request.created", "orchestration", request, wait=1)
        phase = {"from_phase": "Pending", "to_phase": "Executing", "transition_reason": "workflow_approved"}
        running = self.add("remediationorchestrator.phase.transitioned", "orchestration", phase, wait=0.4)
        shaky = not code and self.chance(0.2)
        for attempt in range(1, 4):
            job = {"workflow_id": workflow, "attempt": attempt, "engine": "tekton", "namespace": "kubernaut-jobs"}
            start = self.add(
                "execution.job.started", "execution", job, wait=3 if attempt == 1 else 20 * attempt, cause=running
            )
            took = self._dice.randint(4000, 60000)
            if not code and not (shaky and attempt == 1):
                self.add(
                    "execution.job.completed",
                    "execution",
                    {**job, "exit_code": 0},
                    took=took,
                    wait=took / 1000,
                    cause=start,
                )
                return True
            told = message.format(resource=self.resource) or "The API server was busy: etcdserver: request timed out"
            failed = {
                **job,
                "exit_code": 1,
                "step": step or "apply",
                "pod": f"{workflow}-{self._dice.getrandbits(20):05x}",
            }
            error = (code or "ApiTimeout", told)
            self.add(
                "execution.job.failed",
                "execution",
                failed,
                outcome="failure",
                took=took,
                wait=took / 1000,
                cause=start,
                error=error,
            )
        data = {
            "error_type": "workflow_execution_failed",
            "error_message": "3 attempts failed",
            "workflow_id": workflow,
        }
        error = ("workflow_execution_failed", f"{workflow} failed three times and is given up")
        self.add("remediationorchestrator.error.occurred", "orchestration", data, outcome="failure", error=error)
        return False

    def end(self, succeeded: bool) -> None:
        """The effect is measured and somebody is told; after a failure a person takes over."""
        if succeeded:
            start = self.add(
                "effectivenessmonitor.evaluation.started", "analysis", {"evaluation_window_min": 5}, wait=2
            )
            data = {"effectiveness_score": round(self._dice.uniform(0.7, 0.99), 2), "issue_resolved": True}
            self.add("effectivenessmonitor.evaluation.completed", "analysis", data, took=300000, wait=300, cause=start)
            said = f"{self.alert} on {self.resource} is remediated"
            self.add(
                "notification.sent", "notification", {"channel": "slack", "recipient": "#ops", "message_summary": said}
            )
            return
        told = {
            "channel": "pagerduty",
            "recipient": "oncall-platform",
            "message_summary": f"{self.alert} on {self.resource} needs a person",
        }
        self.add("notification.sent", "notification", told, wait=2)
        self.add(
            "notification.escalated", "notification", {"escalation_level": 2, "escalated_to": "senior-oncall"}, wait=240
        )


_SERVICES = {
    "gateway": "gateway-service",
    "signalprocessing": "signal-processor",
    "analysis": "ai-analysis",
    "workflow": "workflow-catalog",
    "execution": "workflow-engine",
    "orchestration": "remediation-orchestrator",
    "notification": "notification-service",
}


def day(until: datetime, new_id: IdFactory, seed: int = 7) -> list[dict[str, Any]]:
    """Bodies for POST /api/v1/audit/events/batch, oldest first, causes before effects, all within a day before `until`.

    The incidents of one seed are always the same, under ids of their own.
    """
    dice = random.Random(seed)  # noqa: S311 - a story, not a secret
    run = f"{dice.getrandbits(16):04x}{UUID(str(new_id())).hex[-6:]}"
    weights = [share for *_, share in _ENDINGS]
    bodies: list[dict[str, Any]] = []
    for number in range(_INCIDENTS):
        began = until - timedelta(seconds=86400 * (1 - number / _INCIDENTS) * 0.97 + 1500)
        incident = _Incident(f"rr-{run}-{number:03d}", began, new_id, dice)
        incident.detect()
        incident.analyse()
        code, message, step, _ = dice.choices(_ENDINGS, weights)[0]
        incident.end(incident.remediate((code, message, step)))
        bodies += incident.bodies
    bodies += _storm(f"storm-{run}", until - timedelta(hours=5), new_id, dice)
    under_way = _Incident(f"rr-{run}-{_INCIDENTS:03d}", until - timedelta(seconds=90), new_id, dice)
    under_way.detect()
    under_way.analyse()
    approval = {"approval_reason": "high_risk_action", "risk_level": "high", "estimated_impact": "service_restart"}
    under_way.add("analysis.approval.required", "analysis", approval, outcome="pending")
    bodies += under_way.bodies
    kept = [body for body in bodies if body["event_timestamp"] <= until]
    kept.sort(key=lambda body: body["event_timestamp"])
    known = {body["event_id"] for body in kept}
    for body in kept:
        if body.get("parent_event_id") not in known:
            body.pop("parent_event_id", None)
        body["event_timestamp"] = body["event_timestamp"].isoformat()
    return kept


def _storm(correlation_id: str, began: datetime, new_id: IdFactory, dice: random.Random) -> list[dict[str, Any]]:
    """One incident with more events than anybody reads one by one."""
    storm = _Incident(correlation_id, began, new_id, dice)
    first = storm.add(
        "gateway.storm.detected",
        "gateway",
        {"signal_count": STORM, "time_window_sec": 60, "detection_reason": "threshold_exceeded"},
    )
    while len(storm.bodies) < STORM:
        node = f"node-{dice.randint(1, 40):02d}"
        data = {"alert_name": "NodeNotReady", "node": node, "is_duplicate": len(storm.bodies) > 1}
        rejected = storm.chance(0.04)
        if rejected:
            data = {
                "rejection_reason": "rate_limited",
                "signal_source": node,
                "validation_error": "more than 50 signals a second",
            }
            storm.add(
                "gateway.signal.rejected",
                "gateway",
                data,
                outcome="failure",
                wait=0.4,
                cause=first,
                error=("rate_limited", f"{node} sends more than 50 signals a second"),
            )
        else:
            storm.add("gateway.signal.received", "gateway", data, wait=60 if storm.chance(0.03) else 0.5, cause=first)
            storm.add(
                "signalprocessing.categorization.completed",
                "signalprocessing",
                {"category": "infrastructure"},
                took=dice.randint(5, 200),
                wait=0.2,
            )
    return storm.bodies
