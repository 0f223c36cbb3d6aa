"""Citation recall: the share of required facts that are in the quoted words.

Recall = |groups of `must` with one wording in a quote| / |groups of `must`|, a mean over answers. It asks of the
sources what answer correctness asks of the text: a reader can check each fact where the answer points. A fact that is
reckoned (a difference, a count) stands in no quote and counts against it. After Gao et al. 2023 (arXiv:2305.14627),
who ask it of statements: that is `faithfulness`.
"""

from eval.dataset.matching import contains_words
from eval.scoring.due_answers import due_answer
from eval.scoring.run_record import Row


def citation_recall(row: Row) -> float | None:
    """Return the share of required facts that are quoted, in 0-1; None where nothing is cited, or no answer due."""
    answer = due_answer(row)
    if answer is None or not answer["citations"]:
        return None
    quotes = [citation.get("quote", "") for citation in answer["citations"]]
    quoted = [any(contains_words(quote, words) for quote in quotes for words in group) for group in row.case.must]
    return sum(quoted) / len(quoted)
