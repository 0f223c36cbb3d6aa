"""What a text names: quoted names, proper names, words in Latin letters, addresses on the net."""

import re

from ingest.normalise import dates
from ingest.tokenise import morphemes

_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[./&+_@:-]+[A-Za-z0-9]+)*")


def names(text: str) -> list[str]:
    """Return what normalised `text` names: 「…」, proper names as Sudachi finds them, words in Latin letters."""
    found = [(m.start, m.surface) for m in morphemes(text, "C") if m.pos[1] == "固有名詞"]
    found += [(match.start(), match[0]) for match in _LATIN.finditer(text)]
    covered = [(d.start, d.end) for d in dates(text)]
    outside = [name for at, name in found if not any(start <= at < end for start, end in covered)]
    return list(dict.fromkeys([*_QUOTED.findall(text), *outside]))


_ADDRESS = re.compile(
    r"(?:https?:)?//\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.])(?:[a-z0-9-]+\.)+(?:jp|com|net|org|info|biz|io|dev|example)\b",
    re.IGNORECASE | re.ASCII,
)


# A telephone or postal number: groups of digits that hyphens join; a span of years has two of four digits.
_PHONE = re.compile(r"(?<![\d-])(?:\(?0\d{1,4}\)?[-(\s]\d{1,4}[-)\s]\d{3,4}|0\d{9,10}|〒\s?\d{3}-?\d{4})(?![\d-])")


def addresses(text: str) -> list[str]:
    """Return the links, mail addresses, host names and telephone numbers in `text`."""
    return [found.rstrip(".,)") for found in (*_ADDRESS.findall(text), *_PHONE.findall(text))]


# What a body, an office or a paper is called by its last word.
_BODY = re.compile(
    r".+(?:課|部|局|室|係|会議|本部|委員会|審議会|協議会|連合会|センター|財団|公社|法人|会社|大学|学校|省|庁|署|"
    r"プラン|計画|戦略|構想|ビジョン|指針|方針|条例|要綱|憲章|宣言|"
    r"(?:市|町|村|区|部|局|課|係|室|署|所|会|校|園|館)?長|知事|議員|大臣|職員|委員|有識者|座長)"
)

_REFERRING = "本同各全両当該"


def without_reference(body: str) -> str:
    """Return the name of a body without what points back to it: 同会議, 両副市長."""
    return body.lstrip(_REFERRING)


def bodies(text: str) -> list[str]:
    """Return the compound nouns of normalised `text` that name an organisation, an office or a plan."""
    covered = [(d.start, d.end) for d in dates(text)]
    found: list[str] = []
    run, end = "", -1
    for m in [*morphemes(text, "A"), None]:
        part = m is not None and (m.is_noun or m.pos[1] == "固有名詞") and m.pos[1] != "副詞可能"
        if m and part and not any(start <= m.start < stop for start, stop in covered):
            run, end = (run + m.surface if m.start == end else m.surface), m.end
            continue
        if _BODY.fullmatch(run) and _BODY.fullmatch(without_reference(run)):
            found.append(run)
        run = ""
    return list(dict.fromkeys(found))


def squash(text: str) -> str:
    """Return normalised `text` without white space and in lower case, the form in which names are compared."""
    return "".join(text.split()).casefold()
