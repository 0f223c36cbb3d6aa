"""Tab in which two runs are compared blind: which answer is better, without knowing whose it is."""

from typing import Any

import gradio as gr

from bot.auth import Person
from bot.http.form_fields import Fields
from eval.errors import VerdictError
from eval.scoring.judgements import CHOICES, CaseKey, Pair
from eval.workbench.answer_pairs import load_answer_pairs
from eval.workbench.blind_order import blind_case_order, choose_run_a
from eval.workbench.frame import Frame, Tab, html_area, run_choices
from eval.workbench.html import render
from eval.workbench.preference import count_preferences
from eval.workbench.scoring_position import find_position
from eval.workbench.verdicts import LONGEST_COMMENT, current_verdicts

KEYS = (("A B", "よいほう"), ("=", "どちらも同じ"), ("U", "取り消し"), ("K J", "前後の問い"))


def blind_tab(frame: Frame) -> Tab:  # noqa: C901, PLR0915 - one statement a component, one function an event
    """Build the tab."""
    bench = frame.bench
    with gr.Row():
        one, two = (gr.Dropdown([], label=label) for label in ("1つめの評価", "2つめの評価"))
    begin = gr.Button("始める", variant="primary", size="sm")
    asked = html_area(elem_id="asked")
    with gr.Row(elem_classes="sides"):
        side_a, side_b = html_area(elem_id="side-a"), html_area(elem_id="side-b")
    with gr.Column(visible=False) as form:
        comment = gr.Textbox(label="コメント", lines=2, max_length=LONGEST_COMMENT)
        with gr.Row():
            labels = {"a": "A がよい", "same": "どちらも同じ", "b": "B がよい"}
            choices = {name: gr.Button(labels[name], elem_classes=f"key-{name}") for name in ("a", "same", "b")}
        with gr.Row():
            before = gr.Button("前へ", size="sm", elem_classes="key-before")
            after = gr.Button("次へ", size="sm", elem_classes="key-next")
        html_area(value=render("keys.html", keys=KEYS))
    undo = gr.Button("直前の判定を取り消す", visible=False, size="sm", elem_classes="key-u")
    place = gr.State()
    outputs = [one, two, asked, side_a, side_b, form, comment, before, after, undo, place]

    without_form = [gr.update(visible=False), "", gr.skip(), gr.skip()]

    def open_tab(person: Person, at: Fields) -> list[Any]:
        names = (at.one("one"), at.one("two"))
        if all(names) and names[0] == names[1]:
            raise VerdictError("別々の評価を選んでください。")
        if all(names):
            return _show(person, Pair.of(*names), None)
        empty = render("side.html", row=None)
        return [*_offered(names), render("blind.html", turn=None), empty, empty, *without_form, gr.skip(), None]

    def _offered(names: tuple[str, str]) -> list[Any]:
        runs = bench.runs.all()
        latest = [run.name for run in runs[1::-1]] if runs[1:] else [None, None]
        chosen = [name or default for name, default in zip(names, latest, strict=True)]
        return [gr.Dropdown(run_choices(runs), value=value) for value in chosen]

    def _show(person: Person, pair: Pair, key: CaseKey | None) -> list[Any]:
        there, same = load_answer_pairs(bench.runs, pair)
        verdicts = bench.verdicts.preferred(pair)
        mine = {verdict.key: verdict for verdict in current_verdicts(verdicts) if verdict.scorer == person.name}
        turn = find_position(blind_case_order(pair, there, person.name), mine, key)
        offered, can_undo = _offered((pair.run_1, pair.run_2)), gr.Button(visible=bool(mine))
        if turn.current is None:
            html = render(
                "blind.html",
                pair=pair,
                turn=turn,
                same=same,
                titles={run.name: run.title for run in bench.runs.all()},
                mine=count_preferences(pair, [verdict for verdict in verdicts if verdict.scorer == person.name]),
                all=count_preferences(pair, verdicts),
            )
            empty = render("side.html", row=None)
            return [*offered, html, empty, empty, *without_form, can_undo, (pair, turn)]
        rows, at_a, given = (
            there[turn.current].rows,
            choose_run_a(pair, turn.current, person.name),
            mine.get(turn.current),
        )
        return [
            *offered,
            render("blind.html", turn=turn, same=same, given=given, case=rows[at_a].case),
            render("side.html", letter="A", row=rows[at_a]),
            render("side.html", letter="B", row=rows[pair.other(at_a)]),
            gr.Column(visible=True),
            given.comment if given else "",
            gr.Button(interactive=turn.previous is not None),
            gr.Button(interactive=turn.next is not None),
            can_undo,
            (pair, turn),
        ]

    def choose(name: str) -> Any:
        choice = next(one for one in CHOICES if one == name)

        def act(person: Person, place_now: Any, text: str) -> list[Any]:
            pair, turn = place_now
            if turn.current not in load_answer_pairs(bench.runs, pair)[0]:
                raise VerdictError("判定していた問いが、この評価にありません。画面を開き直してください。")
            at_a = choose_run_a(pair, turn.current, person.name)
            bench.verdicts.prefer(pair, turn.current, person.name, shown_as_a=at_a, choice=choice, comment=text or "")
            return _show(person, pair, None)

        return act

    def take_back(person: Person, place_now: Any) -> list[Any]:
        pair = place_now[0]
        mine = [one for one in current_verdicts(bench.verdicts.preferred(pair)) if one.scorer == person.name]
        if not mine:
            raise VerdictError("取り消せる判定がありません。")
        last = max(mine, key=lambda verdict: verdict.number)
        bench.verdicts.prefer(pair, last.key, person.name, shown_as_a=last.shown_as_a, choice="undone")
        return _show(person, pair, last.key)

    tab = Tab("blind", {"one": one, "two": two}, outputs, open_tab)
    frame.reopen_on([begin.click], tab)
    for name, button in choices.items():
        frame.on([button.click], choose(name), [place, comment], outputs, "保存しました。")
    frame.on([undo.click], take_back, [place], outputs, "直前の判定を取り消しました。")
    frame.on([before.click], lambda person, at: _show(person, at[0], at[1].previous), [place], outputs)
    frame.on([after.click], lambda person, at: _show(person, at[0], at[1].next), [place], outputs)
    return tab
