"""Prometheus metrics of one application; docs/api.md lists them.

Labels come only from code and settings, never from requests, so that their number stays bounded.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from platform import python_version
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.errors import BotError
from bot.runtime.document_state import DocumentState
from bot.service import Service
from bot.state import Answer, Audience, Status
from ingest.configuration.settings import Settings
from ingest.errors import IngestError
from ingest.index.generation import generation_time
from ingest.metadata.document_table import SYNC_STATES, read_source_states


class StateCollector(Collector):
    """Collects the state of the current index, the sources and the queue, and leaves out what cannot be read."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        name = self._service.generation or ""
        index = GaugeMetricFamily("shirube_index_info", "使用中の索引", labels=["generation"])
        index.add_metric([name], 1)
        yield index
        made = generation_time(name)
        if made:
            yield GaugeMetricFamily("shirube_index_created_timestamp_seconds", "索引を作った時刻", made.timestamp())
        documents = GaugeMetricFamily("shirube_documents", "索引の文書の数（今日の効力ごと）", labels=["state"])
        try:
            labels = [_validity_label(state) for state in self._service.documents()]
        except IngestError:
            labels = []
        for label in ("in_force", "superseded", "out_of_period", "without_period"):
            documents.add_metric([label], labels.count(label))
        yield documents
        sources = GaugeMetricFamily("shirube_sources", "取得元の数（状態ごと）", labels=["state"])
        with suppress(IngestError):
            states = [state.state for state in read_source_states(self._settings).values()]
            for name in SYNC_STATES:
                sources.add_metric([name], states.count(name))
            yield sources
        writable = GaugeMetricFamily("shirube_records_writable", "回答を記録できるときは 1")
        health = self._service.health()
        writable.add_metric([], health.records)
        yield writable
        resting = GaugeMetricFamily(
            "shirube_llm_resting", "続けて失敗した言語モデルを休ませているときは 1", labels=["model"]
        )
        for model, is_resting in health.resting.items():
            resting.add_metric([model], is_resting)
        yield resting
        with suppress(BotError, IngestError):
            waiting = len(self._service.open_questions.all())
            yield GaugeMetricFamily("shirube_queue_waiting", "職員の対応を待つ質問の数", waiting)


def _validity_label(state: DocumentState) -> str:
    if state.superseded_by:
        return "superseded"
    if state.in_force is None:
        return "without_period"
    return "in_force" if state.in_force else "out_of_period"


# From a small-talk reply (below 1 ms) to a slow language model, in seconds.
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)


class Metrics:
    """The metrics of one application in a registry of its own; each process counts for itself."""

    def __init__(self, service: Service, settings: Settings) -> None:
        registry = self._registry = CollectorRegistry()
        self._answers = Counter("shirube_answers", "回答の数", ["status", "audience", "generator"], registry=registry)
        self._seconds = Histogram(
            "shirube_answer_seconds", "回答までの秒数", ["audience"], buckets=BUCKETS_S, registry=registry
        )
        self._steps = Histogram(
            "shirube_step_seconds", "工程ごとの秒数", ["step"], buckets=BUCKETS_S, registry=registry
        )
        self._asking = Gauge("shirube_answers_in_progress", "いま答えている質問の数", registry=registry)
        self._failures = Counter("shirube_failures", "答えられずに終わった質問の数", ["error"], registry=registry)
        self._calls = Counter(
            "shirube_llm_calls", "言語モデルを呼んだ数", ["model", "task", "outcome"], registry=registry
        )
        self._tokens = Counter(
            "shirube_llm_tokens", "言語モデルのトークン数", ["model", "kind", "counted_by"], registry=registry
        )
        self._truncated = Counter(
            "shirube_llm_truncated", "サーバーが、渡した文の一部だけを読んだ数", ["model"], registry=registry
        )
        self._cost = Counter("shirube_llm_cost", "言語モデルの費用（設定の値段で）", ["model"], registry=registry)
        self._model_seconds = Histogram(
            "shirube_llm_seconds", "言語モデルの秒数", ["model"], buckets=BUCKETS_S, registry=registry
        )
        self._feedback = Counter("shirube_feedback", "評価の数", ["rating"], registry=registry)
        self._responses = Counter("shirube_http_responses", "HTTP の応答の数", ["status"], registry=registry)
        Info("shirube_build", "動いている版", registry=registry).info(
            {"version": version("shirube-rag"), "python": python_version()}
        )
        ProcessCollector(registry=registry)
        registry.register(StateCollector(service, settings))
        # Series that exist with 0 let Prometheus compute a rate from the first event on.
        for audience in get_args(Audience):
            self._seconds.labels(audience)
            for status in Status:
                self._answers.labels(status.value, audience, "extractive")
        for rating in ("up", "down"):
            self._feedback.labels(rating)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count a question as being answered while the block runs, and as a failure if an error ends it."""
        with self._asking.track_inprogress():
            try:
                yield
            except Exception as error:
                self._failures.labels(type(error).__name__).inc()
                raise

    def count_answer(self, answer: Answer, audience: Audience) -> None:
        """Count an answer with its status, audience and generator, the times of its steps, and its model calls."""
        self._answers.labels(answer.status.value, audience, answer.generator).inc()
        for step, milliseconds in answer.timings_ms.items():
            histogram = self._seconds.labels(audience) if step == "total" else self._steps.labels(step)
            histogram.observe(milliseconds / 1000)
        for call in answer.calls:
            self._calls.labels(call.model, call.task, call.outcome).inc()
            self._model_seconds.labels(call.model).observe(call.milliseconds / 1000)
            counted_by = "estimate" if call.tokens.estimated else "server"
            self._tokens.labels(call.model, "prompt", counted_by).inc(call.tokens.prompt)
            self._tokens.labels(call.model, "completion", counted_by).inc(call.tokens.completion)
            self._truncated.labels(call.model).inc(call.is_truncated)
            if call.cost is not None:
                self._cost.labels(call.model).inc(call.cost)

    def count_feedback(self, rating: str) -> None:
        self._feedback.labels(rating).inc()

    def count_response(self, status: int) -> None:
        """Count a response by its HTTP status; 0 if it failed before it began."""
        self._responses.labels(status).inc()

    def text(self) -> bytes:
        return generate_latest(self._registry)
