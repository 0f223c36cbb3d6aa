"""Rules on sentences, from classes.toml: attacks and harm, which questions and documents are checked for."""

import re
import tomllib
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
        kind: the key of the refusal; "" for a rule on documents alone.
        documents: what it removes from documents: "sentence", "stretch" (only the match), or "" for nothing.
    """

    kind: str
    documents: str
    has: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]

    def matches(self, sentence: str) -> bool:
        return all(p.search(sentence) for p in self.has) and not any(p.search(sentence) for p in self.unless)

    @property
    def instruction_pattern(self) -> Pattern:
        """The rule's own pattern, as opposed to the classes that must also occur."""
        return self.has[-1]


@cache
def load_rules(*, for_documents: bool = False) -> tuple[Rule, ...]:
    """Return the rules in the order of the file, or only those that documents are checked for.

    Compiling the patterns of all takes 0.2 s, which each process that reads documents need not pay.
    """
    content = _content()
    classes: dict[str, str] = {}
    for name, described in content["class"].items():
        classes[name] = _any_of(described["words"], classes)
    rules: list[Rule] = []
    for rule in content["rule"]:
        if ("documents" if for_documents else "kind") not in rule:
            continue
        required = [_compile(classes[name]) for name in rule.get("has", ())]
        if "says" in rule:
            required.append(_compile(_any_of(rule["says"], classes)))
        excluded = [_compile(classes[name]) for name in rule.get("unless", ())]
        rules.append(Rule(rule.get("kind", ""), rule.get("documents", ""), tuple(required), tuple(excluded)))
    return tuple(rules)


def load_refusals() -> dict[str, list[str]]:
    """Return the sentences of the refusal by kind."""
    refusals: dict[str, list[str]] = _content()["refusal"]
    return refusals


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(files("ingest.guardrails").joinpath("classes.toml").read_text("utf-8"))


def _any_of(words: list[str], classes: dict[str, str]) -> str:
    alternatives = (_CLASS.sub(lambda m: classes.get(m[1], m[0]), nfkc(word)) for word in words)
    return f"(?:{'|'.join(alternatives)})"


@cache
def _compile(pattern: str) -> Pattern:
    return re.compile(pattern, _FLAGS)
