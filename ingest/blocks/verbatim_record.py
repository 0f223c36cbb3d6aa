"""Structures verbatim records: speeches under speakers, replies under questions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.blocks.headings import heading
from ingest.blocks.model import Block
from ingest.documents import Line
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.sentences import split_document_sentences
from ingest.minutes.speakers import find_speaker, is_member_name

# The style of generated headings, which only records have.
SPOKEN = "spoken"
# Minimum number of speeches in a record.
_MIN_SPEECHES = 3
# Minimum share of a record's lines that are sentences.
_MIN_SENTENCE_SHARE = 0.8
# Ranks of the generated headings.
_ASKER = 900
_MATTER = 910
_ITEM = 920
_QUESTION = 930
_ANSWERER = 940
# 1件目、…について; 次に、2項目め、…; 第3項目、….
_NUMBER = rf"[\d０-９{KANJI_ONE_TO_TEN}]{{1,2}}"
_TOPIC = re.compile(
    rf"^(?:[^。\d０-９]{{0,10}}?)(?P<topic>(?:(?P<matter>{_NUMBER}件目|件名)|{_NUMBER}(?:項目め|点目|つ目|番目)|第{_NUMBER}項目)"
    r"(?:[^。]{2,60}?(?:について|に関して)|[^。]{2,60}(?=。)))"
)
_ASKS = re.compile(r"(?:か|ください|(?:伺|尋ね|聞き|質問|お願い)[^。]{0,10}ます)(?:でしょうか|と思います)?[。？?]*$")
# Characters; shorter texts are joined to their neighbours.
_MIN_TEXT_LENGTH = 30
# Characters; a longer question is not a heading.
_MAX_QUESTION_LENGTH = 120


def is_record(lines: Sequence[Line]) -> bool:
    """Whether a document is a verbatim record without headings: mark, speaker, speech."""
    with_text = [line for line in lines if line.text.strip()]
    first = next((i for i, line in enumerate(with_text) if _opens(line.text.strip())), len(with_text))
    if any(heading(line) for line in with_text[:first]):
        return False
    lines_spoken = [line.text.strip() for line in with_text[first:]]
    are_sentences = sum("。" in text for text in lines_spoken) >= _MIN_SENTENCE_SHARE * len(lines_spoken)
    enough = sum(map(_opens, lines_spoken)) >= _MIN_SPEECHES and are_sentences
    return enough and not any(text.startswith("#") for text in lines_spoken)


def _opens(text: str) -> bool:
    return text[0] in "○◎●◆" and find_speaker(text) is not None


def add_record_headings(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of a record with headings: questioner, numbered topic, question, respondent.

    Speakers who were not asked, such as the chair, are below no question.
    """
    record = _RecordBuilder()
    for b in blocks:
        record.take(b)
    return _with_courtesies(record.blocks)


def _with_courtesies(blocks: Sequence[Block]) -> list[Block]:
    merged: list[Block] = []
    for b in blocks:
        last = merged[-1] if merged else None
        if (
            last
            and last.kind == b.kind == "text"
            and last.page == b.page
            and min(len(last.text), len(b.text)) < _MIN_TEXT_LENGTH
        ):
            merged[-1] = replace(last, text=f"{last.text}\n{b.text}", lines=(*last.lines, *b.lines))
        else:
            merged.append(b)
    return merged


class _RecordBuilder:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._speaker = ""
        self._asker = ""
        self._topics: list[Block] = []
        self._question: Block | None = None

    def take(self, block: Block) -> None:
        if block.kind == "speech" and (label := find_speaker(block.text)):
            self._open(label.written, block)
            block = replace(block, kind="text", text=block.text[label.start :])
        if block.kind != "text" or self._speaker != self._asker:
            self.blocks.append(block)
            return
        for part in _by_topic(block):
            if part.kind == "heading":
                self._topics = [t for t in self._topics if (t.rank or 0) < (part.rank or 0)] + [part]
            self._question = _question_heading(part) or self._question
            self.blocks.append(part)

    def _open(self, name: str, block: Block) -> None:
        last = next((b for b in reversed(self.blocks) if b.kind == "heading"), None)
        is_below_answer = last is not None and last.rank == _ANSWERER
        if not is_member_name(name) and (self._question or is_below_answer):
            if self._question:
                self._answer(self._question)
            self.blocks.append(_heading(name, block, _ANSWERER))
        else:
            # An item ends with its answer; later remarks must not be retrieved in place of it.
            self._topics = [t for t in self._topics if t.rank == _MATTER and name == self._asker]
            self._asker = name if is_member_name(name) else ""
            self.blocks.append(_heading(name, block, _ASKER))
            self.blocks += [replace(topic, lines=block.lines) for topic in self._topics]
        self._speaker = name
        self._question = None

    def _answer(self, question: Block) -> None:
        if self.blocks[-1].text == question.text:
            self.blocks.pop()
            if self.blocks[-1] in self._topics and question.text.startswith(self.blocks[-1].text):
                self.blocks.pop()
        of_topic = bool(self._topics) and question.text.startswith(self._topics[-1].text)
        self.blocks.append(replace(question, rank=self._topics[-1].rank if of_topic else _QUESTION))


def _heading(text: str, of: Block, rank: int) -> Block:
    return Block("heading", text, of.lines, of.page, SPOKEN, rank)


def _by_topic(block: Block) -> Iterator[Block]:
    sentences: list[str] = []
    for sentence in split_document_sentences(block.text):
        if match := _TOPIC.match(sentence):
            if sentences:
                yield replace(block, text="".join(sentences))
                sentences = []
            yield _heading(match["topic"], block, _MATTER if match["matter"] else _ITEM)
        sentences.append(sentence)
    if sentences:
        yield replace(block, text="".join(sentences))


def _question_heading(block: Block) -> Block | None:
    if block.kind != "text":
        return None
    asking = [s for s in split_document_sentences(block.text) if _ASKS.search(s) and len(s) <= _MAX_QUESTION_LENGTH]
    return _heading(asking[-1], block, _QUESTION) if asking else None
