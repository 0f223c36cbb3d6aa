"""Definitions in notes, whom something is for, how long a plan holds."""

from datetime import date

import pytest

from bot.find.defining import defining
from bot.find.evidence import Evidence
from bot.find.manner import MANNER
from bot.find.sought import Sought
from bot.understand.question import understand
from bot.understand.scope import Scopes
from ingest.documents import Cell, Document, Passage

PLAN = Document("p", "水辺の計画", "p.md", kind="plan")


def sought(question: str) -> Sought:
    """Return the question as it is held against the plan."""
    asked = understand(question)
    return Sought(asked, Scopes([PLAN])(asked, date(2026, 6, 1)))


def row(name: str, note: str) -> Evidence:
    """Return the row of a figure with a note under its table."""
    text = f"指標: {name}\n令和6年度: 12%\n{note}"
    cells = (Cell("指標", name), Cell("令和6年度", "12%"))
    return Evidence(Passage("p#1", "p", "row", ("目標",), text, (1,), cells=cells, notes=(note,)), "row", text)


@pytest.mark.parametrize(
    "question", ["係留率はどう計算した数字ですか", "係留率は何を何で割ったもの?", "係留率とは何ですか"]
)
def test_the_note_that_defines_the_figure_comes_before_other_notes(question: str) -> None:
    """Of two tables with the figure that one tells how it is counted whose note names it and says so."""
    tells = row("係留率", "※ 係留率とは、許可を受けた船の数を船の総数で除したものをいいます。")
    other = row("係留率", "※ 桟橋の数は、工事の影響を見込んでいます。")
    assert defining(tells, sought(question)) > defining(other, sought(question))


def test_no_note_gains_where_the_figure_itself_is_asked() -> None:
    """How much it is, the cell tells."""
    assert defining(row("係留率", "※ 係留率とは、船の数の割合をいいます。"), sought("係留率はどれだけですか")) == 0


@pytest.mark.parametrize(
    "question", ["船を預けられるのはどんな人ですか", "船は誰でも預けられますか", "預かりを頼めるのはどのような団体?"]
)
def test_conditions_tell_whom_something_is_for(question: str) -> None:
    """A list under 次のいずれかに該当する comes before one that has no condition."""
    passage = Passage("p#2", "p", "text", ("船の預かり",), "・市内に住む人\n・市内で働く人", (1,))
    conditions = Evidence(
        passage, "list", passage.text, "対象は、次のいずれかに該当する人です。", ("市内に住む人", "市内で働く人")
    )
    plain = Evidence(passage, "list", passage.text, "預かる船", ("市内に住む人", "市内で働く人"))

    def gained(evidence: Evidence) -> float:
        return sum(part(evidence, sought(question), PLAN) for part in MANNER)

    assert gained(conditions) > gained(plain)
