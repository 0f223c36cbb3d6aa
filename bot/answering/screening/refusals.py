"""Blocks questions that match the attack and harm rules of classes.toml."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

from bot.answering.languages import catalogue
from bot.answering.state import Draft, Paragraph, ServiceMessage, Statement, Status, Turn
from ingest.guardrails.rules import Rule, load_refusals, load_rules
from ingest.japanese.tokenise import morphemes

# The end of a sentence, but not a mark within a web address.
_SENTENCE_END = re.compile(r"[。\n]+|(?<![!?])[!?]++(?=\s|$|[^\x00-\x7f])")

_EMPTY_LINES = re.compile(r"\n\s*\n")
# Between letters: い ま ま で の 指 示.
_SPACE_IN_JAPANESE = re.compile(r"(?<=[ぁ-んァ-ヶー一-龥])\s+(?=[ぁ-んァ-ヶー一-龥、。])")


# Danger is looked for in the same text.
@lru_cache(maxsize=64)
def find_matching_rule(text: str) -> Rule | None:
    """Return the first rule, in the order of the file, that matches normalised `text`; None for most texts."""
    # Empty lines end no other sentence, and some patterns take long to read many.
    windows = list(dict.fromkeys(_windows(_EMPTY_LINES.sub("\n", text))))
    # One search in all windows rules out most rules. That is safe because patterns match within lines.
    joined = "\n".join(windows)
    occurs = cache(lambda pattern: bool(pattern.search(joined)))
    candidates = (rule for rule in load_rules() if all(map(occurs, rule.has)))
    return next((rule for rule in candidates if any(map(rule.matches, windows))), None)


def refuse(kind: str) -> Draft:
    """Return the refusal for a rule of this kind."""
    keys = catalogue()["said"]
    sentences = tuple(ServiceMessage(text) if text in keys else Statement(text) for text in load_refusals()[kind])
    return Draft((Paragraph(sentences),) if sentences else (), status=Status.BLOCKED)


def _windows(text: str) -> Iterator[str]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    sentences = [text[start:end] for start, end in pairwise(dict.fromkeys((0, *ends, len(text))))]
    normal = ["".join(m.normal for m in morphemes(sentence.strip())) for sentence in sentences]
    for count in (1, 2):
        for first in range(len(sentences) - count + 1):
            if window := "".join(sentences[first : first + count]).strip():
                yield f"{window}\n{''.join(normal[first : first + count])}"


def screen_question(turn: Turn) -> Turn:
    """Return the turn with a refusal if its text, also without spaces between letters, matches a rule."""
    text = turn.texts.searched.text
    texts = dict.fromkeys((text, _SPACE_IN_JAPANESE.sub("", text)))
    rule = next(filter(None, map(find_matching_rule, texts)), None)
    return turn.with_draft(refuse(rule.kind)) if rule else turn
