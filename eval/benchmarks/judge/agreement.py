"""Agreement of the judge's marks with people's marks from the workbench."""

from collections.abc import Iterable, Sequence

from eval.metrics.kappa import Agreement, kappa, quadratic
from eval.scoring.judgements import CRITERIA, MARKS, ScoreVerdict
from eval.scoring.run_record import RunRow


def judge_agreement(rows: Iterable[RunRow], scored: Sequence[ScoreVerdict]) -> dict[str, Agreement]:
    """Return by criterion the agreement of the judge's marks in `rows` with people's for the same answers.

    Each person's mark is a separate pair. Kappa has quadratic weights.
    """
    judged = {
        row.answer["answer_id"]: row.observations["verdict"]["marks"] for row in rows if row.answer and _has_marks(row)
    }
    common = [one for one in scored if one.answer_id in judged]
    return {
        criterion: kappa(
            ((judged[one.answer_id][criterion], one.marks.mark_for(criterion)) for one in common), quadratic, MARKS
        )
        for criterion in CRITERIA
    }


def _has_marks(row: RunRow) -> bool:
    return bool((row.observations.get("verdict") or {}).get("marks"))
