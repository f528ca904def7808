"""The alerts watch metrics that exist, tell a reader what to do, and have each been tried by promtool."""

import re
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from meetinity_events.embedded.data_folder import PROJECT_ROOT
from meetinity_events.heartbeat import KINDS

FOLDER = PROJECT_ROOT / "deploy" / "monitoring"
RULES = [rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]
TESTS = yaml.safe_load((FOLDER / "alerts_test.yaml").read_text())["tests"]
NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|\bup\b")
FUNCTIONS = {"histogram_quantile", "min_over_time"}


def names_in(expression: str) -> set[str]:
    """Metrics that the expression reads."""
    return set(NAME.findall(re.sub(r"\{[^}]*\}|by \([^)]*\)", "", expression))) - FUNCTIONS


def samples() -> set[str]:
    """Every name under which a scrape may show a value of ours, and `up`, which Prometheus adds."""
    ends = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    return {"up", *(family.name + end for family in REGISTRY.collect() for end in ends.get(family.type, ()))}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_watches_metrics_that_the_service_has(rule: dict[str, Any]) -> None:
    watched = names_in(rule["expr"])

    assert watched
    assert watched <= samples()


def test_a_metric_that_nobody_has_would_be_noticed() -> None:
    """The control of the names above."""
    assert names_in("rate(api_responses_total[5m]) / max by (job) (no_such_metric)") - samples() == {"no_such_metric"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert all(rule["annotations"][name] for name in ("summary", "description"))


def test_each_alert_is_tried_in_a_world_that_deserves_it() -> None:
    tried = [case for test in TESTS for case in test["alert_rule_test"]]

    assert {case["alertname"] for case in tried if case["exp_alerts"]} == {rule["alert"] for rule in RULES}


def test_a_kind_of_worker_that_never_started_is_missed() -> None:
    (missing,) = [rule["expr"] for rule in RULES if rule["alert"] == "WorkerMissing"]

    assert set(re.findall(r'worker="(\w+)"', missing)) == set(KINDS)
