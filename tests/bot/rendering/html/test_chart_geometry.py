"""Tests of the geometry of charts."""

from datetime import date
from decimal import Decimal

import pytest

from bot.rendering.html.chart_geometry import HEIGHT, WIDTH, make_bar, make_line_chart

YEARS = [(date(year, 4, 1), f"{year}年度") for year in (2020, 2021, 2023, 2024)]


def figures(*told: int | None) -> list[Decimal | None]:
    return [None if one is None else Decimal(one) for one in told]


def test_a_bar_has_the_mark_of_its_target() -> None:
    assert make_bar(Decimal(45), Decimal(60), Decimal(60)) == (75.0, 100.0)
    assert make_bar(Decimal(10**12), Decimal(10**12), Decimal(1)) == (100.0, 0.0)


@pytest.mark.parametrize(("came", "greatest", "wanted"), [(-3, 60, 60), (3, 60, -60), (0, 0, 0)])
def test_what_has_no_common_scale_has_no_bar(came: int, greatest: int, wanted: int) -> None:
    assert make_bar(Decimal(came), Decimal(greatest), Decimal(wanted)) is None


def test_the_points_of_a_line_are_at_its_years() -> None:
    chart = make_line_chart(YEARS, [("乗客", figures(10, 20, 20, 40))], "人")
    assert chart is not None
    xs = [point.x for point in chart.lines[0].points]
    assert (xs[2] - xs[1]) == pytest.approx(2 * (xs[1] - xs[0]), rel=0.01)
    assert [point.label for point in chart.lines[0].points] == ["10人", "", "", "40人"]
    assert [name.label for name in chart.time_labels] == [name for _, name in YEARS]


def test_a_missing_figure_leaves_a_gap() -> None:
    chart = make_line_chart(YEARS, [("乗客", figures(10, None, 20, 40))])
    assert chart is not None
    assert [len(stroke.split()) for stroke in chart.lines[0].strokes] == [2]
    assert len(chart.lines[0].points) == 3


@pytest.mark.parametrize("told", [(5, 5, 5, 5), (0, 0, 0, 0), (-9, 3, -(10**15), 10**15), (10**15, 1, 2, 3)])
def test_every_figure_is_drawn_within_the_chart(told: tuple[int, ...]) -> None:
    chart = make_line_chart(YEARS, [("乗客", figures(*told))])
    assert chart is not None
    assert all(0 <= one.x <= WIDTH and 0 <= one.y <= HEIGHT for one in chart.lines[0].points)


def test_an_undrawable_series_has_no_line() -> None:
    assert make_line_chart(YEARS, [("乗客", figures(1, None, None, None))]) is None
    assert make_line_chart([], []) is None
    assert make_line_chart(YEARS, [(str(n), figures(1, 2, 3, 4)) for n in range(9)]) is None
    assert make_line_chart(YEARS[::-1], [("乗客", figures(1, 2, 3, 4))]) is None
