"""Metrics of sources: whether citations are right, complete and in force, and whether they support the statements.

After Gao et al. 2023, "Enabling large language models to generate text with citations" (arXiv:2305.14627), with the
writer of the case instead of their entailment model.
"""

from eval.dataset.matching import contains_words
from eval.scoring.run_record import RunRow, due_answer


def citations_right(row: RunRow) -> bool | None:
    """Return whether a section that the case accepts is cited; None without a due answer.

    None too if the measured system names no sources.
    """
    if due_answer(row) is None:
        return None
    checks = [finding.passed for finding in row.score.findings if finding.check == "cite"]
    return all(checks) if checks else None


def citation_precision(row: RunRow) -> float | None:
    """Return |citations of a section that the case accepts| / |citations|; None without a due answer that cites.

    A case accepts the sections that contain the answer, so a citation of a related section lowers it.
    """
    answer = due_answer(row)
    if answer is None or not answer["citations"]:
        return None
    cited = answer["citations"]
    return sum(row.case.accepts_source(citation["doc_id"], citation["section"]) for citation in cited) / len(cited)


def citation_recall(row: RunRow) -> float | None:
    """Return |groups of `must` with one wording in a quote| / |groups of `must`|; None without a due answer that cites.

    Whether a reader can check each fact at the cited place. A computed fact (a difference, a count) is in no
    quote and lowers it.
    """
    answer = due_answer(row)
    if answer is None or not answer["citations"]:
        return None
    quotes = [citation.get("quote", "") for citation in answer["citations"]]
    quoted = [any(contains_words(quote, words) for quote in quotes for words in group) for group in row.case.must]
    return sum(quoted) / len(quoted)


def from_superseded(row: RunRow) -> bool | None:
    """Return whether every citation is out of force and of a document that the case does not accept; lower is better.

    None without a due answer that cites. A case accepts a superseded document if the question is about it, or if
    no other document has the answer.
    """
    answer = due_answer(row)
    if answer is None or not answer["citations"]:
        return None
    accepted = {cite.partition("#")[0] for cite in row.case.cite}
    return all(
        citation["doc_id"] not in accepted and citation.get("in_force") is False for citation in answer["citations"]
    )


def faithfulness(row: RunRow) -> float | None:
    """Return |statements that the cited passages support| / |statements|; None without statements.

    Whether an answer is due or not. Source: Es et al. 2024, "RAGAs: Automated evaluation of retrieval augmented
    generation" (arXiv:2309.15217), with the service's own checks (`eval/scoring/statement_support.py`) instead of
    their language model. The service shows nothing that fails them, so it is below 1 only where something is broken.
    """
    statements = row.observations.get("statements")
    return sum(not statement["wrong"] for statement in statements) / len(statements) if statements else None
