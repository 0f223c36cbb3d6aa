"""Prometheus metrics of index, sources and queue, collected on request."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.errors import BotError
from bot.runtime.document_state import DocumentState
from bot.service import Service
from ingest.configuration.settings import Settings
from ingest.errors import IngestError
from ingest.index.generation import generation_time
from ingest.lifecycle.sources import STATES, read_states


class StateCollector(Collector):
    """Collects the state of the current index, the sources and the queue, and leaves out what cannot be read."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of index, sources and queue."""
        name = self._service.generation or ""
        index = GaugeMetricFamily("shirube_index_info", "使用中の索引", labels=["generation"])
        index.add_metric([name], 1)
        yield index
        made = generation_time(name)
        if made:
            yield GaugeMetricFamily("shirube_index_created_timestamp_seconds", "索引を作った時刻", made.timestamp())
        documents = GaugeMetricFamily("shirube_documents", "索引の文書の数（今日の効力ごと）", labels=["state"])
        for state, number in self._states().items():
            documents.add_metric([state], number)
        yield documents
        sources = GaugeMetricFamily("shirube_sources", "取得元の数（状態ごと）", labels=["state"])
        counts: Counter[str] = Counter(state.state for state in read_states(self._settings).values())
        for name in STATES:
            sources.add_metric([name], counts[name])
        yield sources
        writable = GaugeMetricFamily("shirube_records_writable", "回答を記録できるときは 1")
        writable.add_metric([], self._service.health().records)
        yield writable
        with suppress(BotError, IngestError):
            waiting = self._service.desk.waiting()
            yield GaugeMetricFamily("shirube_queue_waiting", "職員の対応を待つ質問のまとまりの数", waiting)

    def _states(self) -> dict[str, int]:
        try:
            counted = Counter(map(_validity_label, self._service.documents()))
        except IngestError:
            counted = Counter()
        return {state: counted[state] for state in ("in_force", "superseded", "out_of_period", "without_period")}


def _validity_label(state: DocumentState) -> str:
    if state.superseded_by:
        return "superseded"
    if state.in_force is None:
        return "without_period"
    return "in_force" if state.in_force else "out_of_period"
