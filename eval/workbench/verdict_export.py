"""All verdicts ever given, as CSV and JSON Lines, marked with whether they count."""

import csv
import json
from collections.abc import Collection, Iterable, Sequence
from io import StringIO
from typing import Any

from eval.scoring.judgements import PreferenceVerdict, RunPair, ScoreVerdict
from eval.workbench.verdict_store import current_verdicts

Table = list[dict[str, Any]]
# Spreadsheets read values that begin with these as formulas (OWASP, CSV Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def scores_table(verdicts: Iterable[ScoreVerdict]) -> Table:
    """Return a row per scoring, the oldest first; `counts` is false if a newer one replaces it."""
    all_verdicts = list(verdicts)
    counting = {verdict.number for verdict in current_verdicts(all_verdicts)}
    return [
        {
            "run": verdict.run,
            "set": verdict.key.set,
            "case": verdict.key.case_id,
            "answer_id": verdict.answer_id,
            "scorer": verdict.scorer,
            "correctness": verdict.marks.correctness,
            "grounds": verdict.marks.grounds,
            "clarity": verdict.marks.clarity,
            "comment": verdict.marks.comment,
            "created": verdict.created.isoformat(timespec="seconds"),
            "counts": verdict.number in counting,
        }
        for verdict in all_verdicts
    ]


def preferences_table(
    verdicts: Iterable[PreferenceVerdict], scorer: str = "", hidden: Collection[RunPair] = ()
) -> Table:
    """Return a row per choice, the oldest first; `better` is a run, or "" if both are alike.

    In the choices of `scorer` between `hidden` pairs, `shown_as_a` and `better` are "": the sides are still secret.
    """
    all_verdicts = list(verdicts)
    counting = {verdict.number for verdict in current_verdicts(all_verdicts)}
    secret = {verdict.number for verdict in all_verdicts if verdict.scorer == scorer and verdict.pair in hidden}
    return [
        {
            "run_1": verdict.pair.run_1,
            "run_2": verdict.pair.run_2,
            "set": verdict.key.set,
            "case": verdict.key.case_id,
            "scorer": verdict.scorer,
            "shown_as_a": "" if verdict.number in secret else verdict.shown_as_a,
            "choice": verdict.choice,
            "better": "" if verdict.number in secret else verdict.better,
            "comment": verdict.comment,
            "created": verdict.created.isoformat(timespec="seconds"),
            "counts": verdict.number in counting,
        }
        for verdict in all_verdicts
    ]


def as_csv(table: Table, columns: Sequence[str]) -> str:
    """Return a table as CSV (RFC 4180) that begins with a byte order mark, without which Excel misreads Japanese.

    Values that a spreadsheet would run as a formula begin with an apostrophe.
    """
    output = StringIO("\ufeff")
    output.seek(0, 2)
    writer = csv.writer(output)
    writer.writerow(columns)
    writer.writerows([_harmless(row[column]) for column in columns] for row in table)
    return output.getvalue()


def as_jsonl(table: Table) -> str:
    """Return a table as JSON Lines, one object a row."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table)


def _harmless(value: Any) -> Any:
    is_formula = isinstance(value, str) and (value.startswith(FORMULA) or value.lstrip().startswith(FORMULA))
    return f"'{value}" if is_formula else value
