"""Renders the report as one HTML file with its style inlined."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from jinja2 import Environment

from bot.rendering.html.assets import join_assets
from bot.rendering.html.markup import make_environment, render_template
from eval.report.contents import ReportContents

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_HERE = Path(__file__).parent
# Edges of the bins of the histogram of answer times.
_EDGES_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def render_report(report: ReportContents, language: Language = "ja") -> str:
    """Return the report as HTML; all text of cases, answers and settings is escaped."""
    return render_template(
        _templates(),
        "report.html",
        report=report,
        about=report.run.config,
        language=language,
        w=_texts_in(tomllib.loads((_HERE / "words.toml").read_text("utf-8")), language),
        times=time_bins(report.times_ms),
        style=join_assets(_HERE / "templates", "base.css", "report.css"),
    )


def _texts_in(table: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {name: entry[language] if "ja" in entry else _texts_in(entry, language) for name, entry in table.items()}


@cache
def _templates() -> Environment:
    environment = make_environment(_HERE / "templates")
    environment.filters.update(percent=_percent, number=_number)
    return environment


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"


def _number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class TimeBin:
    """`n` answers within a range of time, labelled like 20 ms–50 ms."""

    label: str
    n: int


def time_bins(times_ms: Sequence[float]) -> list[TimeBin]:
    """Return the non-empty range of times in steps of 1, 2 and 5 per power of ten."""
    if not times_ms:
        return []
    first = max((edge for edge in _EDGES_MS if edge <= min(times_ms)), default=0)
    last = min((edge for edge in _EDGES_MS if edge > max(times_ms)), default=_EDGES_MS[-1] * 10)
    edges = [first, *(edge for edge in _EDGES_MS if first < edge < last), last]
    counts = np.histogram(times_ms, edges)[0]
    return [
        TimeBin(f"{_format_time(low)}–{_format_time(high)}", int(n))
        for low, high, n in zip(edges, edges[1:], counts, strict=False)
    ]


def _format_time(milliseconds: float) -> str:
    return f"{milliseconds:g} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:g} s"
