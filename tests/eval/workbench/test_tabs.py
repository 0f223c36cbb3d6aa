"""The tabs of the workbench over a bench, without a browser: what each opens with."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from bot.service import open_service
from bot.state import Answer, Question
from eval.errors import RunFolderError
from eval.scoring.run_record import save_run
from eval.workbench.bench import Bench, open_bench
from eval.workbench.frame import Frame, render
from eval.workbench.page import TABS
from eval.workbench.verdicts import ScoreVerdict
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY
from tests.bot.fixed_service import StandIn
from tests.bot.model_server import ModelServer, says
from tests.bot.prepared_answers import EXCERPT_SHOWN, NEAREST_SHOWN, TABLE_SHOWN
from tests.conftest import ROOT
from tests.eval.examples import make_row, make_run
from tests.eval.workbench.workbench_server import save_rows, three_rows

pytest_plugins = ["tests.bot.city_index"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return open_bench(StandIn(), Settings(_env_file=None, data=tmp_path, corpus=ROOT / "corpus"))


def opened_tab_text(bench: Bench, name: str, *fields: tuple[str, str]) -> str:
    with gr.Blocks():
        tab = TABS[name][1](Frame(bench, gr.Markdown(), gr.Markdown()))
    return "\n".join(map(as_text, tab.open(SignedInPerson("安奈", "tester"), Fields(fields)).values()))


def as_text(value: Any) -> str:
    if isinstance(value, gr.components.Component):
        return " ".join(str(getattr(value, name, "")) for name in ("label", "choices", "value"))
    return str(value)


@pytest.mark.parametrize("fields", [{"tab": "cases", "run": "none", "case": "b"}, {"tab": "comparison", "run": "x"}])
def test_an_outdated_address_is_reported(bench: Bench, fields: dict[str, str]) -> None:
    with pytest.raises(RunFolderError, match="選んでください"):
        opened_tab_text(bench, fields["tab"], *fields.items())


def test_markup_in_an_answer_is_escaped(bench: Bench) -> None:
    save_rows(bench.settings.data, "hostile", make_row("first", passed=False, text="<script>1</script>[1]"))
    html = opened_tab_text(bench, "cases", ("run", "hostile"), ("set", "own"), ("case", "first"))
    assert "&lt;script&gt;1" in html
    assert "<script>" not in html.replace("['<script>", "")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (EXCERPT_SHOWN, "<mark>港の通りは再来年度</mark>"),
        (TABLE_SHOWN, '<th scope="row">朝の便</th>'),
        (NEAREST_SHOWN, "<blockquote>街灯は次のように替えます。"),
    ],
)
def test_an_answer_is_shown_in_its_blocks(content: dict[str, Any], expected: str) -> None:
    answer = Answer.model_validate({"answer_id": "a", "conversation_id": "c", "status": "answered", **content})
    turn = SimpleNamespace(question="何ですか", answer=answer.model_dump(mode="json") | {"calls": ()}, rejected=())
    html = render("ask.html", turns=(), answer=None, refused=(), recorded=(turn,), conversation="c")
    assert expected in re.sub(r"\s+(?=<)", "", html)


def test_a_run_over_a_server_has_no_calls_to_show(bench: Bench) -> None:
    (row,) = three_rows()[:1]
    save_run(bench.settings.data / "eval" / "far", replace(make_run(row), config={"version": "0", "door": "url"}))
    assert "伝えられていません" in opened_tab_text(bench, "cases", ("run", "far"), ("set", "own"), ("case", "first"))


def test_a_conversation_shows_what_was_stopped_in_it(own_settings: Settings) -> None:
    with ModelServer(says("植樹の本数の目標値は5,000本です[1]。実績は7,777本です[1]。")) as model:
        settings = own_settings.model_copy(update={"llm": model.models(structure="marks")})
        with open_service(settings, lambda: TODAY) as service:
            answer = service.ask(Question(question="植樹の本数の目標値は何本ですか?"))
            html = opened_tab_text(open_bench(service, settings), "ask", ("conversation", answer.conversation_id or ""))
    assert answer.calls[0].prompt_digest[:8] in html
    assert "実績は7,777本です" in html


def test_what_differs_by_spaces_alone_needs_no_judge(bench: Bench) -> None:
    text = "目標値は1,500人です[1]。"
    others = (text.replace("は", "は "), text.replace("1,500", "１,５００"), text.replace("1,500", "900"))
    save_rows(bench.settings.data, "one", *three_rows())
    rows = zip(three_rows(), others, strict=True)
    changed = (replace(row, answer={**(row.answer or {}), "answer": one}) for row, one in rows)
    save_rows(bench.settings.data, "two", *changed)
    html = opened_tab_text(bench, "scoring", ("run", "one"), ("other", "two"))
    assert "1問中0問" in html
    assert "ほかに2問は" in html


def test_scoring_begins_with_ordinary_questions(bench: Bench) -> None:
    rows = three_rows()
    kinds = zip(rows, ("attack", "not_there", "fact"), strict=True)
    cases = [row.case.model_copy(update={"kind": kind, "turns": (f"{kind}の質問",)}) for row, kind in kinds]
    changed = (replace(row, case=case) for row, case in zip(rows, cases, strict=True))
    save_rows(bench.settings.data, "run", *changed)
    assert "<h2>factの質問</h2>" in opened_tab_text(bench, "scoring", ("run", "run"))


def test_support_is_shown_as_the_index_that_answered_has_it(bench: Bench) -> None:
    checks = [{"text": "目標値は1,500人です", "wrong": []}, {"text": "期間は9年です", "wrong": ["9年は出典にない"]}]
    save_rows(bench.settings.data, "run", replace(three_rows()[0], observations={"statements": checks}))
    html = opened_tab_text(bench, "cases", ("run", "run"), ("set", "own"), ("case", "first"))
    assert html.count("裏付けあり") == 1
    assert html.count("裏付けなし") == 1
    save_rows(bench.settings.data, "old", three_rows()[0])
    html = opened_tab_text(bench, "cases", ("run", "old"), ("set", "own"), ("case", "first"))
    assert "文ごとの裏付けの記録がありません" in html


def test_several_runs_are_side_by_side(bench: Bench) -> None:
    save_rows(bench.settings.data, "one", *three_rows())
    save_rows(bench.settings.data, "two", *three_rows(passed=False, text="分かりません。"))
    save_rows(bench.settings.data, "three", *three_rows())
    every = (("run", "one"), ("run", "two"), ("run", "three"))
    alike = (("run", "one"), ("run", "three"))
    html = opened_tab_text(bench, "comparison", *every)
    assert "結果の分かれた問い（3問）" in html
    assert "正答" in html
    assert "結果の分かれた問い（0問）" in opened_tab_text(bench, "comparison", *alike)
    assert "問い（3問）" in opened_tab_text(bench, "comparison", *alike, ("all", "1"))
    assert "失った問い 3問、得た問い 0問" in opened_tab_text(bench, "comparison", *every[:2])
    assert "公開の基準" not in html


def test_cases_are_filtered_by_result_and_words(bench: Bench) -> None:
    name = save_rows(bench.settings.data, "run", *(make_row(f"case-{n}", passed=bool(n % 2)) for n in range(60)))
    html = opened_tab_text(bench, "cases", ("run", name), ("result", "failed"), ("q", "CASE-1"))
    assert "60問のうち5問" in html
    assert "'case-10', 'own'" in html


def test_what_is_typed_stays_when_something_is_refused(bench: Bench) -> None:
    (bench.settings.data / "cases").mkdir(parents=True)
    (bench.settings.data / "cases" / "broken.jsonl").write_text("{\n", "utf-8")
    with gr.Blocks():
        frame = Frame(bench, gr.Markdown(), gr.Markdown())
        changes = frame.open(TABS["cases"][1](frame), SignedInPerson("安奈", "tester"), Fields([]))
    assert "broken.jsonl" in changes[frame.message]
    assert set(changes) == {frame.message, frame.address}


def test_marks_are_added_up_by_run(bench: Bench) -> None:
    name = save_rows(bench.settings.data, "run", *three_rows())
    for scorer, correctness in (("安奈", 5), ("文太", 4)):
        bench.verdicts.add(ScoreVerdict(name, "own", "first", "a", scorer, correctness, 4, 5))
    assert "2, 2, '4.50 ± 0.50', '4.00 ± 0.00'" in opened_tab_text(bench, "verdicts", ("run", name))


def test_sets_and_kinds_have_japanese_names(bench: Bench) -> None:
    assert "架空の市のごみの計画" in opened_tab_text(bench, "runs")
    assert "('表の値', 'table')" in opened_tab_text(bench, "cases")
