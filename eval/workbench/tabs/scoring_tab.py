"""Tab in which the answers of one run get three marks and a comment, one after another."""

from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.case_labels import kind_order
from eval.errors import VerdictError
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, CRITERION_QUESTIONS, MARKS, CaseKey, Marks
from eval.workbench.answer_details import load_answer_details
from eval.workbench.case_list import CaseEntry, load_entries
from eval.workbench.frame import Frame, Tab, html_area, run_choices
from eval.workbench.html import render
from eval.workbench.judgement_order import find_position
from eval.workbench.verdict_store import LONGEST_COMMENT, current_verdicts

MARK_NAMES = {1: "誤り", 2: "大きな不足", 3: "半ば", 4: "小さな不足だけ", 5: "申し分ない"}
KEYS = (("1 5", "上から順に点を付ける（1〜5）"), ("U", "付け直す"), ("Enter", "保存して次へ"), ("K J", "前後の問い"))


def scoring_tab(frame: Frame) -> Tab:
    """Build the tab."""
    bench = frame.bench
    run = gr.Dropdown([], label="採点する評価")
    answer = html_area(elem_id="scored")
    with gr.Column(visible=False) as form:
        offered = [(f"{mark} {called}", mark) for mark, called in MARK_NAMES.items()]
        marks = [
            gr.Radio(offered, label=CRITERION_NAMES[name], info=CRITERION_QUESTIONS[name], elem_classes="marks")
            for name in CRITERIA
        ]
        comment = gr.Textbox(label="コメント", lines=2, max_length=LONGEST_COMMENT)
        with gr.Row():
            save = gr.Button("保存して次へ", variant="primary", size="sm", elem_classes="key-enter")
            reset = gr.Button("付け直す", size="sm", elem_classes="key-u")
            before = gr.Button("前へ", size="sm", elem_classes="key-before")
            after = gr.Button("次へ", size="sm", elem_classes="key-next")
        html_area(value=render("keys.html", keys=KEYS))
    progress = gr.State()
    outputs = [run, answer, form, *marks, comment, before, after, progress]

    def entries_of(name: str) -> dict[CaseKey, CaseEntry]:
        return {
            entry.key: entry
            for entry in sorted(load_entries(bench, name), key=lambda entry: kind_order(entry.case.kind))
        }

    def open_tab(person: SignedInPerson, fields: Fields) -> list[Any]:
        key = CaseKey(fields.one("of"), fields.one("id")) if fields.one("id") else None
        return _show(person, fields.one("run"), key)

    def _show(person: SignedInPerson, name: str, key: CaseKey | None) -> list[Any]:
        chosen = gr.Dropdown(run_choices(bench.runs.all()), value=name or None)
        hidden: list[Any] = [*[None] * len(marks), "", gr.skip(), gr.skip(), None]
        if not name:
            return [chosen, render("scoring.html", turn=None), gr.Column(visible=False), *hidden]
        entries = entries_of(name)
        own_verdicts = {
            verdict.key: verdict
            for verdict in current_verdicts(bench.verdicts.scored(name))
            if verdict.scorer == person.name
        }
        turn = find_position(list(entries), own_verdicts, key)
        if turn.current is None:
            return [chosen, render("scoring.html", turn=turn, run=name), gr.Column(visible=False), *hidden]
        entry, verdict = entries[turn.current], own_verdicts.get(turn.current)
        saved = entry.row.answer if entry.row else None
        html = render(
            "scoring.html",
            turn=turn,
            entry=entry,
            given=verdict,
            details=load_answer_details(bench.service, saved, entry.row.observations, entry.case.as_of)
            if entry.row and saved
            else None,
        )
        values = [verdict.marks.mark_for(name) if verdict else None for name in CRITERIA]
        ends = [gr.Button(interactive=neighbour is not None) for neighbour in (turn.previous, turn.next)]
        text = verdict.marks.comment if verdict else ""
        return [chosen, html, gr.Column(visible=True), *values, text, *ends, (name, turn)]

    def keep(person: SignedInPerson, current: Any, *values: Any) -> list[Any]:
        name, turn = current
        entry = entries_of(name).get(turn.current)
        if entry is None:
            raise VerdictError("採点していた問いが、この評価にありません。画面を開き直してください。")
        correctness, grounds, clarity = (value if value in MARKS else 0 for value in values[:-1])
        saved = entry.row.answer if entry.row and entry.row.answer else {}
        marks_given = Marks(correctness, grounds, clarity, values[-1] or "")
        bench.verdicts.score(name, turn.current, str(saved.get("answer_id", "")), person.name, marks_given)
        return _show(person, name, None)

    tab = Tab("scoring", {"run": run}, outputs, open_tab)
    frame.reopen_on([run.input], tab)
    frame.on([reset.click], lambda _person: [None] * len(marks), [], marks)
    frame.on([save.click], keep, [progress, *marks, comment], outputs, "採点を保存しました。")
    frame.on([before.click], lambda person, shown: _show(person, shown[0], shown[1].previous), [progress], outputs)
    frame.on([after.click], lambda person, shown: _show(person, shown[0], shown[1].next), [progress], outputs)
    return tab
