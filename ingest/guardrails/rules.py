"""Rules on sentences, from classes.toml: attacks and harm, which questions and documents are checked for."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ingest.japanese import nfkc

_FLAGS = re.IGNORECASE | re.MULTILINE
_CLASS = re.compile(r"<(\w+)>")
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


@dataclass(frozen=True, slots=True)
class Classes:
    """The rules in the order of the file, and the sentences of the refusal by kind."""

    rules: tuple[Rule, ...]
    refusals: dict[str, list[str]]


@cache
def read_classes() -> Classes:
    """Return what classes.toml states."""
    content: dict[str, Any] = tomllib.loads(files("ingest.guardrails").joinpath("classes.toml").read_text("utf-8"))
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
    return Classes(tuple(rules), content["refusal"])


def _alternatives(words: list[str], classes: dict[str, str]) -> list[str]:
    return [_CLASS.sub(lambda m: classes.get(m[1], m[0]), nfkc(word)) for word in words]


def _compile(alternatives: Sequence[str]) -> Pattern:
    return re.compile(f"(?:{'|'.join(alternatives)})", _FLAGS)
