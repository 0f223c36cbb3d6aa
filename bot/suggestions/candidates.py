"""Questions that a document may be asked: for each section one in the words of its heading, for rows of its cells."""

import re
from collections.abc import Iterator, Sequence

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
_IN_NAMES = {"名詞", "接頭辞", "接尾辞", "補助記号", "記号", "空白"}


def candidates(document: Document, passages: Sequence[Passage]) -> Iterator[tuple[str, Passage]]:
    """Yield questions with the passage that each is about; minutes are not asked for by their speakers' names."""
    asked: set[tuple[str, ...]] = set()
    for passage in passages:
        question = None
        if passage.kind == "row":
            question = _of_row(passage)
        elif passage.path not in asked and document.kind != "meeting":
            asked.add(passage.path)
            question = _of_heading(document, passage.section)
        if question and len(question) <= _LONGEST:
            yield question, passage


def _of_heading(document: Document, section: str) -> str | None:
    heading = _NUMBERING.sub("", nfkc(section)).strip()
    if len(heading) not in _HEADING or heading in nfkc(document.title):
        return None
    name = heading if _is_name(heading) else f"「{heading}」"
    return f"{name}について教えてください"


def _is_name(heading: str) -> bool:
    """Whether a heading is a compound noun, with の at most; any other is quoted."""
    return all(m.pos[0] in _IN_NAMES or m.surface == "の" for m in morphemes(heading))


def _of_row(passage: Passage) -> str | None:
    """Return a question for the first figure of a row, by its label and the column's name."""
    if not passage.cells:
        return None
    label = nfkc(passage.cells[0].value).strip()
    column = next((c.column for c in passage.cells[1:] if c.column and _FIGURE.search(c.value)), "")
    return f"{label}の{nfkc(column).strip()}は?" if column and not label.isdigit() and len(label) > 1 else None
