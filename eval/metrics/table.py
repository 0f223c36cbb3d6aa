"""Registry of the metrics of a run, in the order in which they are shown."""

from eval.dataset.variants.varieties import VARIETIES
from eval.metrics.abstention_precision import abstention_precision
from eval.metrics.answer_correctness import answer_correctness
from eval.metrics.answered_right import answered_right
from eval.metrics.citation_precision import citation_precision
from eval.metrics.citation_recall import citation_recall
from eval.metrics.citations_right import citations_right
from eval.metrics.consistency import consistency
from eval.metrics.declined_where_due import declined_where_due
from eval.metrics.facts_shown import facts_shown
from eval.metrics.faithfulness import faithfulness
from eval.metrics.from_superseded import from_superseded
from eval.metrics.judge_marks import CRITERION_NAMES, judge_mark
from eval.metrics.metric import Metric
from eval.metrics.model_use import cost, rejected_sentence_count, repaired_sentence_count, tokens
from eval.metrics.mrr import reciprocal_rank
from eval.metrics.ndcg import ndcg
from eval.metrics.readability import readability
from eval.metrics.recall import recall
from eval.metrics.robustness import robustness
from eval.metrics.section_found import section_found
from eval.metrics.unanswerable_status import status_where_unanswerable
from eval.metrics.wrongly_declined import wrongly_declined

METRICS = (
    Metric("answered_right", "正答", answered_right),
    Metric("facts_shown", "事実がすべて見える", facts_shown),
    Metric("answer_correctness", "必要な事実", answer_correctness),
    Metric("declined_where_due", "正しく不回答", declined_where_due),
    Metric(
        "answered_where_none",
        "答えのない問いに「答えた」",
        status_where_unanswerable("answered"),
        better="lower",
    ),
    Metric(
        "partial_where_none",
        "答えのない問いに「近いこと」",
        status_where_unanswerable("partial"),
        better="lower",
    ),
    Metric("abstention_precision", "不回答が正しい", abstention_precision),
    Metric("wrongly_declined", "誤って不回答", wrongly_declined, better="lower"),
    Metric("from_superseded", "前の計画で回答", from_superseded, better="lower"),
    Metric("citations_right", "出典が正しい", citations_right),
    Metric("citation_precision", "出典の適合率", citation_precision),
    Metric("citation_recall", "出典の再現率", citation_recall),
    Metric("faithfulness", "根拠への忠実さ", faithfulness),
    Metric("recall@1", "検索の再現率@1", section_found(recall, 1)),
    Metric("recall@5", "検索の再現率@5", section_found(recall, 5)),
    Metric("recall@10", "検索の再現率@10", section_found(recall, 10)),
    Metric("ndcg@10", "検索の nDCG@10", section_found(ndcg, 10)),
    Metric("mrr@10", "検索の MRR@10", section_found(reciprocal_rank, 10)),
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
    Metric("mended", "そのうち直った文", repaired_sentence_count, unit="sentences"),
    Metric("cost", "言語モデルの費用", cost, better="lower", unit="money"),
)
BY_NAME = {metric.name: metric for metric in METRICS}
