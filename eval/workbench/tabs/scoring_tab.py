"""Tab in which the answers of one run get three marks and a comment, one after another."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.case_labels import kind_order
from eval.errors import VerdictError
from eval.scoring.judgements import (
    CRITERIA,
    CRITERION_NAMES,
    CRITERION_QUESTIONS,
    MARKS,
    CaseKey,
    Marks,
    ScoreVerdict,
)
from eval.workbench.bench import Bench, load_answer_details
from eval.workbench.case_list import CaseEntry, load_entries
from eval.workbench.frame import Frame, Tab, html_area, render, run_choices
from eval.workbench.judging import ScoringPosition, find_position
from eval.workbench.verdicts import LONGEST_COMMENT, current_verdicts

MARK_NAMES = {1: "誤り", 2: "大きな不足", 3: "半ば", 4: "小さな不足だけ", 5: "申し分ない"}
KEYS = (("1 5", "上から順に点を付ける（1〜5）"), ("U", "付け直す"), ("Enter", "保存して次へ"), ("K J", "前後の問い"))


@dataclass(frozen=True, slots=True)
class _ScoringProgress:
    """The run that is scored and the position of the scorer among its cases."""

    run: str
    position: ScoringPosition


def scoring_tab(frame: Frame) -> Tab:
    """Build the tab."""
    run = gr.Dropdown([], label="採点する評価")
    answer = html_area(elem_id="scored")
    with gr.Column(visible=False) as form:
        mark_choices = [(f"{mark} {name}", mark) for mark, name in MARK_NAMES.items()]
        marks = [
            gr.Radio(mark_choices, label=CRITERION_NAMES[name], info=CRITERION_QUESTIONS[name], elem_classes="marks")
            for name in CRITERIA
        ]
        comment = gr.Textbox(label="コメント", lines=2, max_length=LONGEST_COMMENT)
        with gr.Row():
            save_button = gr.Button("保存して次へ", variant="primary", size="sm", elem_classes="key-enter")
            reset_button = gr.Button("付け直す", size="sm", elem_classes="key-u")
            previous_button = gr.Button("前へ", size="sm", elem_classes="key-before")
            next_button = gr.Button("次へ", size="sm", elem_classes="key-next")
        html_area(value=render("keys.html", keys=KEYS))
    progress = gr.State()
    outputs = [run, answer, form, *marks, comment, previous_button, next_button, progress]

    scoring = _Scoring(frame.bench)
    tab = Tab("scoring", {"run": run}, outputs, scoring.open)
    frame.reopen_on([run.input], tab)
    frame.on([reset_button.click], lambda _person: [None] * len(marks), [], marks)
    frame.on([save_button.click], scoring.save, [progress, comment, *marks], outputs, "採点を保存しました。")
    frame.on([previous_button.click], scoring.show_previous, [progress], outputs)
    frame.on([next_button.click], scoring.show_next, [progress], outputs)
    return tab


class _Scoring:
    """Answers the events of the tab; each method returns the new values of its components."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def open(self, person: SignedInPerson, fields: Fields) -> list[Any]:
        key = CaseKey(fields.one("of"), fields.one("id")) if fields.one("id") else None
        return self._show(person, fields.one("run"), key)

    def save(self, person: SignedInPerson, progress: _ScoringProgress, comment: str, *marks: Any) -> list[Any]:
        key = progress.position.current
        entry = self._entries(progress.run).get(key) if key else None
        if entry is None:
            raise VerdictError("採点していた問いが、この評価にありません。画面を開き直してください。")
        correctness, grounds, clarity = (mark if mark in MARKS else 0 for mark in marks)
        answer = entry.row.answer if entry.row and entry.row.answer else {}
        self._bench.verdicts.score(
            progress.run,
            entry.key,
            str(answer.get("answer_id", "")),
            person.name,
            Marks(correctness, grounds, clarity, comment or ""),
        )
        return self._show(person, progress.run, None)

    def show_previous(self, person: SignedInPerson, progress: _ScoringProgress) -> list[Any]:
        return self._show(person, progress.run, progress.position.previous)

    def show_next(self, person: SignedInPerson, progress: _ScoringProgress) -> list[Any]:
        return self._show(person, progress.run, progress.position.next)

    def _entries(self, run: str) -> dict[CaseKey, CaseEntry]:
        """Return the cases of a run in the order in which they are scored."""
        entries = sorted(load_entries(self._bench, run), key=lambda entry: kind_order(entry.case.kind))
        return {entry.key: entry for entry in entries}

    def _show(self, person: SignedInPerson, run: str, key: CaseKey | None) -> list[Any]:
        if not run:
            return self._hide_form(run, render("scoring.html", turn=None))
        entries = self._entries(run)
        verdicts = {
            verdict.key: verdict
            for verdict in current_verdicts(self._bench.verdicts.scored(run))
            if verdict.scorer == person.name
        }
        position = find_position(list(entries), verdicts, key)
        if position.current is None:
            return self._hide_form(run, render("scoring.html", turn=position, run=run))
        verdict = verdicts.get(position.current)
        return [
            self._run_dropdown(run),
            self._render_case(entries[position.current], position, verdict),
            gr.Column(visible=True),
            *(verdict.marks.mark_for(criterion) if verdict else None for criterion in CRITERIA),
            verdict.marks.comment if verdict else "",
            gr.Button(interactive=position.previous is not None),
            gr.Button(interactive=position.next is not None),
            _ScoringProgress(run, position),
        ]

    def _hide_form(self, run: str, html: str) -> list[Any]:
        no_marks = [None] * len(CRITERIA)
        return [self._run_dropdown(run), html, gr.Column(visible=False), *no_marks, "", gr.skip(), gr.skip(), None]

    def _run_dropdown(self, run: str) -> gr.Dropdown:
        return gr.Dropdown(run_choices(self._bench.runs.all()), value=run or None)

    def _render_case(self, entry: CaseEntry, position: ScoringPosition, verdict: ScoreVerdict | None) -> str:
        details = None
        if entry.row and entry.row.answer:
            details = load_answer_details(
                self._bench.service, entry.row.answer, entry.row.observations, entry.case.as_of
            )
        return render("scoring.html", turn=position, entry=entry, given=verdict, details=details)
