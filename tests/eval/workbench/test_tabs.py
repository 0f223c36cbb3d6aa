"""The tabs of the workbench over a bench, without a browser: what each opens with."""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.workbench.bench import Bench, open_bench
from eval.workbench.frame import Frame
from eval.workbench.page import TABS
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.conftest import ROOT
from tests.eval.examples import make_row
from tests.eval.workbench.workbench_server import save_rows

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


def test_markup_in_an_answer_is_escaped(bench: Bench) -> None:
    save_rows(bench.settings.data, "hostile", make_row("first", passed=False, text="<script>1</script>[1]"))
    html = opened_tab_text(bench, "cases", ("run", "hostile"), ("set", "own"), ("case", "first"))
    assert "&lt;script&gt;1" in html
    assert "<script>" not in html.replace("['<script>", "")
