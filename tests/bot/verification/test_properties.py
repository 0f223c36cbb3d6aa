"""Property tests of claims over generated figures and dates."""

from datetime import date
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.state import Source
from bot.verification.draft_check import check_draft
from ingest.documents import Cell, Passage
from ingest.japanese import era_year
from tests.bot.draft_rendering import draft_of

settings.register_profile("shirube", deadline=None)
settings.load_profile("shirube")

WIDE = str.maketrans("0123456789.,%", "０１２３４５６７８９．，％")
UNITS = {
    "件": ["件"],
    "人": ["人", "名"],
    "%": ["%", "％", "パーセント"],
    "時間": ["時間"],
    "回": ["回"],
    "か所": ["か所", "箇所", "ヶ所"],
}
SUBJECTS = ["講座参加者数", "電子申請の利用", "窓口での対応時間", "会議の実施", "端末の利用"]


@st.composite
def figures(draw: st.DrawFn, unit: str | None = None) -> tuple[Decimal, str]:
    value = Decimal(draw(st.integers(2, 999_999)))
    if draw(st.booleans()):
        value += Decimal(draw(st.integers(1, 9))) / 10
    return value, unit or draw(st.sampled_from(sorted(UNITS)))


@st.composite
def figure_text(draw: st.DrawFn, figure: tuple[Decimal, str]) -> str:
    value, unit = figure
    forms = [f"{value}", f"{value:,}"]
    if value % 1000 == 0 and value >= 10_000:
        forms.append(f"{(value / 10_000).normalize():f}万")
    text = draw(st.sampled_from(forms)) + draw(st.sampled_from(UNITS[unit]))
    return text.translate(WIDE) if draw(st.booleans()) else text


def row(subject: str, target: str, result: str) -> Passage:
    cells = (Cell("KPI(成果指標)", subject), Cell("目標値", target), Cell("達成状況", result))
    text = "\n".join(f"{cell.column}: {cell.value}" for cell in cells)
    return Passage("d#1", "d", "row", ("KPI達成状況",), text, (1,), cells=cells)


def prose(text: str) -> Passage:
    return Passage("d#1", "d", "text", ("期間",), text, (1,))


def problems(text: str, passage: Passage) -> list[str]:
    found = check_draft(draft_of(text, (Source(passage, passage.text),)))
    return [problem.message for problem in found if problem.kind != "property"]


@given(st.data(), st.sampled_from(SUBJECTS), figures(), figures())
def test_no_notation_of_a_figure_is_caught(
    data: st.DataObject, subject: str, target: tuple[Decimal, str], result: tuple[Decimal, str]
) -> None:
    passage = row(subject, data.draw(figure_text(target)), data.draw(figure_text(result)))
    said = f"{subject}の目標値は{data.draw(figure_text(target))}で、達成状況は{data.draw(figure_text(result))}です[1]。"
    assert problems(said, passage) == []


@given(st.data(), st.sampled_from(SUBJECTS), figures(), figures(), figures())
def test_every_changed_figure_is_caught(
    data: st.DataObject,
    subject: str,
    target: tuple[Decimal, str],
    result: tuple[Decimal, str],
    other: tuple[Decimal, str],
) -> None:
    assume(other not in (target, result))
    passage = row(subject, data.draw(figure_text(target)), data.draw(figure_text(result)))
    form = data.draw(st.sampled_from(["{0}の達成状況は{1}です", "{0}は{1}でした", "{1}に達したのは{0}です"]))
    assert problems(form.format(subject, data.draw(figure_text(other))) + "[1]。", passage)


DAYS = st.dates(date(1990, 1, 1), date(2035, 12, 31))


@st.composite
def written_day(draw: st.DrawFn, day: date, granularity: str) -> str:
    era = era_year(day.year)
    year = draw(st.sampled_from([f"{day.year}年", f"{era}年", f"{era}({day.year})年", f"{day.year}年({era}年)"]))
    # A year in brackets behind the western year stands before 度 or a month in no usual way of writing.
    if granularity != "year" and year.endswith("年)"):
        year = f"{day.year}年"
    tail = {"year": "", "fiscal_year": "度", "month": f"{day.month}月", "day": f"{day.month}月{day.day}日"}[granularity]
    return (year + tail).translate(WIDE if draw(st.booleans()) else {})


GRANULARITIES = st.sampled_from(["year", "fiscal_year", "month", "day"])


@given(st.data(), DAYS, GRANULARITIES)
def test_no_notation_of_a_date_is_caught(data: st.DataObject, day: date, granularity: str) -> None:
    passage = prose(f"この計画は{data.draw(written_day(day, granularity))}に策定しました。")
    assert problems(f"{data.draw(written_day(day, granularity))}に策定しました[1]。", passage) == []


@given(st.data(), DAYS, st.sampled_from(["year", "month"]))
def test_a_date_may_be_less_precise_than_its_source(data: st.DataObject, day: date, granularity: str) -> None:
    passage = prose(f"この計画は{data.draw(written_day(day, 'day'))}に策定しました。")
    assert problems(f"{data.draw(written_day(day, granularity))}に策定しました[1]。", passage) == []


@given(st.data(), DAYS, st.sampled_from(["month", "day"]))
def test_a_date_may_not_be_more_precise_than_its_source(data: st.DataObject, day: date, granularity: str) -> None:
    passage = prose(f"この計画は{data.draw(written_day(day, 'year'))}に策定しました。")
    assert problems(f"{data.draw(written_day(day, granularity))}に策定しました[1]。", passage)


@given(st.data(), DAYS, DAYS, GRANULARITIES)
def test_every_changed_date_is_caught(data: st.DataObject, day: date, other: date, granularity: str) -> None:
    parts = {"year": 1, "fiscal_year": 1, "month": 2, "day": 3}[granularity]
    assume(day.timetuple()[:parts] != other.timetuple()[:parts])
    passage = prose(f"この計画は{data.draw(written_day(day, granularity))}に策定しました。")
    assert problems(f"{data.draw(written_day(other, granularity))}に策定しました[1]。", passage)


@given(st.integers(2, 99_999), st.integers(2, 99_999), st.integers(-9, 9))
def test_only_right_sums_pass(larger: int, smaller: int, error: int) -> None:
    assume(larger > smaller and larger - smaller + error not in (larger, smaller) and larger - smaller + error >= 0)
    passage = row("講座参加者数", f"{smaller:,}人", f"{larger:,}人")
    difference = larger - smaller + error
    said = f"講座参加者数は目標を{difference:,}人上回りました({larger:,}人 − {smaller:,}人 = {difference:,}人)[1]。"
    assert (problems(said, passage) == []) == (error == 0)


def test_a_row_after_its_label_is_not_mislabelled() -> None:
    cells = (Cell("指標", "植樹の本数"), Cell("平成28年度(基準)", "120本"), Cell("令和6年度(最終)", "240本"))
    notes = ("※ 植樹には市民が行ったものを含む",)
    text = "\n".join([*(f"{cell.column}: {cell.value}" for cell in cells), *notes])
    passage = Passage("d#1", "d", "row", ("数値目標",), text, (1,), cells=cells, notes=notes)
    assert problems("・植樹の本数: 平成28年度(基準) 120本、令和6年度(最終) 240本[1]", passage) == []
