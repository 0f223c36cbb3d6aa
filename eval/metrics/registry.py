"""The metrics of a run, declared in the order in which they are shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from eval.dataset.variants import VARIETIES
from eval.metrics.answer_metrics import (
    abstention_precision,
    answer_correctness,
    answered_right,
    consistency,
    declined_where_due,
    facts_first,
    facts_shown,
    robustness,
    status_where_unanswerable,
    wrongly_declined,
)
from eval.metrics.citation_metrics import (
    citation_precision,
    citation_recall,
    citations_right,
    faithfulness,
    from_superseded,
)
from eval.metrics.kappa import judge_mark
from eval.metrics.model_use import cost, rejected_sentence_count, tokens
from eval.metrics.ranking_metrics import ndcg, recall, reciprocal_rank, section_metric
from eval.metrics.reading_ease import readability
from eval.metrics.statistics import Mean, compute_mean
from eval.scoring.judgements import CRITERION_NAMES
from eval.scoring.run_record import RunRow

Value = float | bool | None
Unit = Literal["rate", "score", "tokens", "money", "sentences"]
"""A rate is in 0-1 and shown in percent; the others are shown as they are."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A number or verdict of a row, or None if the row is not counted.

    `name` is its name among the figures, `title` the Japanese one; `better` is the direction of improvement.
    """

    name: str
    title: str
    measure: Callable[[RunRow], Value]
    better: Literal["higher", "lower"] = "higher"
    unit: Unit = "rate"

    def mean_over(self, rows: Iterable[RunRow]) -> Mean:
        """Return the mean over the counted `rows`; a question over two corpora is one cluster."""
        values = ((row.case.id, self.measure(row)) for row in rows)
        return compute_mean((question, float(value)) for question, value in values if value is not None)


METRICS = (
    Metric("answered_right", "正答", answered_right),
    Metric("facts_shown", "事実がすべて見える", facts_shown),
    Metric("facts_first", "はじめの200文字に事実がそろう", facts_first),
    Metric("answer_correctness", "必要な事実", answer_correctness),
    Metric("declined_where_due", "正しく不回答", declined_where_due),
    Metric("answered_where_none", "答えのない問いに「答えた」", status_where_unanswerable("answered"), better="lower"),
    Metric("partial_where_none", "答えのない問いに「近いこと」", status_where_unanswerable("partial"), better="lower"),
    Metric("abstention_precision", "不回答が正しい", abstention_precision),
    Metric("wrongly_declined", "誤って不回答", wrongly_declined, better="lower"),
    Metric("from_superseded", "前の計画で回答", from_superseded, better="lower"),
    Metric("citations_right", "出典が正しい", citations_right),
    Metric("citation_precision", "出典の適合率", citation_precision),
    Metric("citation_recall", "出典の再現率", citation_recall),
    Metric("faithfulness", "根拠への忠実さ", faithfulness),
    Metric("recall@1", "検索の再現率@1", section_metric(recall, 1)),
    Metric("recall@5", "検索の再現率@5", section_metric(recall, 5)),
    Metric("recall@10", "検索の再現率@10", section_metric(recall, 10)),
    Metric("ndcg@10", "検索の nDCG@10", section_metric(ndcg, 10)),
    Metric("mrr@10", "検索の MRR@10", section_metric(reciprocal_rank, 10)),
    Metric("consistency", "一貫性(同じ問いに同じ回答)", consistency),
    Metric("robustness", "頑健さ(言い換えても同じ回答)", robustness()),
    *(Metric(f"robustness_{name}", f"頑健さ: {title}", robustness(name)) for name, (title, _) in VARIETIES.items()),
    *(
        Metric(f"judged_{name}", f"言語モデルの採点: {title}", judge_mark(name), unit="score")
        for name, title in CRITERION_NAMES.items()
    ),
    Metric("readability", "読みやすさ RS", readability, unit="score"),
    Metric("tokens", "言語モデルのトークン", tokens, better="lower", unit="tokens"),
    Metric("stopped", "言語モデルの止めた文", rejected_sentence_count, better="lower", unit="sentences"),
    Metric("cost", "言語モデルの費用", cost, better="lower", unit="money"),
)
BY_NAME = {metric.name: metric for metric in METRICS}
