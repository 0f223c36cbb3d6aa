"""What is done in the question, and the piece that suits it: defining, counting, deciding, applying."""

from datetime import date

import pytest

from bot.find.evidence import Evidence
from bot.find.manner import MANNER
from bot.find.sought import Sought
from bot.understand.question import understand
from bot.understand.scope import Scopes
from ingest.documents import Cell, Document, Passage

PLAN = Document("d", "みどり計画", "d.md", kind="plan")


def gained(question: str, text: str, section: str = "3 その他", kind: str = "sentence") -> float:
    """Return what the manner of the question gives to a piece."""
    asked = understand(question)
    sought = Sought(asked, Scopes([PLAN])(asked, date(2026, 6, 1)))
    passage = Passage("d#1", "d", "row" if kind == "row" else "text", (section,), text, (1,))
    piece = Evidence(passage, "row" if kind == "row" else "list" if kind == "list" else "sentence", text)
    return sum(part(piece, sought, PLAN) for part in MANNER)


PREFERRED = [
    (
        "環境会議とはどのような会議ですか?",
        "有識者で構成する環境会議を開催し、施策を議論します。",
        "(1) 環境会議",
        "sentence",
    ),
    ("水辺ビジョンとは何ですか?", "水辺ビジョンは川の再生に向けた計画です。", "1 概要", "sentence"),
    ("会議で決まったことは何ですか?", "・素案を了承する。\n・募集を始める。", "決定事項", "list"),
    ("委員にはどうやって応募しますか?", "市の窓口で申し込みます。", "3 その他", "sentence"),
    ("利用者はどれくらい減りましたか?", "利用者は、412人から318人まで減少しています。", "1 背景", "sentence"),
    ("人口に青島は入りますか?", "人口: 300人 ※青島を除く。", "指標", "row"),
]


@pytest.mark.parametrize(("question", "text", "section", "kind"), PREFERRED)
def test_what_suits_the_manner_gains(question: str, text: str, section: str, kind: str) -> None:
    """What kind of thing it is, what was decided, by what means, what is counted."""
    assert gained(question, text, section, kind) > 0


NOT_PREFERRED = [
    ("環境会議とはどのような会議ですか?", "環境会議の役割は、素案の検討です。", "(1) 環境会議"),
    ("環境会議はいつ開かれますか?", "有識者で構成する環境会議を開催し、施策を議論します。", "(1) 環境会議"),
    ("委員は何人ですか?", "市の窓口で申し込みます。", "3 その他"),
]


@pytest.mark.parametrize(("question", "text", "section"), NOT_PREFERRED)
def test_what_suits_another_manner_gains_nothing(question: str, text: str, section: str) -> None:
    """The role of a thing is not the thing, and who asks for a date wants no definition."""
    assert gained(question, text, section) == 0


def test_a_very_long_sentence_is_put_back() -> None:
    """Unless it may enumerate what is asked for."""
    long = "計画を策定し、" * 40
    assert gained("計画の理念は何ですか?", long) < 0
    assert gained("策定した計画を順に教えてください", long) == 0


def test_the_row_with_both_figures_tells_what_was_reached() -> None:
    """Target and result stand in one row; a target alone tells nothing."""
    asked = understand("登録率は目標に達しましたか?")
    sought = Sought(asked, Scopes([PLAN])(asked, date(2026, 6, 1)))
    both, one = (Cell("目標", "35%"), Cell("実績", "32%")), (Cell("目標", "35%"),)
    gains = [
        sum(part(Evidence(row, "row", "登録率"), sought, PLAN) for part in MANNER)
        for cells in (both, one)
        for row in [Passage("d#1", "d", "row", ("表",), "登録率", (1,), cells=(Cell("指標", "登録率"), *cells))]
    ]
    assert gains[0] > gains[1]
