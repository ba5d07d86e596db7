"""The alerts and recording rules, by Prometheus' own tool (Debian's package `prometheus`)."""

import subprocess
from pathlib import Path

import pytest
import yaml

PROMETHEUS = Path(__file__).parents[2] / "deploy" / "prometheus"


def promtool(*arguments: str) -> None:
    command = ["promtool", *arguments]
    ran = subprocess.run(command, cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def alerts() -> list[str]:
    groups = yaml.safe_load((PROMETHEUS / "rules.yaml").read_text())["groups"]
    return [rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule]


def test_the_rules_are_valid() -> None:
    promtool("check", "rules", "--lint-fatal", "rules.yaml")


@pytest.mark.timeout(600)
def test_every_alert_fires_when_it_should_and_only_then() -> None:
    promtool("test", "rules", "rules.test.yaml")


@pytest.mark.parametrize("alert", alerts())
def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_stays_silent(alert: str) -> None:
    tests = yaml.safe_load((PROMETHEUS / "rules.test.yaml").read_text())["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"] if case["alertname"] == alert]
    assert sorted(bool(case["exp_alerts"]) for case in cases) == [False, True]
