"""Renders the report as one HTML file with its style inlined."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment

from bot.rendering.html.assets import join_assets
from bot.rendering.html.markup import make_environment, render_template
from eval.report.contents import ReportContents
from eval.report.time_histogram import time_bins

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_HERE = Path(__file__).parent


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
    """Return the texts of a table in one language."""
    return {name: one[language] if "ja" in one else _texts_in(one, language) for name, one in table.items()}


@cache
def _templates() -> Environment:
    environment = make_environment(_HERE / "templates")
    environment.filters.update(percent=_percent, number=_number)
    return environment


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"


def _number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
