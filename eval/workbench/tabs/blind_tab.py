"""Tab in which two runs are compared blind: which answer is better, without knowing whose it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.errors import VerdictError
from eval.scoring.judgements import CaseKey, Choice, PreferenceVerdict, RunPair
from eval.workbench.bench import Bench
from eval.workbench.frame import Frame, Tab, html_area, render, run_pair_dropdowns
from eval.workbench.judging import (
    ScoringPosition,
    blind_case_order,
    choose_run_a,
    count_preferences,
    find_position,
    load_answer_pairs,
)
from eval.workbench.verdicts import LONGEST_COMMENT, current_verdicts

KEYS = (("A B", "よいほう"), ("=", "どちらも同じ"), ("U", "取り消し"), ("K J", "前後の問い"))
CHOICE_LABELS: dict[Choice, str] = {"a": "A がよい", "same": "どちらも同じ", "b": "B がよい"}


@dataclass(frozen=True, slots=True)
class _Progress:
    """The runs compared and the position of the scorer among their cases."""

    pair: RunPair
    position: ScoringPosition


class _BlindView(NamedTuple):
    """The components of the tab, or their new values."""

    run_1: Any
    run_2: Any
    question: Any
    side_a: Any
    side_b: Any
    form: Any
    comment: Any
    previous_button: Any
    next_button: Any
    undo_button: Any
    progress: Any


def blind_tab(frame: Frame) -> Tab:
    """Build the tab."""
    with gr.Row():
        run_1, run_2 = (gr.Dropdown([], label=label) for label in ("1つめの評価", "2つめの評価"))
    start_button = gr.Button("始める", variant="primary", size="sm")
    question = html_area(elem_id="asked")
    with gr.Row(elem_classes="sides"):
        side_a = html_area(elem_id="side-a")
        side_b = html_area(elem_id="side-b")
    with gr.Column(visible=False) as form:
        comment = gr.Textbox(label="コメント", lines=2, max_length=LONGEST_COMMENT)
        with gr.Row():
            choice_buttons = {
                choice: gr.Button(label, elem_classes=f"key-{choice}") for choice, label in CHOICE_LABELS.items()
            }
        with gr.Row():
            previous_button = gr.Button("前へ", size="sm", elem_classes="key-before")
            next_button = gr.Button("次へ", size="sm", elem_classes="key-next")
        html_area(value=render("keys.html", keys=KEYS))
    undo_button = gr.Button("直前の判定を取り消す", visible=False, size="sm", elem_classes="key-u")
    progress = gr.State()
    outputs = _BlindView(
        run_1, run_2, question, side_a, side_b, form, comment, previous_button, next_button, undo_button, progress
    )

    comparison = _BlindComparison(frame.bench)
    tab = Tab("blind", {"one": run_1, "two": run_2}, outputs, comparison.open)
    frame.reopen_on([start_button.click], tab)
    for choice, button in choice_buttons.items():
        save = partial(comparison.save_choice, choice)
        frame.on([button.click], save, [progress, comment], outputs, "保存しました。")
    frame.on([undo_button.click], comparison.undo, [progress], outputs, "直前の判定を取り消しました。")
    frame.on([previous_button.click], comparison.show_previous, [progress], outputs)
    frame.on([next_button.click], comparison.show_next, [progress], outputs)
    return tab


class _BlindComparison:
    """Answers the events of the tab; each method returns the new values of its components."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def open(self, person: SignedInPerson, fields: Fields) -> _BlindView:
        names = (fields.one("one"), fields.one("two"))
        if not all(names):
            return self._hide_form(names, render("blind.html", position=None), gr.skip(), None)
        if names[0] == names[1]:
            raise VerdictError("別々の評価を選んでください。")
        return self._show(person, RunPair.of(*names))

    def save_choice(self, choice: Choice, person: SignedInPerson, progress: _Progress, comment: str) -> _BlindView:
        pair = progress.pair
        key = progress.position.current
        if key is None or key not in load_answer_pairs(self._bench.runs, pair)[0]:
            raise VerdictError("判定していた問いが、この評価にありません。画面を開き直してください。")
        run_a = choose_run_a(pair, key, person.name)
        self._bench.verdicts.prefer(pair, key, person.name, shown_as_a=run_a, choice=choice, comment=comment or "")
        return self._show(person, pair)

    def undo(self, person: SignedInPerson, progress: _Progress) -> _BlindView:
        verdicts = _verdicts_of(self._bench.verdicts.preferred(progress.pair), person)
        if not verdicts:
            raise VerdictError("取り消せる判定がありません。")
        last = max(verdicts.values(), key=lambda verdict: verdict.number)
        self._bench.verdicts.prefer(progress.pair, last.key, person.name, shown_as_a=last.shown_as_a, choice="undone")
        return self._show(person, progress.pair, last.key)

    def show_previous(self, person: SignedInPerson, progress: _Progress) -> _BlindView:
        return self._show(person, progress.pair, progress.position.previous)

    def show_next(self, person: SignedInPerson, progress: _Progress) -> _BlindView:
        return self._show(person, progress.pair, progress.position.next)

    def _show(self, person: SignedInPerson, pair: RunPair, key: CaseKey | None = None) -> _BlindView:
        answer_pairs, same_count = load_answer_pairs(self._bench.runs, pair)
        verdicts = self._bench.verdicts.preferred(pair)
        verdicts_of_scorer = _verdicts_of(verdicts, person)
        position = find_position(blind_case_order(pair, answer_pairs, person.name), verdicts_of_scorer, key)
        progress = _Progress(pair, position)
        undo_button = gr.Button(visible=bool(verdicts_of_scorer))
        if position.current is None:
            result = render(
                "blind.html",
                pair=pair,
                position=position,
                same_count=same_count,
                titles={run.name: run.title for run in self._bench.runs.all()},
                own=count_preferences(pair, [verdict for verdict in verdicts if verdict.scorer == person.name]),
                all=count_preferences(pair, verdicts),
            )
            return self._hide_form((pair.run_1, pair.run_2), result, undo_button, progress)
        rows = answer_pairs[position.current].rows
        run_a = choose_run_a(pair, position.current, person.name)
        verdict = verdicts_of_scorer.get(position.current)
        run_1, run_2 = run_pair_dropdowns(self._bench.runs.all(), (pair.run_1, pair.run_2))
        return _BlindView(
            run_1=run_1,
            run_2=run_2,
            question=render(
                "blind.html", position=position, same_count=same_count, verdict=verdict, case=rows[run_a].case
            ),
            side_a=render("side.html", letter="A", row=rows[run_a]),
            side_b=render("side.html", letter="B", row=rows[pair.other(run_a)]),
            form=gr.Column(visible=True),
            comment=verdict.comment if verdict else "",
            previous_button=gr.Button(interactive=position.previous is not None),
            next_button=gr.Button(interactive=position.next is not None),
            undo_button=undo_button,
            progress=progress,
        )

    def _hide_form(self, runs: tuple[str, str], html: str, undo_button: Any, progress: _Progress | None) -> _BlindView:
        run_1, run_2 = run_pair_dropdowns(self._bench.runs.all(), runs)
        no_answer = render("side.html", row=None)
        return _BlindView(
            run_1=run_1,
            run_2=run_2,
            question=html,
            side_a=no_answer,
            side_b=no_answer,
            form=gr.update(visible=False),
            comment="",
            previous_button=gr.skip(),
            next_button=gr.skip(),
            undo_button=undo_button,
            progress=progress,
        )


def _verdicts_of(verdicts: Iterable[PreferenceVerdict], person: SignedInPerson) -> dict[CaseKey, PreferenceVerdict]:
    return {verdict.key: verdict for verdict in current_verdicts(verdicts) if verdict.scorer == person.name}
