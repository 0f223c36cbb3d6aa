import json
from datetime import UTC, datetime
from pathlib import Path

import gradio as gr
import pytest
from openpyxl import load_workbook

from bot.running.auth.person import SignedInPerson
from bot.running.http.form_fields import Fields
from eval.dataset.case import load_cases
from eval.errors import EvalError
from eval.workbench.bench import Bench
from eval.workbench.frame import Changes, Frame
from eval.workbench.marks import (
    MARKS,
    Mark,
    MarkStore,
    Sample,
    Subject,
    Verdicts,
    draw_sample,
    measure_agreement,
)
from eval.workbench.tabs.marking_tab import MarkingTab
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.model_server import ModelServer, says
from tests.conftest import ROOT
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import make_row
from tests.eval.workbench.workbench_server import save_rows

SAMPLE = Subject("sample", "week")
NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> MarkStore:
    return MarkStore(Settings(_env_file=None, data=tmp_path))


def add(store: MarkStore, person: str, marks: str) -> None:
    for item, mark in enumerate(marks.split()):
        store.add(Mark(SAMPLE, str(item), person, mark), MARKS)


def test_the_newest_mark_of_each_person_counts(store: MarkStore) -> None:
    for person, mark in (("安奈", "wrong"), ("文太", "right"), ("安奈", "right")):
        add(store, person, mark)
    assert len(store.given(SAMPLE)) == 3
    assert Verdicts(store.given(SAMPLE)).agreed == {"0": "right"}
    assert store.given(Subject("run", "week")) == []


def test_what_people_differ_on_is_not_agreed(store: MarkStore) -> None:
    add(store, "安奈", "right partly")
    add(store, "文太", "right wrong")
    verdicts = Verdicts(store.given(SAMPLE))
    assert (verdicts.agreed, verdicts.split) == ({"0": "right"}, {"1": {"安奈": "partly", "文太": "wrong"}})


def test_a_line_that_was_cut_off_loses_no_other_mark(store: MarkStore, tmp_path: Path) -> None:
    add(store, "安奈", "right")
    with next(tmp_path.rglob("marks.jsonl")).open("a", encoding="utf-8") as file:
        file.write('\n{"subject": ["sample", "we')
    add(store, "文太", "wrong")
    assert [mark.person for mark in store.given(SAMPLE)] == ["安奈", "文太"]


def test_personal_data_in_a_note_is_masked(store: MarkStore) -> None:
    store.add(Mark(SAMPLE, "0", "安奈", "right", "本人の番号 090-1234-5678 が出ている"), MARKS)
    assert "1234" not in store.given(SAMPLE)[0].note


@pytest.mark.parametrize(
    ("first", "second", "rate", "kappa"),
    [
        ("right right wrong wrong", "right right wrong wrong", 1.0, 1.0),
        ("right right wrong wrong", "right wrong wrong right", 0.5, 0.0),
        ("right right", "right right", 1.0, None),
        ("right " * 6 + "wrong " * 4, "right " * 5 + "wrong right right wrong wrong", 0.7, (0.7 - 0.54) / 0.46),
    ],
)
def test_agreement_is_measured_beyond_chance(first: str, second: str, rate: float, kappa: float | None) -> None:
    sides = [dict(enumerate(marks.split())) for marks in (first, second)]
    agreement = measure_agreement(*({str(item): mark for item, mark in side.items()} for side in sides))
    assert agreement
    assert agreement.rate == pytest.approx(rate)
    assert agreement.kappa == (kappa if kappa is None else pytest.approx(kappa))


def test_a_sample_is_drawn_from_what_was_recorded() -> None:
    sample = draw_sample([f"a{n}" for n in range(50)], 9, NOW, 7)
    assert (len(set(sample.answers)), sample.population) == (9, 50)
    assert (sample.first_day, sample.last_day) == ("2026-11-21", "2026-11-28")
    with pytest.raises(EvalError, match="質問はありません"):
        draw_sample([], 9, NOW, 7)


