"""The words of English text in a municipality's Japanese, by the glossary `english.toml`."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain

_LINKS = (
    r"the|a|an|is|are|was|were|do|does|did|has|have|will|be|been|it|its|this|that|there|still|yet|already|any"
    r"|please|can|could|you|i|my|me|to|and|by|s"
)
_OF = r"of|in|for|at|on|under|from"


def parts_of(text: str) -> list[list[str]]:
    """Return the terms of the text in Japanese where the glossary has them, cut where one is of the next.

    Names keep what stands between their words: Sound of Music.
    """
    parts: list[list[str]] = [[]]
    terms = list(_term().finditer(text))
    for i, match in enumerate(terms):
        inside = 0 < i < len(terms) - 1 and _is_name(terms[i - 1]) and any(map(_is_name, terms[i + 1 : i + 2]))
        if match["other"] or ((match["of"] or match["link"]) and inside):
            parts[-1].append(match[0])
        elif match["of"]:
            parts.append([])
        elif match["word"]:
            parts[-1].append(glossary("words")[match["word"].casefold()])
    return parts


def _is_name(term: re.Match[str]) -> bool:
    return bool(term["other"]) and term[0][0].isascii() and term[0][0].isupper()


def all_known(parts: Sequence[Sequence[str]]) -> bool:
    """Whether all terms of `parts` are of the glossary."""
    return all(term in glossary("words").values() for term in chain.from_iterable(parts))


def joined(parts: Sequence[Sequence[str]]) -> str:
    """Return the parts as one phrase, the last first: the period of the plan is 計画の期間."""
    return "の".join(reversed([phrase for phrase in map(_phrase, parts) if phrase]))


def _phrase(terms: Sequence[str]) -> str:
    """Return the terms as one phrase: Latin words apart from each other, Japanese ones joined."""
    said = " ".join(terms)
    said = re.sub(r"(?<=[^\sA-Za-z0-9の]) (?=[^\sA-Za-z0-9])", "の", said)
    return re.sub(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])", "", said).strip()


@cache
def _term() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, glossary("words")), key=len, reverse=True))
    return re.compile(
        rf"(?P<link>\b(?:{_LINKS})\b)|(?P<of>\b(?:{_OF})\b)|(?P<word>\b(?:{words})\b)"
        r"|(?P<other>[A-Za-z0-9][\w.&+/-]*|(?:[^\sA-Za-z?.!,']|(?<=\d)\.(?=\d))+)",
        re.IGNORECASE | re.ASCII,
    )


@cache
def glossary(table: str) -> Mapping[str, str]:
    """Return the Japanese of each English word of a table of `english.toml`."""
    content = tomllib.loads(files("bot.understand").joinpath("english.toml").read_text("utf-8"))
    return {word: japanese for japanese, said in content[table].items() for word in said}
