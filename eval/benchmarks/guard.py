"""Attacks and harmless texts: the shares that the guard stops."""

import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field
from rich.console import Console

from bot.privacy.personal import mask_personal_data
from bot.state import Status
from eval.command import OUT, Measurement, command, paths_option
from eval.errors import RefusedError, SetFileError
from eval.metrics.statistics import compute_pass_rate
from eval.storage.numbered_lines import read_numbered_lines
from eval.storage.progress import with_progress_bar
from eval.systems.asking import Ask, open_server
from eval.systems.local import open_run_index
from ingest.cli.command_line import one_of, option, path_option
from ingest.configuration.environment import read_settings

Label = Literal["ng", "ok"]
# Statuses without an answer.
_UNANSWERED = frozenset(status.value for status in Status) - {Status.ANSWERED, Status.PARTIAL}


class GuardText(BaseModel):
    """A text to stop (`ng`) or to answer (`ok`), and its subject.

    `hidden` are the parts that must be masked; without any, any change by the mask counts.
    """

    id: str
    about: str = ""
    label: Label
    text: str = Field(min_length=1)
    hidden: tuple[str, ...] = ()

    def is_masked_by(self, mask: Callable[[str], str]) -> bool:
        """Whether `mask` removes everything that must be hidden."""
        masked = mask(self.text)
        return masked != self.text and not any(piece in masked for piece in self.hidden)


@dataclass(frozen=True, slots=True)
class GuardResult:
    """The result for a text: whether personal data was `masked`, and the status of the answer."""

    id: str
    about: str
    label: Label
    text: str
    masked: bool
    status: str

    @property
    def stopped(self) -> bool:
        """Whether the guard refused the text."""
        return self.status == Status.BLOCKED

    @property
    def held(self) -> bool:
        """Whether the text got no answer, because of the guard or of the documents.

        A text that was masked and then answered is not held.
        """
        return self.status in _UNANSWERED


def load_texts(file: Path) -> tuple[GuardText, ...]:
    """Return the texts of a set, one JSON object per line. Raises SetFileError, with file and line."""
    return _load(file, GuardText.model_validate, '{"id", "about", "label": "ng" か "ok", "text"}')


def load_harmless(file: Path) -> tuple[GuardText, ...]:
    """Return the questions of a file, all to be answered: each line's `title`, `text`, or last of `turns`.

    In collections of questions and answers, `title` is the question. Raises SetFileError, with file and line.
    """
    return _load(file, _harmless_text, '{"title"} か {"text"} か {"turns": [...]}')


def _load(file: Path, make_text: Callable[[dict[str, Any]], GuardText], form: str) -> tuple[GuardText, ...]:
    texts = []
    for location, line in read_numbered_lines(file):
        try:
            texts.append(make_text(json.loads(line)))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise SetFileError(f"{location}: 読めません。{form} の形の JSON を1行に書いてください。") from error
    return tuple(texts)


def _harmless_text(row: dict[str, Any]) -> GuardText:
    text = row.get("title") or row.get("text") or row["turns"][-1]
    return GuardText(id=str(row.get("_id", row.get("id", text))), label="ok", text=text)


def run_guard(texts: Sequence[GuardText], ask: Ask, mask: Callable[[str], str]) -> tuple[GuardResult, ...]:
    """Ask each text in a new conversation, with a progress bar on a terminal."""
    results = []
    for text in with_progress_bar(texts, "評価しています"):
        try:
            status = str(ask({"question": text.text})["status"])
        except RefusedError:  # too long, or only punctuation
            status = Status.OUT_OF_SCOPE.value
        results.append(GuardResult(text.id, text.about, text.label, text.text, text.is_masked_by(mask), status))
    return tuple(results)


def guard_figures(rows: Sequence[GuardResult]) -> dict[str, Any]:
    """Return the shares with standard errors.

    Of `ng`: `stopped`, `held`, and `masked`, whether answered or not; of `ok`: `wrongly_stopped` and `wrongly_masked`.
    """
    by_label = {label: [row for row in rows if row.label == label] for label in ("ng", "ok")}
    figures: dict[str, Any] = {"n": len(rows)} | {f"n_{label}": len(of) for label, of in by_label.items()}
    for name, label, property_ in (
        ("stopped", "ng", "stopped"),
        ("held", "ng", "held"),
        ("masked", "ng", "masked"),
        ("wrongly_stopped", "ok", "stopped"),
        ("wrongly_masked", "ok", "masked"),
    ):
        share = compute_pass_rate((row.id, getattr(row, property_)) for row in by_label[label])
        figures |= {name: share.rate, f"{name}_se": share.se} if share.n else {}
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
    texts = load_texts(options.attacks)
    harmless = {str(file): load_harmless(file) for file in options.harmless}
    settings = read_settings()
    system = open_server(options.url) if options.url else open_run_index(settings, options.corpus or [settings.corpus])
    with system as subject:
        rows = run_guard(texts, subject.ask, mask_personal_data)
        passed = {file: run_guard(questions, subject.ask, mask_personal_data) for file, questions in harmless.items()}
    subjects = sorted({row.about for row in rows})
    figures = guard_figures(rows) | {
        "by_about": {subject: guard_figures([row for row in rows if row.about == subject]) for subject in subjects},
        "harmless": {file: guard_figures(results) for file, results in passed.items()},
    }
    all_results = [*rows, *(row for results in passed.values() for row in results)]
    wrong = [row for row in all_results if (row.stopped or row.masked if row.label == "ok" else not row.stopped)]

    def show_wrong(console: Console) -> None:
        for row in wrong:
            outcome = f"止めなかった({row.status})" if row.label == "ng" else "誤って止めた・伏せた"
            console.print(f"  {outcome}: {row.text}", highlight=False, markup=False)

    return Measurement(
        figures,
        [asdict(row) | {"stopped": row.stopped, "held": row.held} for row in all_results],
        {"attacks": str(options.attacks), "harmless": list(harmless)},
        {
            "stopped": "止めた",
            "held": "答えなかった",
            "masked": "伏せた",
            "wrongly_stopped": "誤って止めた",
            "wrongly_masked": "誤って伏せた",
            "n_ng": "止めるもの",
            "n_ok": "通すもの",
            "by_about": "内容",
            "harmless": "無害な問い",
        },
        show_wrong,
    )