pytest_plugins = ["tests.bot.city_index"]
PERSON = SignedInPerson("安奈", "tester")


def opened(bench: Bench) -> MarkingTab:
    with gr.Blocks():
        return MarkingTab(Frame(bench, gr.Markdown(), gr.Markdown()))


def results(tab: MarkingTab, changes: Changes) -> str:
    return str(changes[tab.results])


@pytest.mark.server
def test_a_model_is_calibrated_against_people(tmp_path: Path) -> None:
    rows = [make_row(name, passed=True, text=f"{name}は1,500人です[1]。") for name in ("first", "second", "third")]
    save_rows(tmp_path, "run", *rows)
    subject = Subject("run", "run")
    with ModelServer(says(json.dumps({"reason": "足りない", "mark": "partly"}))) as server:
        bench = Bench(StandIn(), Settings(_env_file=None, data=tmp_path, corpus=ROOT / "corpus", llm=server.models()))
        for name, mark in (("first", "partly"), ("second", "right"), ("third", "partly")):
            bench.marks.add(Mark(subject, f"own/{name}", PERSON.name, mark), MARKS)
        tab = opened(bench)
        turn = tab.open(PERSON, Fields([("subject", "run/run")]))[tab.turn]
        *steps, last = tab._judge(PERSON, turn)  # noqa: SLF001
        assert len(steps) == len(server.requests) == 3
        assert isinstance(last, dict)
        assert "人の採点と 試験用 の判定: 3問、一致 66.7% ± 27.2%、Cohen の κ 0.00" in results(tab, last)
        list(tab._judge(PERSON, turn))  # noqa: SLF001
        assert len(server.requests) == 3


def test_a_sample_whose_records_are_gone_says_so(tmp_path: Path) -> None:
    bench = Bench(StandIn(), Settings(_env_file=None, data=tmp_path, corpus=ROOT / "corpus"))
    bench.marks.add_sample(Sample("week", "2026-11-21", "2026-11-28", 1, ["gone"]))
    tab = opened(bench)
    shown = results(tab, tab.open(PERSON, Fields([("subject", "sample/week")])))
    assert "採点できる回答がありません" in shown
    bench.close()


def test_markup_in_an_answer_is_escaped(tmp_path: Path) -> None:
    save_rows(tmp_path, "run", make_row("first", passed=False, text="<script>1</script>[1]"))
    tab = opened(Bench(StandIn(), Settings(_env_file=None, data=tmp_path, corpus=ROOT / "corpus")))
    html = str(tab.open(PERSON, Fields([("subject", "run/run")]))[tab.answer])
    assert "&lt;script&gt;1" in html
    assert "<script>" not in html


def test_an_exported_table_that_was_edited_becomes_cases_of_the_office(tmp_path: Path) -> None:
    table = tmp_path / "cases.xlsx"
    assert evaluate_here("cases", "export", table, "--set", "minato", "--json", folder=tmp_path).returncode == 0
    book = load_workbook(table)
    sheet = book.worksheets[0]
    sheet.delete_rows(4, sheet.max_row)
    sheet["A2"], sheet["A3"] = "own-1", "own-2"
    book.save(table)
    done = evaluate_here("cases", "import", table, "--json", folder=tmp_path)
    assert json.loads(done.stdout)["added"] == 2
    assert [case.id for case in load_cases([tmp_path / "var" / "cases" / "workbench.jsonl"])] == ["own-1", "own-2"]
    sheet["C3"] = ""
    book.save(table)
    done = evaluate_here("cases", "import", table, folder=tmp_path)
    assert done.returncode == 1
    assert "3行目: " in done.stdout


@pytest.mark.parametrize("content", [None, b"PK", b"\x93\xfa"])
def test_a_file_that_is_no_table_is_bad_input(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "cases.xlsx").write_bytes(content)
    assert evaluate_here("cases", "import", tmp_path / "cases.xlsx", folder=tmp_path).returncode == 2
