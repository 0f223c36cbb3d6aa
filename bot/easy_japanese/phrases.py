"""Replaces sentence forms and bookish phrases by the easy ones of phrases.toml."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ingest.japanese.sentences import mark_bracketed


@dataclass(frozen=True, slots=True)
class SentenceForm:
    """A sentence pattern and the easy sentences that replace it; only for sentences of more than `over` characters."""

    standard: re.Pattern[str]
    easy: tuple[str, ...]
    over: int = 0


def split_by_form(sentence: str) -> list[str]:
    """Return a sentence (without full stop and marks) as shorter ones, each of which is split again."""
    for form in _forms():
        if len(sentence) > form.over and (match := form.standard.fullmatch(sentence)):
            parts = list[str]()
            for text in filter(None, (_fill_form(easy, match) for easy in form.easy)):
                parts += [text] if text == sentence else split_by_form(text)
            return parts
    return [sentence]


def _fill_form(easy: str, match: re.Match[str]) -> str:
    groups = match.groupdict()
    if any(groups[name] is None for name in re.findall(r"\{(\w+)\}", easy)):
        return ""
    return easy.format(**groups)


def replace_phrases(sentence: str) -> str:
    """Return a sentence with bookish phrases replaced by easy ones, except in quotations."""
    wording: dict[str, str] = _content()["wording"]
    quoted = mark_bracketed(sentence, "「『", "」』")

    def easier(match: re.Match[str]) -> str:
        return match[0] if any(quoted[match.start() : match.end()]) else wording[match[0]]

    return _wording().sub(easier, sentence)


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(files("bot.easy_japanese").joinpath("phrases.toml").read_text("utf-8"))


@cache
def _forms() -> tuple[SentenceForm, ...]:
    return tuple(
        SentenceForm(re.compile(entry["standard"]), tuple(entry["easy"]), entry.get("over", 0))
        for entry in _content()["sentence"]
    )


@cache
def _wording() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_content()["wording"], key=len, reverse=True))))
