"""Questions that a document may be asked: for each section one in the words of its heading, for rows of its cells."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.languages import catalogue
from bot.talk import says_little
from ingest.documents import Document, Passage
from ingest.normalise import nfkc
from ingest.tokenise import morphemes

# Longer ones do not fit on one or two lines of a phone.
_LONGEST = 44
# A shorter heading names too little to be asked for by itself, a longer one is a sentence.
_HEADING = range(4, 29)
# Marks and numbers before a heading: ■, ▶, (1), 1.2., 第3. The 3 of 3歳児 is none.
_NUMBERING = re.compile(r"^(?:[^\w「『（(《【〔]+|[(（]\d{1,2}[)）]\s*|第?\d+(?:[.．]\d+)*[.．、\s]\s*)+")
_FIGURE = re.compile(r"\d")
# What a notice says behind labels, by the form in which that is asked for.
_LABELLED = {
    "when": re.compile(r"(?:日時|とき|開催日|期日|実施日)(?::|\s)"),
    "where": re.compile(r"(?:場所|会場|ところ)(?::|\s)"),
    "cost": re.compile(r"(?:費用|参加費|受講料|料金|入場料|観覧料)(?::|\s)"),
    "apply": re.compile(r"(?:申し?込み?|申込方法|応募方法)(?::|\s)"),
    "whom": re.compile(r"(?:対象|応募資格)(?::|\s)"),
}
_IN_NAMES = {"名詞", "接頭辞", "接尾辞", "補助記号", "記号", "空白"}


def candidates(document: Document, passages: Sequence[Passage]) -> Iterator[tuple[str, Passage]]:
    """Yield questions with the passage that each is about; minutes are not asked for by their speakers' names."""
    asked: set[tuple[str, ...]] = set()
    ways = Counter[str]()
    for passage in passages:
        question = None
        if passage.kind == "row":
            question = _of_row(passage)
        elif passage.path not in asked and document.kind != "meeting":
            asked.add(passage.path)
            question = _of_heading(document, passage, ways)
        if question and len(question) <= _LONGEST:
            yield question, passage


def _of_heading(document: Document, passage: Passage, ways: Counter[str]) -> str | None:
    heading = _NUMBERING.sub("", nfkc(passage.section)).strip()
    if len(heading) not in _HEADING or heading in nfkc(document.title):
        return None
    is_notice, is_name = document.kind == "notice", _is_name(heading)
    if is_notice and says_little(heading):  # among the notices of a year nobody knows what 施設概要 is of
        return None
    labelled = [way for way, label in _LABELLED.items() if is_notice and is_name and label.search(nfkc(passage.text))]
    if not labelled:
        name = heading if is_name else f"「{heading}」"
        return None if is_notice and not is_name else _asked("about", name)
    way = min(labelled, key=lambda one: ways[one])  # in turns
    ways[way] += 1
    return _asked(way, heading)


def _asked(form: str, name: str) -> str:
    asked: str = catalogue()["offered"][form]
    return asked.format(name=name)


def _is_name(heading: str) -> bool:
    """Whether a heading is a compound noun, with の at most; any other is quoted."""
    return all(m.pos[0] in _IN_NAMES or m.surface == "の" for m in morphemes(heading))


def _of_row(passage: Passage) -> str | None:
    """Return a question for the first figure of a row, by its label and the column's name."""
    if not passage.cells:
        return None
    label = nfkc(passage.cells[0].value).strip()
    column = next((c.column for c in passage.cells[1:] if c.column and _FIGURE.search(c.value)), "")
    return (
        _asked("what", f"{label}の{nfkc(column).strip()}")
        if column and not label.isdigit() and len(label) > 1
        else None
    )
