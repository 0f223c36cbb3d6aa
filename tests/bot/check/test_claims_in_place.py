"""Claims that stand in the passage, but are told of something else, the other way round, or of another day."""

from datetime import date

import pytest

from bot.check.given import Given
from bot.check.verify import check
from bot.turn import Draft, Source
from ingest.documents import Cell, Document, Passage, Period

OLD = Document(
    "plan-1", "みどり計画", "1.md", "plan", "星見市", "2021-03", Period(date(2021, 4, 1), date(2025, 3, 31)), ()
)
NEW = Document(
    "plan-2",
    "みどり計画2.0",
    "2.md",
    "plan",
    "星見市",
    "2025-03",
    Period(date(2025, 4, 1), date(2029, 3, 31)),
    ("plan-1",),
)


def row(n: int, subject: str, target: str, result: str, note: str = "") -> Passage:
    cells = [
        Cell("指標", subject),
        Cell("目標値", target),
        Cell("実績", result),
        *([Cell("備考", note)] if note else []),
    ]
    text = "\n".join(f"{cell.column}: {cell.value}" for cell in cells)
    return Passage(f"plan-1#{n}", "plan-1", "row", ("指標",), text, (n,), cells=tuple(cells))


def prose(document: Document, text: str, *path: str) -> Passage:
    return Passage(f"{document.id}#9", document.id, "text", path, text, (9,))


TREES = row(1, "植樹の本数", "500本", "420本", "※令和5年1月は60本")
OVERTIME = row(3, "残業", "20時間まで", "15時間")
LATE = row(4, "待ち時間", "5分未満", "5分")
COST = row(5, "費用", "30万円減", "40万円増")
RAISED = row(6, "花壇の数", "50か所まで増やす", "40か所")
BENCHES = row(2, "寄贈された樹木の本数", "80本", "95本")
OLD_PERIOD = prose(OLD, "みどり計画の計画期間は、令和3年度から令和6年度までの4か年です。")
NEW_PERIOD = prose(NEW, "計画期間は、令和7年度から令和10年度までの4か年です。", "期間")
RULE = prose(NEW, "補助の対象は市内の事業者で、学校を除く。対象者は全員受講しました。")
COUNCIL = prose(NEW, "環境会議は、有識者及び市長で構成します。みどり本部は、副市長を本部長とします。")


def problems(said: str, *passages: Passage, question: str = "", meant: str = "") -> list[str]:
    given = Given((OLD, NEW), passages, question, date(2026, 6, 1), frozenset({meant} - {""}))
    draft = Draft(f"{said}[1]。", (Source(passages[0], passages[0].text.splitlines()[0]),))
    return check(draft, given)


MISTOLD = {
    "another row's figure": ("植樹の本数の実績は95本です", (BENCHES, TREES)),
    "another month's figure": ("令和5年1月の植樹の本数は420本です", (TREES,)),
    "a target as what was done": ("植樹の本数は500本に達しました", (TREES,)),
    "a target called a result behind its figure": ("420本が植樹の本数の目標でした", (TREES,)),
    "missed, called reached": ("植樹の本数は500本の目標を達成しました", (TREES,)),
    "at most so much by まで, called missed": ("残業は20時間までの目標に届きませんでした", (OVERTIME,)),
    "not below 未満, called reached": ("待ち時間は5分未満の目標を達成しました", (LATE,)),
    "risen instead of fallen, called reached": ("費用は40万円増で、30万円減の目標を達成しました", (COST,)),
    "raised up to so much, called reached": ("花壇の数は40か所で、50か所の目標を達成しました", (RAISED,)),
    "reached, called missed": ("寄贈された樹木の本数は、目標の80本に届きませんでした", (BENCHES,)),
    "another plan's period": ("みどり計画の計画期間は、令和7年度から令和10年度までです", (NEW_PERIOD,)),
    "another plan's period, its name in quotes": (
        "「みどり計画」の計画期間は4か年で、令和7年度からです",
        (NEW_PERIOD,),
    ),
    "an older plan's period as today's": (
        "現在の計画の期間は、令和3年度から令和6年度までです",
        (OLD_PERIOD, NEW_PERIOD),
    ),
    "an older plan's period without its name": ("計画期間は令和3年度から令和6年度までです", (OLD_PERIOD, NEW_PERIOD)),
    "excluded, called included": ("補助の対象には学校も含まれます", (RULE,)),
    "done, called not done": ("対象者は全員受講したわけではありません", (RULE,)),
    "another office": ("みどり本部の本部長は市議会議長です", (COUNCIL,)),
    "a foreign member": ("環境会議は、有識者、市長、教育長で構成されます", (COUNCIL,)),
}


