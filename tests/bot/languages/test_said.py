"""What the service says itself: found again in what it told, told in each language, and nothing that nobody says."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.languages import (
    LANGUAGES,
    Language,
    catalogue,
    message_text,
    translate_if_only_messages,
    translate_messages,
    translate_source_line,
)
from tests.conftest import ROOT

_NAMED = re.compile(r"\{\w*\}")
CATALOGUES = ROOT / "bot/languages"
SAID = catalogue()["said"]
SENTENCES = [key for key, text in SAID.items() if text.endswith("。")]
NAMES = {
    "title": "渡し船の計画",
    "heading": "1.2. 港",
    "issuer": "汐見町",
    "towns": "霧野市",
    "contact": "港湾課 000-1111",
}


@pytest.fixture(scope="module")
def said() -> str:
    """Return every text that `bot/` has in code or in a file of texts, with a NUL for what is put into it."""
    return "\n".join(_NAMED.sub("\0", text) for text in _texts())


def _texts() -> Iterator[str]:
    for file in (ROOT / "bot").rglob("*.py"):
        yield from _of_code(file)
    for file in (ROOT / "bot").rglob("*.toml"):
        if file.parent != CATALOGUES:
            yield from _of_values(tomllib.loads(file.read_text("utf-8")))


def _of_code(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    named = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(_piece(part, named) for part in node.values)


def _piece(part: ast.expr, named: dict[str, str]) -> str:
    if isinstance(part, ast.FormattedValue):
        return named.get(part.value.id, "\0") if isinstance(part.value, ast.Name) else "\0"
    return str(part.value) if isinstance(part, ast.Constant) else ""


def _of_values(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _of_values(one)


@pytest.mark.parametrize("key", SAID)
def test_each_text_is_said_somewhere(key: str, said: str) -> None:
    """It is asked for by its key, or stands in a text of `bot/` as it is written here."""
    assert key in said.split("\n") or _NAMED.sub("\0", SAID[key]) in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_is_told_in_each_language(key: str, language: Language) -> None:
    """What was told in Japanese, or in another language, is told in this one, the names in it as they are."""
    names = {name: NAMES.get(name, "九") for name in re.findall(r"\{(\w+)\}", SAID[key])}
    for told_in in ("ja", "en"):
        assert translate_source_line(message_text(key, told_in, **names), language) == message_text(
            key, language, **names
        )


def test_a_lead_is_told_with_what_stands_around_it() -> None:
    """Issuer, age, outer heading and cut are told too; a caption that the service does not make stays."""
    line = "汐見町の以前の文書「渡し船の計画」の「1.2. 港」にこうあります。（長い文の一部です。）"
    assert translate_source_line(line, "pt") == (
        "汐見町: Documento anterior: De “渡し船の計画”, seção “1.2. 港” (em japonês, como está escrito): "
        "(Parte de uma frase longa.)"
    )
    assert translate_source_line("「渡し船の計画」の「汐見町橋の計画」の「1.2. 港」にこうあります。", "pt") == (
        "De “渡し船の計画”, “汐見町橋の計画”, seção “1.2. 港” (em japonês, como está escrito):"
    )
    assert translate_source_line("3.4. 渡し船", "pt") == "3.4. 渡し船"


def test_names_in_a_lead_are_told_apart() -> None:
    """A page marks them as Japanese."""
    assert translate_source_line("「渡し船の計画」にこうあります。", "vi", lambda name: f"<{name}>") == (
        "Trích “<渡し船の計画>” (nguyên văn tiếng Nhật):"
    )


def test_only_what_the_system_says_itself_is_told_otherwise() -> None:
    """A text with anything else in it is not told in another language at all."""
    assert translate_if_only_messages(f"{message_text('nothing')}期間は4年です。", "en") is None
    assert (
        translate_messages(f"{message_text('check_original')}期間は4年です。", "easy")
        == "もとの文書を見てください。期間は4年です。"
    )


def test_the_contact_is_kept_letter_for_letter() -> None:
    """Whoever is named in the setting is named in the easy refusal."""
    assert translate_messages("お急ぎのときは 環境政策課 076-000-0000 へどうぞ。", "easy") == (
        "急ぐときは、環境政策課 076-000-0000 に聞いてください。"
    )
