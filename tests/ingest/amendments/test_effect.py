"""The supplementary provisions of an amendment say when it takes effect."""

from datetime import date

import pytest

from ingest.amendments.addresses import Address
from ingest.amendments.clauses import read_sentence
from ingest.amendments.effect import read_effect
from tests.ingest.amendments.invented_ordinance import lines_of

PROMULGATED = "令和8年3月20日若葉市条例第5号"


@pytest.mark.parametrize(
    ("supplement", "day", "reason"),
    [
        pytest.param("この条例は、令和8年4月1日から施行する。", date(2026, 4, 1), "", id="stated day"),
        pytest.param("この条例は、公布の日から施行する。", date(2026, 3, 20), "", id="day of promulgation"),
        pytest.param("この条例は、公布の日の翌日から施行する。", date(2026, 3, 21), "", id="day after"),
        pytest.param(
            "この条例は、公布の日から起算して10日を経過した日から施行する。", date(2026, 3, 30), "", id="days counted"
        ),
        pytest.param(
            "この条例は、公布の日から起算して3月を経過した日から施行する。", date(2026, 6, 20), "", id="months counted"
        ),
        pytest.param(
            "この条例は、公布の日から起算して1年を経過した日から施行する。", date(2027, 3, 20), "", id="year counted"
        ),
        pytest.param(
            "この条例は、公布の日から施行し、令和8年1月1日から適用する。", date(2026, 1, 1), "", id="retroactive"
        ),
        pytest.param("この条例は、規則で定める日から施行する。", None, "規則などで別に定める", id="left to a rule"),
        pytest.param("市長は、別に定める。", None, "文書から分かりません", id="not stated"),
    ],
)
def test_the_day_of_effect_is_read_or_unknown_for_a_reason(supplement: str, day: date | None, reason: str) -> None:
    effect = read_effect(lines_of(PROMULGATED), lines_of(f"附　則\n{supplement}"), None)
    assert effect.default.day == day
    assert reason in effect.default.reason
    assert effect.default.is_retroactive == ("適用" in supplement)


def test_promulgation_is_read_with_its_number_or_taken_from_the_manifest() -> None:
    read = read_effect(lines_of(PROMULGATED), (), None)
    assert (read.promulgated, read.number) == (date(2026, 3, 20), 5)
    supplement = lines_of("附　則\nこの条例は、公布の日から施行する。")
    assert read_effect((), supplement, date(2026, 3, 1)).default.day == date(2026, 3, 1)
    assert "公布の日" in read_effect((), supplement, None).default.reason


@pytest.mark.parametrize(
    ("exception", "sentence", "day"),
    [
        pytest.param("第3条の改正規定", "第3条中「5冊」を「6冊」に改める。", date(2026, 10, 1), id="its article"),
        pytest.param("第3条の改正規定", "第2条中「者」を「人」に改める。", date(2026, 4, 1), id="another article"),
        pytest.param(
            "第3条第2項の改正規定", "第3条第1項中「5冊」を「6冊」に改める。", date(2026, 4, 1), id="another paragraph"
        ),
        pytest.param("別表の改正規定", "別表中「300円」を「400円」に改める。", date(2026, 10, 1), id="appendix"),
        pytest.param(
            "第4条の次に1条を加える改正規定", "第4条の次に次の1条を加える。", date(2026, 10, 1), id="insertion"
        ),
        pytest.param(
            "第4条の次に1条を加える改正規定", "第4条中「者」を「人」に改める。", date(2026, 4, 1), id="not an insertion"
        ),
        pytest.param(
            "第3条の改正規定（「5冊」を「6冊」に改める部分に限る。）",
            "第3条中「2点」を「3点」に改める。",
            None,
            id="part of the words",
        ),
    ],
)
def test_an_exception_covers_its_sentences_only(exception: str, sentence: str, day: date | None) -> None:
    supplement = f"附　則\nこの条例は、令和8年4月1日から施行する。ただし、{exception}は、令和8年10月1日から施行する。"
    effect = read_effect(lines_of(PROMULGATED), lines_of(supplement), None)
    (operation,), _ = read_sentence(sentence, Address())
    assert effect.of(operation).day == day
