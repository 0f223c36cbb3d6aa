"""Orders to the machine within a text of a document: found by the rules of `classes.toml` that are for documents."""

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.guard.rules import rules

# What stands in quotation marks ends no sentence.
_SENTENCE = re.compile(r"(?:「[^」\n]*」|(?![.!?]\s)[^。\n])+(?:[。\n]+|[.!?]+\s+)?|[。\n]+|[.!?]+\s+")


@lru_cache(maxsize=16384)
def without_orders(text: str) -> str:
    """Return normalised `text` without the sentences that give orders to the machine; all else letter for letter."""
    for rule in rules():
        if rule.documents == "stretch":
            text = rule.says.sub("", text)
    return "".join(sentence for sentence in _sentences(text) if not _is_order(sentence))


def _sentences(text: str) -> Iterator[str]:
    return (found[0] for found in _SENTENCE.finditer(text))


def _is_order(sentence: str) -> bool:
    return any(rule.documents == "sentence" and rule.stops(sentence) for rule in rules())
