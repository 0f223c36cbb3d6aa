import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from bot.answering.llm.model_calls import CallOutcome
from bot.answering.state import Status
from bot.running.server.api import create_app
from bot.running.service.service import open_service
from ingest.configuration.settings import Settings
from tests.conftest import ROOT

RULES = yaml.safe_load((ROOT / "deploy/prometheus/rules.yaml").read_text("utf-8"))
SCRAPED = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yaml").read_text("utf-8"))
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text("utf-8"))
ALERTS: dict[str, dict[str, Any]] = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
QUERIES = {f"{panel['title']} {one['refId']}": one["expr"] for panel in DASHBOARD["panels"] for one in panel["targets"]}
ASKED = {**{name: rule["expr"] for name, rule in ALERTS.items()}, **QUERIES}
# What Prometheus itself writes of whom it asks.
_OF_PROMETHEUS = {"up"}
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "info": ("_info",)}
_NAME = re.compile(r"(?<![\w\"{])((?:shirube|http|process)[\w:]+|up)(?=[\s{\[)]|$)")
_LABEL = re.compile(r'(\w+)(=~|=)"([^"]*)"')


@pytest.fixture(scope="module")
def metrics(data: Path) -> str:
    settings = Settings(_env_file=None, data=data)
    with open_service(settings) as service:
        return TestClient(create_app(service, settings)).get("/metrics").text


@pytest.mark.parametrize("where", ASKED)
def test_each_query_names_existing_metrics(where: str, metrics: str) -> None:
    names = set(_NAME.findall(ASKED[where]))
    served = {
        f"{family.name}{suffix}"
        for family in text_string_to_metric_families(metrics)
        for suffix in _SUFFIXES.get(family.type, ("",))
    }
    assert names
    assert names - served - _OF_PROMETHEUS == set()


@pytest.mark.parametrize("where", ASKED)
def test_each_value_of_a_label_is_one_that_occurs(where: str, metrics: str) -> None:
    known = {
        "status": {status.value for status in Status} | {"5.."},
        "outcome": set(get_args(CallOutcome)),
        "le": set(re.findall(r'shirube_answer_seconds_bucket\{audience="citizen",le="([^"]+)"', metrics)),
        "job": {one["job_name"] for one in SCRAPED["scrape_configs"]},
    }
    for label, _, value in _LABEL.findall(ASKED[where]):
        assert set(value.split("|")) <= known[label]


def test_each_alert_has_a_japanese_remedy() -> None:
    for rule in ALERTS.values():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert re.search("[ぁ-ん]", rule["annotations"]["summary"])
