"""All verdicts ever given, as CSV and JSON Lines, marked with whether they count."""

import csv
import json
from collections.abc import Collection, Iterable, Sequence
from io import StringIO
from typing import Any

from eval.scoring.judgements import Pair, PreferenceVerdict, ScoreVerdict
from eval.workbench.verdicts import current_verdicts

Table = list[dict[str, Any]]
# Spreadsheets read values that begin with these as formulas (OWASP, CSV Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def scores_table(verdicts: Iterable[ScoreVerdict]) -> Table:
    """Return a row per scoring, the oldest first; `counts` is false where a newer one replaces it."""
    every = list(verdicts)
    counting = {one.number for one in current_verdicts(every)}
    return [
        {
            "run": one.run,
            "set": one.key.set,
            "case": one.key.case_id,
            "answer_id": one.answer_id,
            "scorer": one.scorer,
            "correctness": one.marks.correctness,
            "grounds": one.marks.grounds,
            "clarity": one.marks.clarity,
            "comment": one.marks.comment,
            "created": one.created.isoformat(timespec="seconds"),
            "counts": one.number in counting,
        }
        for one in every
    ]


def preferences_table(verdicts: Iterable[PreferenceVerdict], scorer: str = "", hidden: Collection[Pair] = ()) -> Table:
    """Return a row per choice, the oldest first; `better` is a run, or "" where both are alike.

    In the choices of `scorer` between `hidden` pairs, `shown_as_a` and `better` are "": the sides are still secret.
    """
    every = list(verdicts)
    counting = {one.number for one in current_verdicts(every)}
    secret = {one.number for one in every if one.scorer == scorer and one.pair in hidden}
    return [
        {
            "run_1": one.pair.run_1,
            "run_2": one.pair.run_2,
            "set": one.key.set,
            "case": one.key.case_id,
            "scorer": one.scorer,
            "shown_as_a": "" if one.number in secret else one.shown_as_a,
            "choice": one.choice,
            "better": "" if one.number in secret else one.better,
            "comment": one.comment,
            "created": one.created.isoformat(timespec="seconds"),
            "counts": one.number in counting,
        }
        for one in every
    ]


def as_csv(table: Table, columns: Sequence[str]) -> str:
    """Return a table as CSV (RFC 4180) that begins with a byte order mark, without which Excel misreads Japanese.

    Values that a spreadsheet would run as a formula begin with an apostrophe.
    """
    written = StringIO("\ufeff")
    written.seek(0, 2)
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_harmless(row[column]) for column in columns] for row in table)
    return written.getvalue()


def as_jsonl(table: Table) -> str:
    """Return a table as JSON Lines, one object a row."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table)


def _harmless(value: Any) -> Any:
    is_formula = isinstance(value, str) and (value.startswith(FORMULA) or value.lstrip().startswith(FORMULA))
    return f"'{value}" if is_formula else value
