"""Renders the service's messages in a language and translates messages in recorded answers.

Answers are recorded as they were told; a page in another language shows the same record in its own sentences.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from bot.languages.catalogue import LANGUAGES, Language, catalogue

Named = Callable[[str], str]
_BRACKETED = re.compile(r"「([^「」]*)」")
_NAMED = re.compile(r"\\\{(\w+)\\\}")
# Texts that stand around others within a line and are no sentences.
_PARTS = ("of_issuer", "older", "cut", "cut_list", "asked")
# A line with more names would be read as one with fewer.
_LEADS = ("lead_within", "lead", "lead_of_document")
# Languages that set no space between sentences.
_UNSPACED: frozenset[str] = frozenset({"ja", "easy", "zh"})


def message_text(key: str, language: str = "ja", **names: str) -> str:
    """Return the text called `key` with `names` put in; in Japanese where there is no catalogue of that language."""
    return str(_texts(language)[key]).format(**names)


def nest_quotes(name: str) -> str:
    """Return a name as it stands within 「」: brackets of its own are 『』, or gone where they hold all of it."""
    whole = _BRACKETED.fullmatch(name)
    return _BRACKETED.sub(r"『\1』", whole[1] if whole else name)


def join_sentences(sentences: list[str], language: str) -> str:
    """Return sentences as one text."""
    return ("" if language in _UNSPACED else " ").join(sentences)


def translate_messages(text: str, language: Language) -> str:
    """Return a Japanese text with the sentences that the service says itself in the language, others as they are."""
    for key, form in _forms("ja").items():
        text = form.sub(lambda match, key=key: _translate_match(key, language, match, str), text)  # type: ignore[misc]
    return text


def translate_if_only_messages(text: str, language: Language, named: Named = str) -> str | None:
    """Return a text of the service's own, in whichever language it was told, with what it names as `named` makes it.

    None where it says anything else too.
    """
    for told_in in LANGUAGES:
        left, found = text, list[tuple[int, str]]()
        for key, form in _forms(told_in).items():
            found += ((match.start(), _translate_match(key, language, match, named)) for match in form.finditer(left))
            left = form.sub(lambda match: " " * len(match[0]), left)
        if found and not left.strip():
            return join_sentences([sentence for _, sentence in sorted(found)], language)
    return None


def translate_source_line(line: str, language: Language, named: Named = str) -> str:
    """Return the line that leads an excerpt or a table in the language; one that is no such line as a name."""
    for told_in in LANGUAGES:
        for key, form in _leads(told_in).items():
            if match := form.fullmatch(line):
                before = _translate_match("of_issuer", language, match, named) if match["issuer"] else ""
                before += message_text("older", language) if match["older"] else ""
                behind = "".join(message_text(part, language) for part in ("cut", "cut_list") if match[part])
                return before + _translate_match(key, language, match, named) + behind
    return translate_if_only_messages(line, language, named) or named(line)


def _translate_match(key: str, language: Language, match: re.Match[str], named: Named) -> str:
    return message_text(key, language, **{name: named(text) for name, text in match.groupdict().items() if text})


def _texts(language: str) -> Mapping[str, str]:
    known = next((one for one in LANGUAGES if one == language), "ja")
    said: Mapping[str, str] = catalogue(known)["said"]
    return said


def _form(text: str) -> str:
    return _NAMED.sub(r"(?P<\1>.+?)", re.escape(text))


@cache
def _forms(language: Language) -> Mapping[str, re.Pattern[str]]:
    """Return how each sentence is found; a longer one before one that is a part of it."""
    texts = sorted(_texts(language).items(), key=lambda one: -len(one[1]))
    return {key: re.compile(_form(text)) for key, text in texts if key not in (*_PARTS, *_LEADS)}


@cache
def _leads(language: Language) -> Mapping[str, re.Pattern[str]]:
    texts = _texts(language)
    before = f"(?:{_form(texts['of_issuer'])})?(?P<older>{re.escape(texts['older'])})?"
    behind = "".join(f"(?P<{part}>{re.escape(texts[part])})?" for part in ("cut", "cut_list"))
    return {key: re.compile(f"{before}{_form(texts[key])}{behind}") for key in _LEADS}
