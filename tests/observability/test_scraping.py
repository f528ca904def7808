"""Prometheus finds every process of compose.yaml that counts, where that answers."""

from typing import Any

import yaml

from meetinity_events.embedded.commands import CHILDREN
from meetinity_events.embedded.data_folder import PROJECT_ROOT


def read_yaml(name: str) -> dict[str, Any]:
    body: dict[str, Any] = yaml.safe_load((PROJECT_ROOT / name).read_text())
    return body


def test_every_process_that_counts_is_scraped_where_compose_lets_it_answer() -> None:
    web, workers, consumers = read_yaml("deploy/monitoring/prometheus.yaml")["scrape_configs"]
    services = read_yaml("compose.yaml")["services"]
    (found_workers,), (found_consumers,) = workers["dns_sd_configs"], consumers["dns_sd_configs"]
    environment = services["web"]["environment"]

    (alias,) = services["web"]["networks"]["default"]["aliases"]
    assert web["static_configs"] == [{"targets": [f"{alias}:{environment['APP_PORT']}"]}]
    assert str(found_workers["port"]) == environment["WORKER_METRICS_PORT"]
    assert str(found_consumers["port"]) == environment["KAFKA_CONSUMER_METRICS_PORT"]
    scraped = {"web", *found_workers["names"], *found_consumers["names"]}
    assert scraped == {child.name for child in CHILDREN} - {"beat"}  # which counts nothing
    assert scraped <= set(services)
