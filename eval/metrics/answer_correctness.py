"""Answer correctness: the share of required facts in an answer; 0 if it has a forbidden one.

Correctness = |groups of `must` with one wording in the answer| / |groups of `must`|; 0 where one of `must_not` is in it
or no answer is given. This is the recall of nuggets (Voorhees 2003, "Overview of the TREC 2003 question answering
track"), with a veto for what must not be said.
"""

from eval.scoring.run_record import Row


def answer_correctness(row: Row) -> float | None:
    """Return the share of required facts told, in 0-1; None where the question is not to be answered."""
    if row.case.behave != "answer":
        return None
    facts = [finding.passed for finding in row.score.findings if finding.check == "must"]
    vetoes = [finding for finding in row.score.findings if finding.check in {"status", "must_not"}]
    return sum(facts) / len(facts) if facts and all(finding.passed for finding in vetoes) else 0.0
