"""Blocks questions that match the attack and harm rules of classes.toml."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from bot.languages import catalogue
from bot.state import Draft, Message, Paragraph, Statement, Status, Turn
from ingest.japanese import nfkc
from ingest.japanese.tokenise import morphemes

_FLAGS = re.IGNORECASE | re.MULTILINE
_CLASS = re.compile(r"<(\w+)>")
# A sentence ends here; what stands within an address of the web ends none.
_END = re.compile(r"[。\n]+|[!?]+(?=\s|$|[^\x00-\x7f])")

# Between letters: い ま ま で の 指 示.
_SPACE_IN_JAPANESE = re.compile(r"(?<=[ぁ-んァ-ヶー一-龥])\s+(?=[ぁ-んァ-ヶー一-龥、。])")

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

    def matches(self, sentence: str) -> bool:
        """Tell whether the rule stops a sentence, normalised."""
        return all(p.search(sentence) for p in self.has) and not any(p.search(sentence) for p in self.unless)

    @property
    def instruction_pattern(self) -> Pattern:
        """What the rule finds, besides the classes that must be there."""
        return self.has[-1]


def find_matching_rule(text: str) -> Rule | None:
    """Return the first rule, in the order of the file, that stops normalised `text`; None for most texts."""
    return _first_broken(list(dict.fromkeys(_windows(text))))


def _first_broken(windows: Sequence[str]) -> Rule | None:
    """Return the first rule that stops one of these windows.

    Most rules find nothing in any of them, which one look at all tells: what a pattern finds in a line, it finds where
    other lines stand around that, for no rule looks beyond a line for what must not be there.
    """
    whole = "\n".join(windows)
    found = cache(lambda pattern: bool(pattern.search(whole)))
    likely = (rule for rule in load_rules() if all(map(found, rule.has)))
    return next((rule for rule in likely if any(map(rule.matches, windows))), None)


def load_rules() -> tuple[Rule, ...]:
    """Return all rules in the order of the file."""
    return _read()[0]


def refuse(kind: str) -> Draft:
    """Return the refusal of a text that a rule of this kind stops."""
    keys = catalogue()["said"]
    sentences = (Message(one) if one in keys else Statement(one) for one in _read()[1][kind])
    return Draft((Paragraph(tuple(sentences)),), status=Status.BLOCKED)


def _windows(text: str) -> Iterator[str]:
    """Yield each sentence, and each two that follow each other; on a line of its own the same in Sudachi's forms."""
    ends = [match.end() for match in _END.finditer(text)]
    cut = [text[start:end] for start, end in pairwise(dict.fromkeys((0, *ends, len(text))))]
    normal = ["".join(m.normal for m in morphemes(sentence.strip())) for sentence in cut]
    for count in (1, 2):
        for first in range(len(cut) - count + 1):
            if window := "".join(cut[first : first + count]).strip():
                yield f"{window}\n{''.join(normal[first : first + count])}"


@cache
def _read() -> tuple[tuple[Rule, ...], dict[str, list[str]]]:
    content: dict[str, Any] = tomllib.loads(files("bot.guardrails").joinpath("classes.toml").read_text("utf-8"))
    classes: dict[str, str] = {}
    patterns: dict[str, Pattern] = {}
    for name, described in content["class"].items():
        alternatives = _alternatives(described["words"], classes)
        classes[name] = f"(?:{'|'.join(alternatives)})"
        patterns[name] = _compiled(alternatives)
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


def _alternatives(words: list[str], classes: dict[str, str]) -> list[str]:
    """Return the expressions with the classes that they name put in; normalised as the texts are."""
    return [_CLASS.sub(lambda m: classes.get(m[1], m[0]), nfkc(word)) for word in words]


def _compiled(alternatives: Sequence[str]) -> Pattern:
    return re.compile(f"(?:{'|'.join(alternatives)})", _FLAGS)


def screen_question(turn: Turn) -> Turn:
    """End the turn with a refusal where its text, with or without spaced letters, breaks a rule of `classes.toml`."""
    rules = map(find_matching_rule, dict.fromkeys((turn.text, _SPACE_IN_JAPANESE.sub("", turn.text))))
    if rule := next(filter(None, rules), None):
        return turn.finish(refuse(rule.kind))
    return turn
