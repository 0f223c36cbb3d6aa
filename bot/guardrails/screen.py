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
from bot.state import Draft, Paragraph, ServiceMessage, Statement, Status, Turn
from ingest.japanese import nfkc
from ingest.japanese.tokenise import morphemes

_FLAGS = re.IGNORECASE | re.MULTILINE
_CLASS = re.compile(r"<(\w+)>")
# The end of a sentence, but not a mark within a web address.
_SENTENCE_END = re.compile(r"[。\n]+|[!?]+(?=\s|$|[^\x00-\x7f])")

# Between letters: い ま ま で の 指 示.
_SPACE_IN_JAPANESE = re.compile(r"(?<=[ぁ-んァ-ヶー一-龥])\s+(?=[ぁ-んァ-ヶー一-龥、。])")

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that matches one sentence or two consecutive ones with all of `has` and none of `unless`.

    Attributes:
        kind: the key of the refusal.
        documents: what it removes from documents: "sentence", "stretch" (only the match), or "" for nothing.
    """

    kind: str
    documents: str
    has: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]

    def matches(self, sentence: str) -> bool:
        """Whether the rule matches a normalised sentence."""
        return all(p.search(sentence) for p in self.has) and not any(p.search(sentence) for p in self.unless)

    @property
    def instruction_pattern(self) -> Pattern:
        """The rule's own pattern, as opposed to the classes that must also occur."""
        return self.has[-1]


def find_matching_rule(text: str) -> Rule | None:
    """Return the first rule, in the order of the file, that matches normalised `text`; None for most texts."""
    windows = list(dict.fromkeys(_windows(text)))
    # One search in all windows rules out most rules. That is safe because patterns match within lines.
    joined = "\n".join(windows)
    occurs = cache(lambda pattern: bool(pattern.search(joined)))
    candidates = (rule for rule in load_rules() if all(map(occurs, rule.has)))
    return next((rule for rule in candidates if any(map(rule.matches, windows))), None)


def load_rules() -> tuple[Rule, ...]:
    """Return all rules in the order of the file."""
    return _read_classes().rules


def refuse(kind: str) -> Draft:
    """Return the refusal for a rule of this kind."""
    keys = catalogue()["said"]
    sentences = (ServiceMessage(text) if text in keys else Statement(text) for text in _read_classes().refusals[kind])
    return Draft((Paragraph(tuple(sentences)),), status=Status.BLOCKED)


def _windows(text: str) -> Iterator[str]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    sentences = [text[start:end] for start, end in pairwise(dict.fromkeys((0, *ends, len(text))))]
    normal = ["".join(m.normal for m in morphemes(sentence.strip())) for sentence in sentences]
    for count in (1, 2):
        for first in range(len(sentences) - count + 1):
            if window := "".join(sentences[first : first + count]).strip():
                yield f"{window}\n{''.join(normal[first : first + count])}"


@dataclass(frozen=True, slots=True)
class _Classes:
    rules: tuple[Rule, ...]
    refusals: dict[str, list[str]]


@cache
def _read_classes() -> _Classes:
    content: dict[str, Any] = tomllib.loads(files("bot.guardrails").joinpath("classes.toml").read_text("utf-8"))
    classes: dict[str, str] = {}
    patterns: dict[str, Pattern] = {}
    for name, described in content["class"].items():
        alternatives = _alternatives(described["words"], classes)
        classes[name] = f"(?:{'|'.join(alternatives)})"
        patterns[name] = _compile(alternatives)
    rules: list[Rule] = []
    for rule in content["rule"]:
        required = [patterns[name] for name in rule.get("has", ())]
        if "says" in rule:
            required.append(_compile(_alternatives(rule["says"], classes)))
        excluded = [patterns[name] for name in rule.get("unless", ())]
        rules.append(Rule(rule["kind"], rule.get("documents", ""), tuple(required), tuple(excluded)))
    return _Classes(tuple(rules), content["refusal"])


def _alternatives(words: list[str], classes: dict[str, str]) -> list[str]:
    return [_CLASS.sub(lambda m: classes.get(m[1], m[0]), nfkc(word)) for word in words]


def _compile(alternatives: Sequence[str]) -> Pattern:
    return re.compile(f"(?:{'|'.join(alternatives)})", _FLAGS)


def screen_question(turn: Turn) -> Turn:
    """Return the turn with a refusal if its text, also without spaces between letters, matches a rule."""
    text = turn.texts.searched.text
    texts = dict.fromkeys((text, _SPACE_IN_JAPANESE.sub("", text)))
    rule = next(filter(None, map(find_matching_rule, texts)), None)
    return turn.with_draft(refuse(rule.kind)) if rule else turn
