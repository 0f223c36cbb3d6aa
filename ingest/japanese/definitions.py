"""Patterns by which documents define a word: Xとは, Xは…のことです, X：…, (以下「X」という)."""

import re
from functools import lru_cache

from ingest.documents import Passage
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.normal_forms import comparison_key, nfkc, normalise_without_spaces

# Characters before a word at the start of a line, item or note, and after a word.
_TERM_START = r"(?:^|[。\n])(?:[^\w「『]|注\d*|\d+[.)])*[「『]?"
_TERM_END = r"[」』]?\s?(?:\([^()]*\))?[」』]?"
# Endings of defining sentences: … という, … のこと, or a noun.
_IS = r"[^。\n]{4,}(?:です|である|いう|います|指す|指します|こと|もの|[一-龥ァ-ヶ])[)」』]*(?:$|[。\n])"
# A complete sentence rather than a name.
_SENTENCE = re.compile(r"[^。\n]{6,}(?:[るたいすんう]。|です|ます)|[をがは][^。\n]{4,}")
_QUOTES = re.compile(r"[「」『』【】]")


def is_definition(text: str, more: str, word: str, passage: Passage) -> bool:
    """Whether a normalised unit of a passage defines the word: Xとは, Xは…のことです, X: …, (以下「X」という).

    `more` adds the next unit, because a line may contain only the word.
    """
    if passage.kind == "row":
        cells = [cell.value for cell in passage.cells]
        return comparison_key("".join(cells[:1])) == comparison_key(word) and any(map(is_prose, cells[1:]))
    match = _definition_pattern(word).search(more)
    return match is not None and match.start() < len(text)


@lru_cache(maxsize=256)
def _definition_pattern(word: str) -> re.Pattern[str]:
    x = r"\s?".join(map(re.escape, normalise_without_spaces(word)))
    return re.compile(
        rf"(?<![\w]){x}{_TERM_END}(?:とは|というのは)(?![、\s]*(?:何|なに|どう)).{{4,}}"
        rf"|{_TERM_START}{x}{_TERM_END}は、?{_IS}"
        rf"|{_TERM_START}{x}{_TERM_END}(?:[:…→―—]\s*|\s+)(?:{_SENTENCE.pattern})"
        rf"|{_TERM_START}{x}{_TERM_END}[:…→―—\n]\s*[^。\n]{{6}}{_IS}"
        rf"|「{x}」(?:という|といい|と呼|とす)"
        rf"|である、?[「『]?{x}",
        re.IGNORECASE,
    )


def has_defining_heading(passage: Passage, term: str) -> bool:
    """Whether the innermost heading of a passage, other than a row, is only the word, or asks for its meaning."""
    heading = (
        comparison_key(_QUOTES.sub("", strip_heading_number(nfkc(passage.section)))).rstrip("?").removesuffix("とは")
    )
    return passage.kind != "row" and heading == term


def is_prose(text: str) -> bool:
    """Whether a text contains a sentence rather than a name."""
    return bool(_SENTENCE.search(nfkc(text)))
