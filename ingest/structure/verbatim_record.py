"""Structures verbatim records: speeches under speakers, replies under questions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.documents import Line
from ingest.japanese.sentences import split_document_sentences
from ingest.structure.blocks import Block
from ingest.structure.headings import heading
from ingest.structure.speeches import is_member, speech

# The style of what a record alone has: no heading is written there.
SPOKEN = "spoken"
# Fewer speeches show no record; in one, as many of the lines are sentences.
_FEWEST, _SHARE = 3, 0.8
_ASKER, _MATTER, _ITEM, _ASKED, _ANSWERER = 900, 910, 920, 930, 940
# 1件目、…について; 次に、2項目め、…; 第3項目、….
_NUMBER = r"[\d０-９一二三四五六七八九十]{1,2}"
_TOPIC = re.compile(
    rf"^(?:[^。\d０-９]{{0,10}}?)(?P<topic>(?:(?P<matter>{_NUMBER}件目|件名)|{_NUMBER}(?:項目め|点目|つ目|番目)|第{_NUMBER}項目)"
    r"(?:[^。]{2,60}?(?:について|に関して)|[^。]{2,60}(?=。)))"
)
_ASKS = re.compile(r"(?:か|ください|(?:伺|尋ね|聞き|質問|お願い)[^。]{0,10}ます)(?:でしょうか|と思います)?[。？?]*$")
# Fewer characters say nothing alone.
_LEAST = 30
# A longer question is no heading.
_LONGEST_ASKED = 120


def is_record(lines: Sequence[Line]) -> bool:
    """Whether a paper is the record of what was said, word for word, without headings: mark, speaker, speech."""
    written = [line for line in lines if line.text.strip()]
    first = next((i for i, line in enumerate(written) if _opens(line.text.strip())), len(written))
    if any(heading(line) for line in written[:first]):
        return False
    said = [line.text.strip() for line in written[first:]]
    enough = sum(map(_opens, said)) >= _FEWEST and sum("。" in text for text in said) >= _SHARE * len(said)
    return enough and not any(text.startswith("#") for text in said)


def _opens(text: str) -> bool:
    return text[0] in "○◎●◆" and speech(text) is not None


def add_record_headings(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of a record with headings: who asks, the matter as it is numbered, what is asked, who answers.

    Who speaks without having been asked, as the chair, stands outside.
    """
    record = _RecordBuilder()
    for b in blocks:
        record.take(b)
    return _with_courtesies(record.blocks)


def _with_courtesies(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with what says nothing alone (お答えします。, 以上です。) in the paragraph beside it."""
    found: list[Block] = []
    for b in blocks:
        last = found[-1] if found else None
        if last and last.kind == b.kind == "text" and last.page == b.page and min(len(last.text), len(b.text)) < _LEAST:
            found[-1] = replace(last, text=f"{last.text}\n{b.text}", lines=(*last.lines, *b.lines))
        else:
            found.append(b)
    return found


class _RecordBuilder:
    """The blocks so far; `topics` are the matter and the item that are spoken of, `asked` what is to be answered."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._speaker, self._asker = "", ""
        self._topics: list[Block] = []
        self._asked: Block | None = None

    def take(self, block: Block) -> None:
        """Add what stands on one line."""
        match = speech(block.text) if block.kind == "text" else None
        if match:
            self._open(match["name"], block)
            block = replace(block, text=block.text[match.end() :])
        if block.kind != "text" or self._speaker != self._asker:
            self.blocks.append(block)
            return
        for part in _by_topic(block):
            if part.kind == "heading":
                self._topics = [t for t in self._topics if (t.rank or 0) < (part.rank or 0)] + [part]
            self._asked = _question_heading(part) or self._asked
            self.blocks.append(part)

    def _open(self, name: str, block: Block) -> None:
        """Add the headings over a speech."""
        if self._asked and not is_member(name):
            self._answer(self._asked)
            self.blocks.append(_heading(name, block, _ANSWERER))
        elif not is_member(name) and self._is_below_answer():
            self.blocks.append(_heading(name, block, _ANSWERER))
        else:
            # An item ends with its answer; what is said of it afterwards would be found in place of that.
            self._topics = [t for t in self._topics if t.rank == _MATTER and name == self._asker]
            self._asker = name if is_member(name) else ""
            self.blocks.append(_heading(name, block, _ASKER))
            self.blocks += [replace(topic, lines=block.lines) for topic in self._topics]
        self._speaker, self._asked = name, None

    def _is_below_answer(self) -> bool:
        """Whether an answer stands right above, with which another officer goes on."""
        last = next((b for b in reversed(self.blocks) if b.kind == "heading"), None)
        return last is not None and last.rank == _ANSWERER

    def _answer(self, asked: Block) -> None:
        """Add what was asked as the heading of the answer; where it is all that stands there, in place of it."""
        if self.blocks[-1].text == asked.text:
            self.blocks.pop()
            if self.blocks[-1] in self._topics and asked.text.startswith(self.blocks[-1].text):
                self.blocks.pop()
        of_topic = bool(self._topics) and asked.text.startswith(self._topics[-1].text)
        self.blocks.append(replace(asked, rank=self._topics[-1].rank if of_topic else _ASKED))


def _heading(text: str, of: Block, rank: int) -> Block:
    return Block("heading", text, of.lines, of.page, SPOKEN, rank)


def _by_topic(block: Block) -> Iterator[Block]:
    """Yield what a member says as text, parted where a matter of those numbered begins, which is its heading."""
    held: list[str] = []
    for sentence in split_document_sentences(block.text):
        if match := _TOPIC.match(sentence):
            if held:
                yield replace(block, text="".join(held))
                held = []
            yield _heading(match["topic"], block, _MATTER if match["matter"] else _ITEM)
        held.append(sentence)
    if held:
        yield replace(block, text="".join(held))


def _question_heading(block: Block) -> Block | None:
    """Return the last sentence of a text that asks, as the heading over what is answered."""
    if block.kind != "text":
        return None
    asking = [s for s in split_document_sentences(block.text) if _ASKS.search(s) and len(s) <= _LONGEST_ASKED]
    return _heading(asking[-1], block, _ASKED) if asking else None
