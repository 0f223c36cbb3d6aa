"""Attacks and harm: input that is an order to the system, by the rules of `classes.toml`. Such a turn ends here."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.answer import Status
from bot.guard.disguise import readings
from bot.turn import Draft, Turn
from ingest.normalise import nfkc
from ingest.tokenise import morphemes

_CLASS = re.compile(r"<(\w+)>")
# A sentence ends here; what stands within an address of the web ends none.
_END = re.compile(r"[。\n]+|[!?]+(?=\s|$|[^\x00-\x7f])")

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule stops what holds each of `has`, and none of `unless`, in one sentence or two that follow each other.

    `documents` tells what of a document it leaves out: "sentence", "stretch" (just what it finds), or "" for nothing.
    """

    kind: str
    documents: str
    has: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]

    def stops(self, sentence: str) -> bool:
        """Tell whether the rule stops a sentence, normalised."""
        return all(p.search(sentence) for p in self.has) and not any(p.search(sentence) for p in self.unless)

    @property
    def says(self) -> Pattern:
        """What the rule finds, besides the classes that must be there."""
        return self.has[-1]


def broken_rule(text: str) -> Rule | None:
    """Return the first rule, in the order of the file, that stops normalised `text`; None for most texts."""
    parts = list(_windows(text))
    return next((rule for rule in rules() if any(map(rule.stops, parts))), None)


def rules() -> tuple[Rule, ...]:
    """Return all rules in the order of the file."""
    return _read()[0]


def refusal(kind: str) -> str:
    """Return what the asker is told when a rule of this kind stops a text."""
    return _read()[1][kind]


def _windows(text: str) -> Iterator[str]:
    """Yield each sentence, and each two that follow each other; on a line of its own the same in Sudachi's forms."""
    ends = [0, *(match.end() for match in _END.finditer(text)), len(text)]
    for count in (1, 2):
        for first, last in zip(ends, ends[count:], strict=False):
            if window := text[first:last].strip():
                yield f"{window}\n{''.join(m.normal for m in morphemes(window))}"


@cache
def _read() -> tuple[tuple[Rule, ...], dict[str, str]]:
    content: dict[str, Any] = tomllib.loads(files("bot.guard").joinpath("classes.toml").read_text("utf-8"))
    classes: dict[str, str] = {}
    for name, described in content["class"].items():
        classes[name] = _alternatives(described["words"], classes)
    patterns = {name: _compiled(alternatives) for name, alternatives in classes.items()}
    read = tuple(
        Rule(
            rule["kind"],
            rule.get("documents", ""),
            tuple(patterns[name] for name in rule.get("has", ()))
            + tuple(_compiled(_alternatives(says, classes)) for says in [rule.get("says", ())] if says),
            tuple(patterns[name] for name in rule.get("unless", ())),
        )
        for rule in content["rule"]
    )
    return read, content["refusal"]


def _alternatives(words: list[str], classes: dict[str, str]) -> str:
    """Return the expressions as one, with the classes that they name put in; normalised as the texts are."""
    joined = "|".join(_CLASS.sub(lambda m: classes.get(m[1], m[0]), nfkc(word)) for word in words)
    return f"(?:{joined})"


def _compiled(expression: str) -> Pattern:
    return re.compile(expression, re.IGNORECASE | re.MULTILINE)


def screen(turn: Turn) -> Turn:
    """End the turn where its text, however spelt, breaks a rule of `classes.toml`; the refusal says what to do."""
    rule = next(filter(None, map(broken_rule, readings(turn.text))), None)
    return turn.finish(Draft(refusal(rule.kind), status=Status.BLOCKED)) if rule else turn
