"""Whether the same question, or a variant of it, gets the same answer (`eval/robustness.py`)."""

from collections.abc import Callable

from eval.scoring.run_record import RunRow


def consistency(row: RunRow) -> bool | None:
    """Return whether status, text and sources are the same when a question is repeated; None where it was not.

    Source: Elazar et al. 2021, "Measuring and improving consistency in pretrained language models" (arXiv:2102.01017),
    with the same words instead of paraphrases, which `robustness` measures.
    """
    repeated = row.observations.get("again")
    return all(one["same"] for one in repeated) if repeated else None


def robustness(variety: str | None = None) -> Callable[[RunRow], float | None]:
    """Return the metric |variants with the same answer| / |variants|, of one variety or of all; None without any.

    Source: Ribeiro et al. 2020, "Beyond accuracy: behavioral testing of NLP models with CheckList" (invariance tests).
    """

    def measure_row(row: RunRow) -> float | None:
        variants = row.observations.get("variants", ())
        same = [one["same"] for one in variants if variety in {None, one["variety"]}]
        return sum(same) / len(same) if same else None

    return measure_row
