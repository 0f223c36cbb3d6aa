"""What table cells contain."""

from decimal import Decimal

import pytest

from ingest.japanese import nfkc
from ingest.japanese.cell_values import NO, YES, read_cell


@pytest.mark.parametrize(
    ("text", "head", "inside", "outside"),
    [
        ("8㎡〜20㎡", "", [("m2", 8), ("m2", 20)], [("m2", 21), ("円", 10)]),
        ("21㎡以上", "", [("m2", 21), ("m2", 300)], [("m2", 20)]),
        ("36,000円以上72,000円未満", "", [("円", 36_000)], [("円", 72_000)]),
        ("100人を超え200人以下", "", [("人", 101), ("人", 200)], [("人", 100)]),
        ("0～10立方メートル", "", [("m3", 0)], [("m3", 11)]),
        ("40平米〜60平方メートル", "", [("m2", 60)], [("m2", 61)]),
        ("9:00〜17:30", "", [("時", 17.5)], [("時", 18)]),
        ("午前9時から午後5時まで", "", [("時", 17)], [("時", 8.5), ("時", 18)]),
        ("13時〜20時30分", "", [("時", 20.5)], [("分", 30), ("時", 21)]),
        ("21番以降", "", [("番", 21)], [("番", 20)]),
        ("3歳以上就学前まで", "", [], [("歳", 3), ("歳", 30)]),
        ("35人", "定員", [("人", 35), ("人", 3)], [("人", 36)]),
        ("35人", "利用者数", [("人", 35)], [("人", 3)]),
        ("4月2日〜翌年4月1日", "", [("day of year", 402), ("day of year", 131)], [("day of year", 401.5)]),
        ("5月18日（月）", "", [("day of year", 518)], [("day of year", 519)]),
    ],
)
def test_a_cell_contains_the_figures_of_its_ranges(
    text: str, head: str, inside: list[tuple[str, float]], outside: list[tuple[str, float]]
) -> None:
    spans = read_cell(nfkc(text), head=head).spans

    def contains(unit: str, number: float) -> bool:
        return any(span.unit == unit and span.contains(Decimal(number)) for span in spans)

    assert all(contains(*figure) for figure in inside)
    assert not any(contains(*figure) for figure in outside)


def test_a_block_number_is_a_key_of_the_range_of_its_lots() -> None:
    (span,) = read_cell("3丁目1番~20番").spans
    assert (span.unit, span.key) == ("番", (("丁", Decimal(3)),))


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("月・木", {(0, 0), (0, 3)}),
        ("月曜～水曜", {(0, 0), (0, 1), (0, 2)}),
        ("第2・第4土曜日", {(2, 5), (4, 5)}),
        ("第1・3火曜", {(1, 1), (3, 1)}),
        ("毎週月曜日（祝日の場合は翌日）", {(0, 0)}),
        ("火水木金土日", {(0, day) for day in range(1, 6 + 1)}),
        ("平日", {(0, day) for day in range(5)}),
        ("日の出", set()),
        ("第2日曜日を除く", set()),
    ],
)
def test_a_cell_of_weekdays_only_is_a_set_of_weekdays(text: str, weekdays: set[tuple[int, int]]) -> None:
    assert read_cell(nfkc(text)).weekdays == weekdays


@pytest.mark.parametrize(("text", "mark"), [("○", YES), ("×", NO), ("不可", NO), ("あり", YES), ("ありません", None)])
def test_a_cell_of_one_mark_says_whether_something_is_there(text: str, mark: str | None) -> None:
    assert read_cell(nfkc(text)).mark == mark
