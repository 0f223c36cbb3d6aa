import json
from pathlib import Path

import gradio as gr
import pytest

from bot.running.auth.person import SignedInPerson
from bot.running.http.form_fields import Fields
from eval.workbench.bench import Bench
from eval.workbench.frame import Changes, Frame
from eval.workbench.marks import MARKS, Mark, Sample, Subject
from eval.workbench.tabs.marking_tab import MarkingTab
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.model_server import ModelServer, says
from tests.conftest import ROOT
from tests.eval.examples import make_row
from tests.eval.workbench.workbench_server import save_rows

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
