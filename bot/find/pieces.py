"""Passages in pieces of evidence: sentences, items, lists with their leads, rows."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from bot.find.evidence import Evidence, announces, is_heading
from ingest.documents import Passage
from ingest.sentences import written_sentences
from ingest.structure.speeches import is_member, is_officer, speech

_SOURCE_NOTE = re.compile(r"^[(（]?出典\s?[:：]")
_LABEL = 45
_FEWEST_LABELS = 3
_MARKED = re.compile(r"^[○◎●■□◆◇▼]")
_QUESTION = re.compile(r"(?:か|でしょう|ください)[。?]?$")
# A line that counts those before it: これら5分野にて施策を展開.
_THESE = re.compile(r"(?:これら|以上|上記)の?\s?(\d)(?:つ|分野|項目|点|本|施策|視点)")


@lru_cache(maxsize=20_000)
def pieces(passage: Passage) -> tuple[Evidence, ...]:
    """Return the pieces of evidence in a passage, in order."""
    return tuple(_pieces(passage))


def _pieces(passage: Passage) -> Iterator[Evidence]:
    if passage.kind == "row":
        yield Evidence(passage, "row", passage.text)
        return
    lead, group, asked = "", list[str](), ""
    introduces = _introductions(passage)
    lines = [line for line in passage.text.split("\n") if line.strip(" 　・") and not _SOURCE_NOTE.match(line)]
    talk = sum(bool(speech(line)) for line in lines) > 1
    for line in lines:
        said = _said(line, talk=talk)
        if _is_item(line):
            group.append(line)
            yield Evidence(passage, "item", line.strip().removeprefix("・"), lead)
            continue
        yield from _list(passage, lead, group)
        if line not in introduces:
            marked = lead if _MARKED.match(lead) and not _MARKED.match(line) else ""
            yield from _sentences(passage, line, marked, said, asked if said and _replies(asked, said) else "")
        asked = line if said and (_QUESTION.search(line) or is_member(said["name"])) else ""
        group, lead = [], line
    yield from _list(passage, lead, group)
    yield from _labels(passage, lines)
    yield from _whole(passage, lines)


def _introductions(passage: Passage) -> frozenset[str]:
    """Return the lines that only announce the items behind them (次の5つです): the list says them."""
    lines = [line for line in passage.text.split("\n") if line.strip()]
    announcing = [a for a, b in pairwise(lines) if _is_item(b) and not _is_item(a) and announces(a)]
    # ○ 基本理念 over a line is its heading.
    heading = [a for a, b in pairwise(lines) if is_heading(a) and not _is_item(b) and not _MARKED.match(b)]
    counting = [line for line in lines if _THESE.search(line) and _is_label(line)]
    return frozenset(announcing + heading + counting)


def _replies(asked: str, said: re.Match[str]) -> bool:
    """Whether one replies to what was said before: to a question anybody, to an opinion who serves the meeting."""
    return bool(_QUESTION.search(asked)) or is_officer(said["name"])


def _said(line: str, *, talk: bool) -> re.Match[str] | None:
    """Return what names the speaker of a line; an office without a mark (会長 …) is one where others `talk` too."""
    said = speech(line)
    return said if said and (talk or said.start("name") > 0) else None


def _sentences(passage: Passage, line: str, lead: str, said: re.Match[str] | None, reply_to: str) -> Iterator[Evidence]:
    speaker = ""
    if said:
        speaker, lead, line = said["name"], said[0].strip(), line[said.end() :]
    found = [s for sentence in written_sentences(line) if (s := sentence.strip())]
    for before, sentence, following in zip(["", *found[:-1]], found, [*found[1:], ""], strict=True):
        yield Evidence(
            passage, "sentence", sentence, lead, (), following, reply_to=reply_to, speaker=speaker, before=before
        )


def _list(passage: Passage, lead: str, group: list[str]) -> Iterator[Evidence]:
    if len(group) > 1:
        items = tuple(line.strip().removeprefix("・") for line in group)
        yield Evidence(passage, "list", _as_printed(passage, group), lead, items)


def _as_printed(passage: Passage, lines: list[str]) -> str:
    """Return the stretch of the passage from the first to the last of `lines`, with what is printed between them."""
    text = "\n".join(lines)
    if text in passage.text:
        return text
    return passage.text[passage.text.index(lines[0]) : passage.text.rindex(lines[-1]) + len(lines[-1])]


def _is_item(line: str) -> bool:
    return line.lstrip().startswith("・")


def _is_label(line: str) -> bool:
    return not _is_item(line) and len(line) <= _LABEL and not re.search(r"[。ます]$", line)


def _labels(passage: Passage, lines: list[str]) -> Iterator[Evidence]:
    """Yield the lists that loose lines make: those that the line behind counts (これら5分野), those with one mark."""
    for place, line in enumerate(lines):
        counted = _THESE.search(line)
        members = lines[max(place - int(counted[1]), 0) : place] if counted and _is_label(line) else []
        if counted and len(members) == int(counted[1]) > 1 and all(map(_is_label, members)):
            yield Evidence(passage, "list", _as_printed(passage, [*members, line]), line, tuple(members))
    marked = [line for line in lines if _MARKED.match(line)]
    if len(marked) >= _FEWEST_LABELS and all(map(_is_label, marked)) and not any(map(_is_item, lines)):
        items = tuple(_MARKED.sub("", line).strip() for line in marked)
        yield Evidence(passage, "list", _as_printed(passage, marked), passage.section, items)


def _are_labels(lines: list[str]) -> bool:
    """Whether the lines are the text of a figure: several, all short, no item and no sentence among them."""
    plain = not any(_is_item(line) or re.search(r"[。ます]$", line) for line in lines)
    return plain and len(lines) >= _FEWEST_LABELS and all(len(line) <= _LABEL for line in lines)


def _whole(passage: Passage, lines: list[str]) -> Iterator[Evidence]:
    """Yield the passage as one list where it holds several short lists under headings of their own."""
    marked = sum(bool(_MARKED.match(line)) for line in lines)
    if _are_labels(lines) and not _FEWEST_LABELS <= marked < len(lines):
        yield Evidence(passage, "list", _as_printed(passage, lines), "", tuple(lines))
        return
    is_item = [_is_item(line) for line in lines]
    groups = sum(item and (i == 0 or not is_item[i - 1]) for i, item in enumerate(is_item))
    if groups > 1 and not any(line.endswith("。") for line in lines):
        text = _as_printed(passage, lines)
        items = tuple(line.strip().removeprefix("・") for line in lines if _is_item(line))
        yield Evidence(passage, "list", text, passage.section, items)
        leads = [a for a, b in pairwise(lines) if _is_item(b) and not _is_item(a)]
        yield Evidence(passage, "list", text, passage.section, tuple(_MARKED.sub("", lead).strip() for lead in leads))
