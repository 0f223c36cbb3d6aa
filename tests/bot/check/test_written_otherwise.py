"""One amount written in two ways: rounded, in another unit, by another clock."""

from datetime import date

import pytest

from bot.check.given import Given
from bot.check.verify import check
from bot.turn import Draft, Source
from ingest.documents import Document, Passage

GUIDE = Document("guide", "温泉館のご案内", "g.md", "other", "湯本町", "2025-04", None, ())
HALL = Passage(
    "guide#1",
    "guide",
    "text",
    ("温泉館",),
    "温泉館は8時30分から18時30分まで開いています。昨年度は23,480人が来館し、そのうち町民は38.4%でした。"
    "遊歩道は延長2,400メートル、源泉の数は12か所、うち休止は4か所です。",
    (1,),
)


def problems(said: str) -> list[str]:
    given = Given((GUIDE,), (HALL,), "", date(2026, 6, 1))
    return check(Draft(f"{said}[1]。", (Source(HALL, HALL.text.split("。")[0] + "。"),)), given)


HOLD = (
    "昨年度は約2万3,500人が来館しました",
    "昨年度の来館はおよそ23,000人でした",
    "昨年度に来館した人の約4割が町民でした",
    "昨年度に来館した人の4割弱が町民でした",
    "源泉12か所のうち4か所、およそ3割が休止しています",
    "遊歩道の延長は2.4kmです",
    "温泉館は朝8時半から夕方6時半まで開いています",
    "温泉館は8:30から18:30まで開いています",
)
FAIL = (
    "昨年度は約2万4,500人が来館しました",
    "昨年度は23,500人が来館しました",
    "昨年度に来館した人の約5割が町民でした",
    "昨年度に来館した人の4割強が町民でした",
    "源泉12か所のうち4か所、およそ6割が休止しています",
    "遊歩道の延長は24kmです",
    "温泉館は朝8時半から夕方7時半まで開いています",
    "温泉館は8:30から19:30まで開いています",
)


@pytest.mark.parametrize("said", HOLD)
def test_an_amount_written_otherwise_holds(said: str) -> None:
    """What rounds a figure of the passage, or tells it in another unit or by another clock, is supported."""
    assert problems(said) == []


@pytest.mark.parametrize("said", FAIL)
def test_another_amount_does_not(said: str) -> None:
    """A figure that no figure of the passage rounds to, measures or times is refused."""
    assert problems(said)
