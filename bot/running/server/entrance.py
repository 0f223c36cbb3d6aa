"""The entrance of a server: counts questions and answers for Prometheus (docs/api.md), and limits how many run."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from os import cpu_count
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.answering.state import Answer, Audience, Question, Status
from bot.errors import BotError
from bot.running.http.admission import Admission
from bot.running.http.limits import current_caller
from bot.running.http.log import redact_text
from bot.running.service.service import Entrance, Service
from ingest.configuration.settings import Settings
from ingest.errors import IngestError
from ingest.index.generation import generation_time

# Answers from the index are CPU-bound: more than one per core only wait for each other (decision 092), but one alone
# would leave the core idle while it waits for the disk. Answers of a language model mostly wait for its server.
_LEAST_ANSWERS = 2
_ANSWERS_WITH_MODEL = 32
# Questions that wait for a seat, and for how many seconds.
_WAITING = 128
_WAIT_S = 4.0
# From a small-talk reply (below 1 ms) to a slow language model, in seconds.
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)


def admit_answers(settings: Settings) -> Admission:
    """Return the admission of all answers and searches of a process."""
    default = _ANSWERS_WITH_MODEL if settings.llm else max(_LEAST_ANSWERS, cpu_count() or 1)
    # Who waits for a model to answer another question waits as long as that may take.
    model_s = settings.llm_timeout_s if settings.llm or settings.llm_gguf else 0
    return Admission(settings.answers_at_once or default, _WAITING, _WAIT_S + model_s)


class ServerEntrance(Entrance):
    """Counts questions in `registry`, and limits how many answers and searches run at a time.

    Raises BusyError. Labels come only from code and settings, never from requests, so that their number stays bounded.
    """

    def __init__(self, admission: Admission, registry: CollectorRegistry) -> None:
        self._admission = admission
        self._answers = Counter("shirube_answers", "回答の数", ["status", "audience", "generator"], registry=registry)
        self._seconds = Histogram(
            "shirube_answer_seconds", "回答までの秒数", ["audience"], buckets=_BUCKETS_S, registry=registry
        )
        self._asking = Gauge("shirube_answers_in_progress", "いま答えている質問の数", registry=registry)
        self._failures = Counter("shirube_failures", "答えられずに終わった質問の数", ["error"], registry=registry)
        self._calls = Counter("shirube_llm_calls", "言語モデルを呼んだ数", ["model", "outcome"], registry=registry)
        # Series that exist with 0 let Prometheus compute a rate from the first event on.
        for audience in get_args(Audience):
            self._seconds.labels(audience)
            for status in Status:
                self._answers.labels(status.value, audience, "extractive")

    @contextmanager
    def question(self, question: Question) -> Iterator[None]:
        redact_text(question.question)
        with self._asking.track_inprogress():
            try:
                with self._admission.seat(current_caller()):
                    yield
            except Exception as error:
                self._failures.labels(type(error).__name__).inc()
                raise

    def search(self, text: str) -> AbstractContextManager[None]:
        redact_text(text)
        return self._admission.seat(current_caller())

    def count_answer(self, answer: Answer, question: Question) -> None:
        self._answers.labels(answer.status.value, question.audience, answer.generator).inc()
        self._seconds.labels(question.audience).observe(answer.timings_ms.get("total", 0) / 1000)
        for call in answer.calls:
            self._calls.labels(call.model, call.outcome).inc()


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
