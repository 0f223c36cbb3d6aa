import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.answering.languages import LANGUAGES, Language, catalogue, render_message
from bot.answering.rendering.answer_text import render_source_line
from bot.answering.state import SourceLine, service_message


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_source_line_is_rendered_in_each_language(language: Language) -> None:
    line = SourceLine(
        (
            service_message("of_issuer", issuer="汐見町"),
            service_message("older"),
            service_message("lead_within", title="渡し船の計画", outer="汐見町橋", heading="1.2. 港"),
            service_message("cut"),
        )
    )
    rendered = render_source_line(line, language, lambda name: f"<{name}>")
    assert [name in rendered for name in ("<汐見町>", "<渡し船の計画>", "<汐見町橋>", "<1.2. 港>")] == [True] * 4
    assert render_message(service_message("cut"), language) in rendered


_JAPANESE = re.compile("[ぁ-んァ-ヶ一-龥]")
_KANA = re.compile("[ぁ-んァ-ヶ]")


def texts(table: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for name, one in table.items():
        if isinstance(one, str):
            yield f"{path}{name}", one
        else:
            yield from texts(one, f"{path}{name}.")


def named(language: Language) -> dict[str, set[str]]:
    found = {path: set(re.findall(r"\{(\w+)\}", text)) for path, text in texts(catalogue(language))}
    return {path: set() if path.startswith("days.") else names for path, names in found.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_catalogue_has_every_text(language: Language) -> None:
    assert named(language) == named("ja")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_empty_only_if_japanese_has_none(language: Language) -> None:
    empty = {path for path, text in texts(catalogue(language)) if not text}
    of_others = {"welcome.honest", "welcome.honest_model", "welcome.wording", "room.language_note"}
    assert empty == (of_others if language in {"ja", "easy"} else set())


@pytest.mark.parametrize(
    ("language", "foreign"), [("en", _JAPANESE), ("vi", _JAPANESE), ("pt", _JAPANESE), ("zh", _KANA)]
)
def test_other_catalogues_have_no_japanese(language: Language, foreign: re.Pattern[str]) -> None:
    assert [path for path, text in texts(catalogue(language)) if foreign.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_are_made_of_what_is_known(language: Language) -> None:
    days = catalogue(language)["days"]
    for known, parts in (
        ("day", {"year", "month", "day", "name"}),
        ("month", {"year", "month", "name"}),
        ("year", {"year"}),
    ):
        assert set(re.findall(r"\{(\w+)\}", days[known])) <= parts
    assert len(days["names"].split()) == 12