@pytest.mark.parametrize(("said", "passages"), MISTOLD.values(), ids=MISTOLD.keys())
def test_what_is_told_of_something_else_is_caught(said: str, passages: tuple[Passage, ...]) -> None:
    """Figure, date and name stand in the cited passage; what is made of them does not."""
    assert problems(said, *passages)


TOLD = {
    "its own row's figure": ("寄贈された樹木は95本です", (BENCHES, TREES)),
    "its own month's figure": ("令和5年1月の植樹は60本です", (TREES,)),
    "missed, called missed": ("植樹は500本の目標に対し420本で、目標に届いていません", (TREES,)),
    "reached, called reached": ("寄贈された樹木の本数は、80本の目標を上回る95本でした", (BENCHES,)),
    "the plan's own period": ("みどり計画2.0の計画期間は2025年度から2028年度までです", (NEW_PERIOD, OLD_PERIOD)),
    "an older plan by its name": ("みどり計画の計画期間は令和3年度から令和6年度まででした", (OLD_PERIOD, NEW_PERIOD)),
    "excluded, called excluded": ("学校は補助の対象から除外されます", (RULE,)),
    "its own members": ("環境会議のメンバーは有識者と市長です", (COUNCIL,)),
}


@pytest.mark.parametrize(("said", "passages"), TOLD.values(), ids=TOLD.keys())
def test_what_is_told_of_its_own_passes(said: str, passages: tuple[Passage, ...]) -> None:
    """The same facts in other words, each told of what it belongs to."""
    assert problems(said, *passages) == []


def test_an_older_document_may_speak_when_it_is_meant() -> None:
    """A question that means the older plan is answered from it, without its name in every sentence."""
    said = "計画期間は令和3年度から令和6年度までの4か年です"
    assert problems(said, OLD_PERIOD, NEW_PERIOD, meant="plan-1") == []


def test_the_note_of_a_row_is_told_of_its_row() -> None:
    """What a note tells by a date is no other row's, though the cells name the row in more words."""
    text = "指標: 山手の空き地の面積\n目標値(令和11年度): 30ha\n※ 令和2年調査の地図により算出。"
    cells = (Cell("指標", "山手の空き地の面積"), Cell("目標値(令和11年度)", "30ha"))
    noted = Passage(
        "plan-2#4", "plan-2", "row", ("指標",), text, (4,), cells=cells, notes=("※ 令和2年調査の地図により算出。",)
    )
    assert problems("山手の空き地の面積の注記に「令和2年調査の地図により算出。」と記載されています", noted) == []


def test_an_estimate_is_no_other_subject() -> None:
    """見込み behind one year says nothing of the figure of the next."""
    cells = (
        Cell("指標", "市内の街路樹の本数"),
        Cell("現状値(令和6年度見込み)", "112本"),
        Cell("目標値(令和11年度)", "125本"),
    )
    text = "\n".join(f"{cell.column}: {cell.value}" for cell in cells)
    trees = Passage("plan-2#5", "plan-2", "row", ("指標",), text, (5,), cells=cells)
    said = "市内の街路樹の本数は、現状値(令和6年度=2024年度見込み)が112本、目標値(令和11年度=2029年度)が125本です"
    assert problems(said, trees) == []
