"""The views over a bench, without a browser: where their links lead, and what they refuse to whom."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from bot.auth import Person
from bot.http.form_fields import Fields
from bot.pages.views import Address
from bot.service import open_service
from bot.state import Question
from eval.errors import EvalError
from eval.scoring.run_record import save_run
from eval.workbench.bench import Bench, open_bench
from eval.workbench.views import VIEWS
from ingest.configuration.settings import Settings
from tests.bot.asking import TODAY
from tests.bot.model_server import ModelServer, says
from tests.bot.stand_in import StandIn
from tests.conftest import ROOT
from tests.eval.examples import make_run
from tests.eval.workbench.at_work import saved, three_rows

pytest_plugins = ["tests.bot.city"]
PLAN = "kankyo-plan-2.0.md"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return open_bench(StandIn(), Settings(_env_file=None, data=tmp_path, corpus=ROOT / "corpus"))


def shown(bench: Bench, address: str) -> str:
    """Return the HTML of the view at an address."""
    at = Address(address, "runs")
    return VIEWS[at.view].show(bench, at, Person("安奈", "tester")).html


def test_a_case_is_scored_from_its_own_page(bench: Bench) -> None:
    """The link leads to the case that one is looking at, not to the first that has no marks."""
    saved(bench.settings.data, "run", *three_rows())
    case = shown(bench, "case?run=run&set=own&id=third")
    link = re.search(r'href="(#scoring[^"]*)"', case)
    assert link is not None
    assert '<input type="hidden" name="id" value="third">' in shown(bench, unescape(link[1]))


CALLS = [
    {
        "task": "answer",
        "prompt_digest": "0123456789abcdef",
        "model": "試験用",
        "outcome": "answered",
        "milliseconds": 812.4,
        "tokens": {"prompt": 900, "completion": 40, "estimated": True},
        "cost": 0.0123,
    }
]
STOPPED = [{"text": "実績は<7,777>本です。", "why": "「7,777本」が出典にありません", "mended": "実績は5,200本です。"}]


def test_a_case_shows_what_a_model_was_asked_and_what_was_stopped(bench: Bench) -> None:
    """Model, prompt, tokens, cost and time of each call; each sentence with the reason and what stands in its place."""
    row = replace(three_rows()[0], observations={"calls": CALLS, "stopped": STOPPED})
    html = shown(bench, f"case?run={saved(bench.settings.data, 'made', row)}&set={row.set}&id={row.case.id}")
    for words in (
        "試験用",
        "01234567<",
        "約900・40",
        "0.0123",
        "812",
        "「7,777本」が出典にありません",
        "実績は5,200本です。",
    ):
        assert words in html
    assert "&lt;7,777&gt;" in html


def test_a_run_over_a_server_says_that_nothing_is_told_of_models(bench: Bench) -> None:
    """The API does not tell it."""
    (row,) = three_rows()[:1]
    save_run(bench.settings.data / "eval" / "far", replace(make_run(row), config={"version": "0", "door": "url"}))
    assert "伝えられていません" in shown(bench, f"case?run=far&set={row.set}&id={row.case.id}")


def test_a_conversation_shows_what_was_stopped_in_it(own_settings: Settings) -> None:
    """The records of the service tell it, too."""
    with ModelServer(says("植樹の本数の目標値は5,000本です[1]。実績は7,777本です[1]。")) as model:
        values = {"llm": model.models(structure="marks")}
        settings = own_settings.model_copy(update=values)
        with open_service(settings, lambda: TODAY) as service:
            answer = service.ask(Question(question="植樹の本数の目標値は何本ですか?"))
            html = shown(open_bench(service, settings), f"ask?conversation={answer.conversation_id}")
    assert answer.calls[0].prompt_digest[:8] in html
    assert "実績は7,777本です" in html


def test_what_differs_by_spaces_alone_needs_no_judge(bench: Bench) -> None:
    """A pair of answers that read the same is not shown blind; one that does not, is."""
    said = "目標値は1,500人です[1]。"
    others = (said.replace("は", "は "), said.replace("1,500", "１,５００"), said.replace("1,500", "900"))
    saved(bench.settings.data, "one", *three_rows())
    rows = zip(three_rows(), others, strict=True)
    saved(
        bench.settings.data, "two", *(replace(row, answer={**(row.answer or {}), "answer": one}) for row, one in rows)
    )
    assert "1問中0問（ほかに2問は" in shown(bench, "blind?one=one&two=two")


def test_scoring_begins_with_ordinary_questions(bench: Bench) -> None:
    """Attacks and what is not there come last, whatever the order of the run."""
    rows = three_rows()
    kinds = ("attack", "not_there", "fact")
    asked = (row.case.model_copy(update={"kind": kind}) for row, kind in zip(rows, kinds, strict=True))
    saved(bench.settings.data, "run", *(replace(row, case=case) for row, case in zip(rows, asked, strict=True)))
    assert 'name="id" value="third"' in shown(bench, "scoring?run=run")


def test_a_run_has_a_name_its_subject_and_a_note(bench: Bench) -> None:
    """They stand in the list and wherever a run is chosen, and can be given later; one too long is refused."""
    saved(bench.settings.data, "run", *three_rows())
    saved(bench.settings.data, "other", *three_rows())
    describe, at, by = VIEWS["runs"].actions["describe"], Address("runs", "runs"), Person("安奈", "tester")
    described = Fields([("run", "run"), ("called", "川の計画を加えた後"), ("note", "表を見直した")])
    describe(bench, described, at, by)
    told = shown(bench, "runs")
    assert ("川の計画を加えた後" in told, "表を見直した" in told, "質問集ごとの文書" in told) == (True, True, True)
    assert "川の計画を加えた後（3/3）" in shown(bench, "compare")
    with pytest.raises(EvalError, match="文字まで"):
        describe(bench, Fields([("run", "run"), ("called", "長" * 61)]), at, by)
    assert "川の計画を加えた後" in shown(bench, "runs")


def test_support_is_told_as_the_index_that_answered_has_it(bench: Bench) -> None:
    """What held then is no error now, though the index in service knows the passage no more."""
    told = [{"text": "目標値は1,500人です", "wrong": []}, {"text": "期間は9年です", "wrong": ["9年は出典にありません"]}]
    row = replace(three_rows()[0], observations={"statements": told})
    saved(bench.settings.data, "run", row)
    html = shown(bench, "case?run=run&set=own&id=first")
    support = html[html.index("文ごとの裏付け") : html.index('id="cited"')]
    assert re.findall("裏付け(?:あり|なし)", support) == ["裏付けあり", "裏付けなし"]
    saved(bench.settings.data, "old", three_rows()[0])
    assert "文ごとの裏付けの記録がありません" in shown(bench, "case?run=old&set=own&id=first")


def test_before_any_run_nothing_stands_side_by_side(bench: Bench) -> None:
    """The view says so, and that none is there to choose from."""
    assert "まだ評価がありません" in shown(bench, "models")


def test_several_runs_stand_side_by_side(bench: Bench) -> None:
    """Each with its figures, by kind, and with its answer to every question on which they do not agree."""
    saved(bench.settings.data, "one", *three_rows())
    saved(bench.settings.data, "two", *three_rows(passed=False, said="分かりません。"))
    saved(bench.settings.data, "three", *three_rows())
    html = shown(bench, "models?run=one&run=two&run=three")
    assert "結果の分かれた問い（3問）" in html
    assert html.count("分かりません。") == 3
    assert "合格の率" in html
    assert html.count('<svg class="bar') == 3
    assert "結果の分かれた問い（0問）" in shown(bench, "models?run=one&run=three")
    assert "問い（3問）" in shown(bench, "models?run=one&run=three&all=1")


def test_sets_and_kinds_are_told_in_japanese(bench: Bench) -> None:
    """Who chooses a set or a kind reads what it is."""
    html = shown(bench, "runs")
    assert "架空の市のごみの計画" in html
    assert '<option value="table">表の値</option>' in shown(bench, "cases")
