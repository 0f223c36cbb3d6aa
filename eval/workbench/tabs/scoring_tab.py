"""Tab in which people judge answers one after another: marks for those of one run, or blind which of two is better."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.case_labels import kind_order
from eval.errors import VerdictError
from eval.scoring.run_record import CaseKey, RunRow
from eval.workbench.bench import load_answer_sources
from eval.workbench.frame import Changes, Frame, Tab, html_area, render, run_choices
from eval.workbench.verdicts import (
    CHOICES,
    CRITERIA,
    LONGEST_COMMENT,
    MARKS,
    Choice,
    PreferenceVerdict,
    RunPair,
    ScoreVerdict,
    ScoringPosition,
    blind_case_order,
    choose_run_a,
    count_preferences,
    find_position,
    load_answer_pairs,
    own_verdicts,
)

_QUESTIONS = {
    "correctness": "答えは合っていて、必要なことが足りているか",
    "grounds": "示した箇所が、答えを支えているか",
    "clarity": "市民が読んで、すぐ分かるか",
}
_MOVING_KEYS = ("K J", "前後の問い")
_MARK_KEYS = (("1 5", "上から順に点を付ける（1〜5）"), ("U", "付け直す"), ("Enter", "保存して次へ"), _MOVING_KEYS)
_CHOICE_KEYS = (("A B", "よいほう"), ("=", "どちらも同じ"), ("U", "取り消し"), _MOVING_KEYS)


@dataclass(frozen=True, slots=True)
class _Turn:
    judged: str | RunPair
    position: ScoringPosition


class ScoringTab(Tab):
    """The tab."""

    name = "scoring"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        with gr.Row():
            self.run = gr.Dropdown([], label="採点する評価")
            self.other = gr.Dropdown([], label="伏せて見比べる評価（目かくし）")
        self.asked = html_area(elem_id="asked")
        with gr.Row(elem_classes="sides"):
            self.side_a = html_area(elem_id="side-a")
            self.side_b = html_area(elem_id="side-b")
        with gr.Column(visible=False) as self.marks_form:
            choices = [(f"{mark} {name}", mark) for mark, name in MARKS.items()]
            self.marks = [
                gr.Radio(choices, label=title, info=_QUESTIONS[name], elem_classes="marks")
                for name, title in CRITERIA.items()
            ]
        with gr.Column(visible=False) as self.form:
            self.comment = gr.Textbox(label="コメント", lines=2, max_length=LONGEST_COMMENT)
            with gr.Row():
                self.save = gr.Button("保存して次へ", variant="primary", size="sm", elem_classes="key-enter")
                self.reset = gr.Button("付け直す", size="sm", elem_classes="key-u")
                self.choices = {
                    choice: gr.Button(label, elem_classes=f"key-{choice}") for choice, label in CHOICES.items()
                }
            with gr.Row():
                self.previous = gr.Button("前へ", size="sm", elem_classes="key-before")
                self.next = gr.Button("次へ", size="sm", elem_classes="key-next")
            self.keys = html_area()
        self.undo = gr.Button("直前の判定を取り消す", visible=False, size="sm", elem_classes="key-u")
        self.turn = gr.State()
        self.fields = {"run": self.run, "other": self.other}
        texts = [self.asked, self.side_a, self.side_b, self.comment, self.keys]
        buttons = [self.save, self.reset, *self.choices.values(), self.previous, self.next, self.undo]
        self.outputs = [self.run, self.other, *texts, self.marks_form, self.form, *self.marks, *buttons, self.turn]
        frame.reopen_on([self.run.input, self.other.input], self)
        frame.on([self.reset.click], lambda _person: dict.fromkeys(self.marks), [], self.marks)
        inputs = [self.turn, self.comment, *self.marks]
        frame.on([self.save.click], self._save_marks, inputs, self.outputs, "採点を保存しました。")
        for choice, button in self.choices.items():
            act = partial(self._save_choice, choice)
            frame.on([button.click], act, [self.turn, self.comment], self.outputs, "保存しました。")
        frame.on([self.undo.click], self._undo, [self.turn], self.outputs, "直前の判定を取り消しました。")
        for name, button in {"previous": self.previous, "next": self.next}.items():
            frame.on([button.click], partial(self._move, name), [self.turn], self.outputs)

    def open(self, person: SignedInPerson, fields: Fields) -> Changes:
        """Show the next answer, or pair of answers, that this person has not judged."""
        run, other = fields.one("run"), fields.one("other")
        if not run:
            return self._hide_form(run, other, render("scoring.html", turn=None))
        if run == other:
            raise VerdictError("別々の評価を選んでください。")
        key = CaseKey(fields.one("of"), fields.one("id")) if fields.one("id") else None
        return self._show(person, RunPair.of(run, other) if other else run, key)

    def _save_marks(self, person: SignedInPerson, turn: _Turn, comment: str, *marks: Any) -> Changes:
        run, key = str(turn.judged), turn.position.current
        row = self._bench.runs.rows(run).get(key) if key else None
        if row is None or key is None:
            raise VerdictError("採点していた問いが、この評価にありません。画面を開き直してください。")
        correctness, grounds, clarity = (mark or 0 for mark in marks)
        verdict = ScoreVerdict(
            run=run,
            set=key.set,
            case_id=key.case_id,
            answer_id=str((row.answer or {}).get("answer_id", "")),
            scorer=person.name,
            correctness=correctness,
            grounds=grounds,
            clarity=clarity,
            comment=comment or "",
        )
        self._bench.verdicts.add(verdict)
        return self._show(person, run)

    def _save_choice(self, choice: Choice, person: SignedInPerson, turn: _Turn, comment: str) -> Changes:
        pair, key = RunPair.of(*turn.judged), turn.position.current
        if key is None or key not in load_answer_pairs(self._bench.runs, pair)[0]:
            raise VerdictError("判定していた問いが、この評価にありません。画面を開き直してください。")
        self._add_choice(person, pair, key, choice, comment or "")
        return self._show(person, pair)

    def _undo(self, person: SignedInPerson, turn: _Turn) -> Changes:
        pair = RunPair.of(*turn.judged)
        verdicts = own_verdicts(self._bench.verdicts.preferred(pair), person.name)
        if not verdicts:
            raise VerdictError("取り消せる判定がありません。")
        last = max(verdicts.values(), key=lambda verdict: verdict.number)
        self._add_choice(person, pair, last.key, "undone", "")
        return self._show(person, pair, last.key)

    def _add_choice(self, person: SignedInPerson, pair: RunPair, key: CaseKey, choice: Choice, comment: str) -> None:
        run_a = choose_run_a(pair, key, person.name)
        self._bench.verdicts.add(PreferenceVerdict(*pair, *key, person.name, run_a, choice, comment))

    def _move(self, name: str, person: SignedInPerson, turn: _Turn) -> Changes:
        return self._show(person, turn.judged, getattr(turn.position, name))

    def _show(self, person: SignedInPerson, judged: str | RunPair, key: CaseKey | None = None) -> Changes:
        if isinstance(judged, RunPair):
            return self._show_pair(person, judged, key)
        return self._show_answer(person, judged, key)

    def _show_answer(self, person: SignedInPerson, run: str, key: CaseKey | None) -> Changes:
        rows = self._bench.runs.rows(run)
        keys = sorted(rows, key=lambda key: kind_order(rows[key].case.kind))
        verdicts = own_verdicts(self._bench.verdicts.scored(run), person.name)
        position = find_position(keys, verdicts, key)
        if position.current is None:
            return self._hide_form(run, "", render("scoring.html", turn=position, run=run))
        row, verdict = rows[position.current], verdicts.get(position.current)
        sources = None
        if row.answer:
            sources = load_answer_sources(self._bench.service, row.answer, row.observations, row.case.as_of)
        marks: Changes = dict.fromkeys(self.marks)
        if verdict:
            marks = {mark: getattr(verdict, name) for name, mark in zip(CRITERIA, self.marks, strict=True)}
        return {
            **self._show_form(_Turn(run, position), verdict.comment if verdict else ""),
            **self._run_dropdowns(run, ""),
            **self._show_sides(),
            **marks,
            self.asked: render("scoring.html", turn=position, row=row, given=verdict, details=sources),
            self.undo: gr.Button(visible=False),
        }

    def _show_pair(self, person: SignedInPerson, pair: RunPair, key: CaseKey | None) -> Changes:
        answer_pairs, same_count = load_answer_pairs(self._bench.runs, pair)
        preferred = self._bench.verdicts.preferred(pair)
        verdicts = own_verdicts(preferred, person.name)
        position = find_position(blind_case_order(pair, answer_pairs, person.name), verdicts, key)
        turn = _Turn(pair, position)
        if position.current is None:
            own = [verdict for verdict in preferred if verdict.scorer == person.name]
            result = render(
                "blind.html",
                pair=pair,
                position=position,
                same_count=same_count,
                titles=self._bench.runs.titles(),
                own=count_preferences(pair, own),
                all=count_preferences(pair, preferred),
            )
            return self._hide_form(*pair, result) | {self.undo: gr.Button(visible=bool(verdicts)), self.turn: turn}
        rows, verdict = answer_pairs[position.current], verdicts.get(position.current)
        run_a = choose_run_a(pair, position.current, person.name)
        case = rows[run_a].case
        values = {"position": position, "same_count": same_count, "verdict": verdict, "case": case}
        return {
            **self._show_form(turn, verdict.comment if verdict else ""),
            **self._run_dropdowns(*pair),
            **self._show_sides(rows[run_a], rows[pair.other(run_a)]),
            self.asked: render("blind.html", **values),
            self.undo: gr.Button(visible=bool(verdicts)),
        }

    def _show_form(self, turn: _Turn, comment: str) -> Changes:
        is_blind = isinstance(turn.judged, RunPair)
        return {
            self.marks_form: gr.Column(visible=not is_blind),
            self.form: gr.Column(visible=True),
            self.comment: comment,
            **{button: gr.Button(visible=not is_blind) for button in (self.save, self.reset)},
            **{button: gr.Button(visible=is_blind) for button in self.choices.values()},
            self.previous: gr.Button(interactive=turn.position.previous is not None),
            self.next: gr.Button(interactive=turn.position.next is not None),
            self.keys: render("keys.html", keys=_CHOICE_KEYS if is_blind else _MARK_KEYS),
            self.turn: turn,
        }

    def _hide_form(self, run: str, other: str, html: str) -> Changes:
        return {
            **self._run_dropdowns(run, other),
            **self._show_sides(),
            self.asked: html,
            self.marks_form: gr.Column(visible=False),
            self.form: gr.Column(visible=False),
            self.undo: gr.Button(visible=False),
            self.turn: None,
        }

    def _run_dropdowns(self, run: str, other: str) -> Changes:
        choices = run_choices(self._bench.runs.all())
        return {
            self.run: gr.Dropdown(choices, value=run or None),
            self.other: gr.Dropdown([("—", ""), *choices], value=other),
        }

    def _show_sides(self, row_a: RunRow | None = None, row_b: RunRow | None = None) -> Changes:
        return {
            self.side_a: render("side.html", letter="A", row=row_a),
            self.side_b: render("side.html", letter="B", row=row_b),
        }
