"""The report as one HTML file: its style stands inside, and nothing is fetched."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment

from bot.pages.markup import filled, templates
from bot.pages.script import script
from eval.report.contents import Contents
from eval.report.times import spans

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_HERE = Path(__file__).parent


def render(told: Contents, language: Language = "ja") -> str:
    """Return the report; every word of cases, answers and settings is escaped."""
    return filled(
        _templates(),
        "report.html",
        told=told,
        about=told.run.config,
        language=language,
        w=_said(tomllib.loads((_HERE / "words.toml").read_text("utf-8")), language),
        times=spans(told.times_ms),
        style=script(_HERE / "templates", "base.css", "report.css"),
    )


def _said(table: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return the texts of a table in one language."""
    return {name: one[language] if "ja" in one else _said(one, language) for name, one in table.items()}


@cache
def _templates() -> Environment:
    made = templates(_HERE / "templates")
    made.filters.update(percent=_percent, number=_number)
    return made


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"


def _number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
