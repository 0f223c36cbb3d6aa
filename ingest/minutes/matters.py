"""Finds the matters of a meeting's agenda: as the chair opens them, and by their numbers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences
from ingest.minutes.model import Speech, sentence_spans
from ingest.minutes.people import SpeakerRole

# The chair opens a matter: 議案第5号、…についてを議題とします; 次に、(2)…に移ります.
_OPENS = re.compile(
    r"(?P<item>(?:議案|陳情|請願|報告|発議|意見書案?|諮問|同意|認定|承認|日程|議題|協議事項|案件)[^。]{0,80}?|[^。、]{2,60}?)"
    r"(?:(?:の件|について)?を(?:一括)?(?:議題と|上程)"
    r"|(?:の件|について)?(?:の(?:審議|協議|審査|説明))?[にへ](?:入り|移り))"
)
_BEFORE_ITEM = re.compile(r"^(?:次に|続いて|続きまして|それでは|では|これより)、?")
_PROCEDURE = re.compile(r"^(?:[^。]{0,6}(?:討論|採決|質疑|休憩|審議|審査|表決|議事|説明))$")
_DEBATE = re.compile(r"討論(?:に入|を(?:行|許|始))")
_NUMBER = re.compile(r"第(\d+)号|(?:議題|議事|案件|協議事項|報告事項|議案)\s*[(第]?(\d+)|(?:^|(?<=[\s・]))\((\d+)\)")
# Characters of an entry of the agenda; a longer line is none.
_MAX_ENTRY_LENGTH = 80


def with_matters(speeches: Sequence[Speech], title: str) -> Iterator[Speech]:
    """Yield the speeches with their matter: headings without the document's `title`, and what the chair opened last."""
    opened = ""
    debate = ""
    for speech in speeches:
        item = speech.item.replace(title, "").strip()
        yield replace(speech, item=" ".join(filter(None, (item, "" if opened in item else opened, debate))))
        if speech.person is None or speech.person.role is not SpeakerRole.MEMBER:
            for sentence in split_document_sentences(nfkc(speech.text)):
                if matter := opened_matter(sentence):
                    opened = matter
                    debate = ""
                if _DEBATE.search(sentence):
                    debate = "討論"
                elif "採決" in sentence:
                    debate = ""


def opened_matter(sentence: str) -> str:
    """Return the matter that a sentence opens, "" for none; a part of the procedure (採決) is no matter."""
    match = _OPENS.search(sentence)
    item = _BEFORE_ITEM.sub("", match["item"]).strip(" 、") if match else ""
    return "" if _PROCEDURE.search(item) else item


def find_numbers(text: str) -> list[str]:
    """Return the numbers of matters in normalised text: (1), 第7号, 議題1."""
    return [match[1] or match[2] or match[3] for match in _NUMBER.finditer(text)]


def list_numbered(speeches: Sequence[Speech]) -> dict[str, str]:
    """Return the matters by their numbers, as headings and the agenda name them."""
    names = [speech.item for speech in speeches]
    for speech in speeches:
        if speech.person is None:
            lines = (nfkc(span.text).strip() for span in sentence_spans(speech))
            names += (line for line in lines if len(line) < _MAX_ENTRY_LENGTH and "。" not in line)
    return {number: name for name in sorted(names, key=len) for number in find_numbers(name)[:1]}
