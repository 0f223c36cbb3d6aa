from datetime import date

import pytest

from bot.answers.amendments.amended_provision import changed_words, state_on
from tests.ingest.amendments.invented_ordinance import FIRST, SECOND, consolidate


@pytest.mark.parametrize(
    ("day", "earlier", "has_upcoming"),
    [
        pytest.param(date(2026, 3, 1), 0, False, id="before promulgation"),
        pytest.param(date(2026, 3, 25), 0, True, id="promulgated"),
        pytest.param(date(2026, 4, 1), 1, False, id="in effect"),
        pytest.param(date(2026, 10, 1), 2, False, id="both in effect"),
    ],
)
def test_the_history_of_a_provision_has_what_was_promulgated(day: date, earlier: int, *, has_upcoming: bool) -> None:
    consolidation = consolidate(FIRST, SECOND)
    key = next(child.key for child in consolidation.roots[0].children if child.step.number == "3")
    state = state_on(consolidation, key, day)
    assert state is not None
    assert len(state.earlier) == earlier
    assert (state.upcoming is not None) is has_upcoming


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        pytest.param("1人5冊までとする。", "1人7冊までとする。", [("5冊", "7冊")], id="figure with its unit"),
        pytest.param("1人5冊まで。", "１人５冊まで。", [], id="other widths"),
        pytest.param(
            "図書を貸し出す。",
            "会費は年千円である。",
            [("図書を貸し出す。", "会費は年千円である。")],
            id="nothing in common",
        ),
    ],
)
def test_differing_words_are_phrases(old: str, new: str, pairs: list[tuple[str, str]]) -> None:
    assert changed_words(old, new) == pairs
