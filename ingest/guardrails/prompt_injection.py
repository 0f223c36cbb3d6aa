"""Detects prompt injection in documents.

Passages that ask the reader for a secret are withheld too, because citizens would take the request for the city's.
"""

import re
from dataclasses import replace
from functools import cache, lru_cache

from ingest.documents import ParsedDocument, Passage
from ingest.guardrails.rules import Rule, load_rules
from ingest.guardrails.secrets import requests_secret, secrets_named
from ingest.japanese import nfkc

WITHHELD = "機械への命令か、暗証番号などを求める文があります。"
"""Why a passage is in no answer."""
# A full stop within quotation marks does not end a sentence.
_SENTENCE = re.compile(r"(?:「[^」\n]{0,500}」|(?![.!?]\s)[^。\n])+(?:[。\n]+|[.!?]+\s+)?|[。\n]+|[.!?]+\s+")


@lru_cache(maxsize=1024)
def remove_instructions(text: str) -> str:
    """Return normalised `text` without sentences that instruct the model or ask for secrets."""
    for rule in _rules("stretch"):
        text = rule.instruction_pattern.sub("", text)
    sentences = (match[0] for match in _SENTENCE.finditer(text))
    rules = _rules("sentence")
    return "".join(s for s in sentences if not (requests_secret(s) or any(rule.matches(s) for rule in rules)))


@cache
def _rules(documents: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in load_rules(for_documents=True) if rule.documents == documents)


def mark_injections(parsed: ParsedDocument) -> ParsedDocument:
    """Return the document with the passages marked that instruct the model or ask for a secret, or whose headings do.

    The whole passage is withheld, because the same author may have written the text around the instruction.
    """
    passages = list[Passage]()
    for passage in parsed.passages:
        headings = nfkc("\n".join((parsed.document.title, *passage.path)))
        text = nfkc(passage.text)
        # A request may be parted: a heading names the secret, and the text below it asks.
        asks = requests_secret(f"{headings}\n{text}" if secrets_named(headings) else text)
        is_withheld = asks or any(map(has_instructions, (passage.text, *passage.path)))
        passages.append(replace(passage, withheld=WITHHELD) if is_withheld else passage)
    return replace(parsed, passages=tuple(passages))


@lru_cache(maxsize=1024)
def has_instructions(text: str) -> bool:
    """Whether a text of a document instructs the model or asks for a secret."""
    normal = nfkc(text)
    return remove_instructions(normal) != normal
