"""What the operator watches, in Prometheus' terms: answers, latencies, feedback, the index in service."""

from collections.abc import Callable
from datetime import date

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.answer import Answer, Question, Status
from bot.answering import Answering, DocumentState, Feedback, OnStage, OnText
from bot.model.usage import ModelCall
from bot.turn import Hit

# From a small-talk reply (below 1 ms) to a slow language model, in seconds.
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)


class Metrics:
    """The figures of one app, in a registry of its own; each process counts for itself."""

    def __init__(self, generation: Callable[[], str | None]) -> None:
        self._generation = generation
        self._registry = CollectorRegistry()
        self._answers = Counter("shirube_answers", "回答の数（終わり方ごと）", ["status"], registry=self._registry)
        self._seconds = Histogram(
            "shirube_answer_seconds", "回答までの秒数", buckets=BUCKETS_S, registry=self._registry
        )
        self._steps = Histogram(
            "shirube_step_seconds", "工程ごとの秒数", ["step"], buckets=BUCKETS_S, registry=self._registry
        )
        self._calls = Counter(
            "shirube_llm_calls", "言語モデルを呼んだ数", ["model", "task", "outcome"], registry=self._registry
        )
        self._tokens = Counter(
            "shirube_llm_tokens", "言語モデルのトークン数", ["model", "kind", "counted_by"], registry=self._registry
        )
        self._cost = Counter("shirube_llm_cost", "言語モデルの費用（設定の値段で）", ["model"], registry=self._registry)
        self._model_seconds = Histogram(
            "shirube_llm_seconds", "言語モデルの秒数", ["model"], buckets=BUCKETS_S, registry=self._registry
        )
        self._feedback = Counter("shirube_feedback", "評価の数", ["rating"], registry=self._registry)
        self._index = Gauge("shirube_index_info", "使用中の索引", ["generation"], registry=self._registry)
        for status in Status:  # a rate can be taken from the first answer on
            self._answers.labels(status.value)

    def count_answer(self, answer: Answer) -> None:
        """Count an answer by how it ended, its steps by how long they took, and what language models took for it."""
        self._answers.labels(answer.status.value).inc()
        for step, milliseconds in answer.timings_ms.items():
            histogram = self._seconds if step == "total" else self._steps.labels(step)
            histogram.observe(milliseconds / 1000)

        for call in answer.calls:
            self._count_call(call)

    def _count_call(self, call: ModelCall) -> None:
        self._calls.labels(call.model, call.task, call.outcome).inc()
        self._model_seconds.labels(call.model).observe(call.milliseconds / 1000)
        counted_by = "estimate" if call.tokens.estimated else "server"
        self._tokens.labels(call.model, "prompt", counted_by).inc(call.tokens.prompt)
        self._tokens.labels(call.model, "completion", counted_by).inc(call.tokens.completion)
        if call.cost is not None:
            self._cost.labels(call.model).inc(call.cost)

    def count_feedback(self, rating: str) -> None:
        """Count a reader's vote."""
        self._feedback.labels(rating).inc()

    def text(self) -> bytes:
        """Return Prometheus' text format; the index that was in service before is not named any more."""
        self._index.clear()
        self._index.labels(self._generation() or "").set(1)
        return generate_latest(self._registry)


class Watched:
    """A service whose answers and feedback are counted; the rest goes through as it is."""

    def __init__(self, service: Answering, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    @property
    def generation(self) -> str | None:
        """The index in service."""
        return self._service.generation

    def ask(self, question: Question, on_stage: OnStage | None = None, on_text: OnText | None = None) -> Answer:
        """Answer and count."""
        answer = self._service.ask(question, on_stage, on_text)
        self._metrics.count_answer(answer)
        return answer

    def feedback(self, feedback: Feedback) -> None:
        """Record and count."""
        self._service.feedback(feedback)
        self._metrics.count_feedback(feedback.rating)

    def search(self, q: str, k: int = 10, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        """Return ranked passages."""
        return self._service.search(q, k, as_of, doc_id)

    def documents(self, as_of: date | None = None) -> list[DocumentState]:
        """Return the documents of the index."""
        return self._service.documents(as_of)

    def ready(self) -> bool:
        """Tell whether index and records can be used."""
        return self._service.ready()
