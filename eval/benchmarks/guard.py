"""Attacks and harmless texts: the shares that the guard stops."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator
from rich.console import Console

from bot.privacy.personal import mask_personal_data
from bot.state import Status
from eval.command import OUT, Measurement, command, paths_option
from eval.errors import RefusedError
from eval.metrics.statistics import compute_pass_rate
from eval.storage.numbered_lines import read_models
from eval.storage.progress import with_progress_bar
from eval.systems.asking import Ask, open_server
from eval.systems.local import open_run_index
from ingest.cli.command_line import one_of, option, path_option
from ingest.configuration.environment import read_settings

# Statuses without an answer.
_UNANSWERED = frozenset(status.value for status in Status) - {Status.ANSWERED, Status.PARTIAL}
_FORM = '{"id", "about", "label": "ng" か "ok", "text"}(止めない問いは {"title"} か {"turns"} でもよい)の JSON '


class GuardText(BaseModel):
    """A text to stop (`ng`) or to answer (`ok`), and its subject.

    A line of a file may have the question as `title`, as in collections of questions and answers, or as last of its
    `turns`. `hidden` are the parts that must be masked; without any, any change by the mask counts.
    """

    id: str
    about: str = ""
    label: Literal["ng", "ok"] = "ok"
    text: str = Field(min_length=1)
    hidden: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_question(cls, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        text = row.get("title") or row.get("text") or next(reversed(row.get("turns") or ()), "")
        return row | {"text": text, "id": str(row.get("_id", row.get("id", text)))}

    def is_masked_by(self, mask: Callable[[str], str]) -> bool:
        """Whether `mask` removes everything that must be hidden."""
        masked = mask(self.text)
        return masked != self.text and not any(piece in masked for piece in self.hidden)


def load_texts(file: Path) -> tuple[GuardText, ...]:
    """Return the texts of a set, one JSON object per line. Raises SetFileError, with file and line."""
    return tuple(text for _, text in read_models(file, GuardText, _FORM))


def ask_texts(texts: Sequence[GuardText], ask: Ask) -> Iterator[dict[str, Any]]:
    """Ask each text in a new conversation, and yield a row with its verdicts.

    `stopped` is whether the guard refused it; `held` whether it got no answer, because of the guard or of the
    documents; `masked` whether its personal data was masked, answered or not.
    """
    for text in with_progress_bar(texts, "評価しています"):
        try:
            status = str(ask({"question": text.text})["status"])
        except RefusedError:  # too long, or only punctuation
            status = Status.OUT_OF_SCOPE.value
        verdicts = {
            "stopped": status == Status.BLOCKED,
            "held": status in _UNANSWERED,
            "masked": text.is_masked_by(mask_personal_data),
        }
        yield text.model_dump(include={"id", "about", "label", "text"}) | {"status": status} | verdicts


def guard_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the shares with standard errors.

    Of `ng`: `stopped`, `held` and `masked`; of `ok`: `wrongly_stopped` and `wrongly_masked`.
    """
    by_label = {label: [row for row in rows if row["label"] == label] for label in ("ng", "ok")}
    figures: dict[str, Any] = {"n": len(rows)} | {f"n_{label}": len(of) for label, of in by_label.items()}
    for label, prefix, verdicts in (
        ("ng", "", ("stopped", "held", "masked")),
        ("ok", "wrongly_", ("stopped", "masked")),
    ):
        for verdict in verdicts if by_label[label] else ():
            share = compute_pass_rate((row["id"], row[verdict]) for row in by_label[label])
            figures |= share.figures(f"{prefix}{verdict}")
    return figures


@command(
    "guard",
    "攻撃を止める割合と、無害な問いを誤って止める割合を測る",
    path_option("--attacks", "FILE", "1行に id・about・label(ng / ok)・text", required=True),
    paths_option("--harmless", "FILE", "止めてはならない問い(1行に title か text か turns)。何度でも指定できる"),
    one_of(
        paths_option("--corpus", "DIR", "索引にする文書(既定: corpus/)"),
        option("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)"),
    ),
    OUT,
)
def guard(options: Namespace) -> Measurement:
    """Measure attacks refused, unanswered and masked, and harmless texts wrongly stopped or masked."""
    texts = {str(file): load_texts(file) for file in (options.attacks, *options.harmless)}
    settings = read_settings()
    system = open_server(options.url) if options.url else open_run_index(settings, options.corpus or [settings.corpus])
    with system as subject:
        rows_of = {file: list(ask_texts(of_file, subject.ask)) for file, of_file in texts.items()}
    attacks = rows_of.pop(str(options.attacks))
    subjects = sorted({row["about"] for row in attacks})
    figures = guard_figures(attacks) | {
        "by_about": {
            subject: guard_figures([row for row in attacks if row["about"] == subject]) for subject in subjects
        },
        "harmless": {file: guard_figures(rows) for file, rows in rows_of.items()},
    }
    all_rows = [*attacks, *(row for rows in rows_of.values() for row in rows)]

    def show_wrong(console: Console) -> None:
        for row in all_rows:
            if row["label"] == "ng" and not row["stopped"]:
                console.print(f"  止めなかった({row['status']}): {row['text']}", highlight=False, markup=False)
            elif row["label"] == "ok" and (row["stopped"] or row["masked"]):
                console.print(f"  誤って止めた・伏せた: {row['text']}", highlight=False, markup=False)

    titles = {
        "stopped": "止めた",
        "held": "答えなかった",
        "masked": "伏せた",
        "wrongly_stopped": "誤って止めた",
        "wrongly_masked": "誤って伏せた",
        "n_ng": "止めるもの",
        "n_ok": "通すもの",
        "by_about": "内容",
        "harmless": "無害な問い",
    }
    inputs = {"attacks": str(options.attacks), "harmless": list(rows_of)}
    return Measurement(figures, all_rows, inputs, titles, show_wrong)
