"""Prometheus metrics of the state of a service; docs/api.md lists them."""

from collections.abc import Iterator
from contextlib import suppress

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.errors import BotError
from bot.service import Service
from ingest.errors import IngestError
from ingest.index.generation import generation_time


class StateCollector(Collector):
    """Collects the age of the current index, its documents, and what waits, and leaves out what cannot be read."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        if made := generation_time(self._service.generation or ""):
            yield GaugeMetricFamily("shirube_index_created_timestamp_seconds", "索引を作った時刻", made.timestamp())
        try:
            documents = len(self._service.documents())
        except IngestError:
            documents = 0
        yield GaugeMetricFamily("shirube_documents", "索引の文書の数", documents)
        is_recorded = self._service.health().records
        yield GaugeMetricFamily("shirube_records_writable", "回答を記録できるときは 1", is_recorded)
        with suppress(BotError, IngestError):
            waiting = len(self._service.open_questions.all())
            yield GaugeMetricFamily("shirube_queue_waiting", "職員の対応を待つ質問の数", waiting)
