"""The system's own sentences and turns of phrase in easy words and in English, as `phrases.toml` gives them."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.plain.quoted import inside

_NAMED = re.compile(r"\\\{(\w+)\\\}")


@dataclass(frozen=True, slots=True)
class Form:
    """A form of sentence with the texts that say the same; it holds for sentences of more than `over` characters."""

    standard: re.Pattern[str]
    easy: tuple[str, ...]
    over: int = 0
    english: str = ""


def say_fixed(text: str) -> str:
    """Return a text of the system's own with each sentence that has an easy form in that form."""
    for form in _forms("fixed"):
        text = form.standard.sub(lambda match, easy=form.easy[0]: easy.format(**match.groupdict()), text)  # type: ignore[misc]
    return text


def in_english(text: str) -> str | None:
    """Return a text of the system's own in English, names in it as they are; None where it says anything else too."""
    said: list[tuple[int, str]] = []
    for form in _forms("fixed"):
        said += ((match.start(), form.english.format(**match.groupdict())) for match in form.standard.finditer(text))
        text = form.standard.sub(lambda match: " " * len(match[0]), text)
    return None if text.strip() or not said else " ".join(english for _, english in sorted(said))


def take_apart(sentence: str) -> list[str]:
    """Return a sentence (without full stop and marks) as the shorter ones of its form, each taken apart in turn."""
    for form in _forms("sentence"):
        if len(sentence) > form.over and (match := form.standard.fullmatch(sentence)):
            said = [_filled(easy, match) for easy in form.easy]
            return [part for text in said if text for part in ([text] if text == sentence else take_apart(text))]
    return [sentence]


def _filled(easy: str, match: re.Match[str]) -> str:
    """Return the text with what the groups hold; "" where a group of it holds nothing."""
    groups = match.groupdict()
    if any(groups[name] is None for name in re.findall(r"\{(\w+)\}", easy)):
        return ""
    return easy.format(**groups)


def reword(sentence: str) -> str:
    """Return a sentence with bookish wording put in easy words, except in quotations."""
    wording: dict[str, str] = _content()["wording"]
    quoted = inside(sentence, "「『", "」』")

    def easier(match: re.Match[str]) -> str:
        return match[0] if any(quoted[match.start() : match.end()]) else wording[match[0]]

    return _wording().sub(easier, sentence)


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(files("bot.plain").joinpath("phrases.toml").read_text("utf-8"))


@cache
def _forms(kind: str) -> tuple[Form, ...]:
    return tuple(_read(kind))


def _read(kind: str) -> Iterator[Form]:
    for entry in _content()[kind]:
        standard, easy = entry["standard"], entry["easy"]
        if kind == "fixed":
            named = re.compile(_NAMED.sub(r"(?P<\1>.+?)", re.escape(standard)))
            yield Form(named, (easy,), english=entry["english"])
        else:
            yield Form(re.compile(standard), tuple(easy), entry.get("over", 0))


@cache
def _wording() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_content()["wording"], key=len, reverse=True))))
