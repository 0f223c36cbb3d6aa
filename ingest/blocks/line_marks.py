"""Line marks (bullets, ordinals, ※, ○) and sentence endings."""

import re

from ingest.blocks.speakers import find_speaker, is_speaker_alone
from ingest.documents import Block, BlockKind, Line
from ingest.japanese.markers import FILLED, ORDINAL, OUTLINED
from ingest.japanese.tokenise import morphemes

# Not (1)に掲げる, the middle of a sentence.
_ORDINAL = ORDINAL + r"(?![\sのにをはがとへやで、。])"
_BULLET = r"(?:[-*+–－]\s+[・•‣◦▪➤➢►✓✔☑◆→⇒]\s*|[・•‣◦▪➤➢►✓✔☑◆→⇒]\s*|[-*+–－]\s+)"
_ITEM = re.compile(rf"^(?P<indent>\s*)(?:(?P<bullet>{_BULLET})(?=\S)|(?={_ORDINAL}\S))")
# △ before a figure is a minus, and a mark before は is the topic: ●は不要.
_OUTERMOST = "■"
_MARK = rf"(?:[{FILLED}{OUTLINED.replace('△', '')}]|△(?!\d))(?!は(?![ぁ-ゖ]))"
_LEAD = re.compile(rf"^(?:{_MARK}\s*\S|[-*]\s+[◎○●■□◇▼▶]\s*\S|(?:[-*]\s+)?\*\*[^*]+\*\*$)")
_NOTE = re.compile(r"^(?:※|[*＊]\d|注\s?[\d:：)）]|[(（]注)")
# Names of contacts, before a number or address.
REACHED_BY = re.compile(r"【(?:電話|TEL|FAX|ファクス|ファックス|E?-?mail|E?メール)[^】]*】(?=\S)", re.IGNORECASE)
_MARKDOWN = re.compile(r"\*\*(.+?)\*\*|<br\s*/?>")
# Characters at the end of a text from which its last word is read. To read a paragraph that grows line by line again
# with each line took a minute for 5,000 short lines.
_TAIL_LENGTH = 200


def level_of(mark: str) -> int:
    """Return the depth of a mark before a title: 1 for ■, 2 for other filled marks, 3 for outlined marks."""
    if mark == _OUTERMOST:
        return 1
    return 2 if mark in FILLED else 3


def line_kind(line: Line) -> BlockKind:
    """Return the kind of a line by its marks and the speaker before it: note, item, speech, lead or text."""
    text = line.text.strip()
    if _NOTE.match(text):
        return "note"
    is_lead = bool(_LEAD.match(text))
    if not is_lead and _ITEM.match(line.text):
        return "item"
    if find_speaker(text) or is_speaker_alone(text):
        return "speech"
    return "lead" if is_lead else "text"


def strip_line_mark(text: str, kind: BlockKind) -> str:
    """Return the text of a line without marks that only show its kind; ordinals stay."""
    if kind == "item" and (match := _ITEM.match(text)):
        # With an arrow, the item replies to the item above.
        has_arrow = any(arrow in (match["bullet"] or "") for arrow in "→⇒")
        text = f"→ {text[match.end() :]}" if has_arrow else text[match.end() :]
    if kind in {"lead", "speech"}:
        text = re.sub(r"^[-*]\s+", "", text)
    return _MARKDOWN.sub(lambda m: m[1] or " ", text).replace("\t", " ").strip()


def make_block(kind: BlockKind, *lines: Line, style: str = "") -> Block:
    """Return the block of `kind` with these lines; an item keeps its indent."""
    if kind == "item" and (match := _ITEM.match(lines[0].text)):
        style = "  " if match["indent"] else ""
    text = "\n".join(strip_line_mark(line.text, kind) for line in lines)
    return Block(kind, text, tuple(line.number for line in lines), lines[0].page, style)


def is_complete_line(text: str) -> bool:
    """Whether a line does not end mid-sentence, in a particle, 段階的に or 、."""
    last = morphemes(text[-_TAIL_LENGTH:])[-1:]
    return not any(m.pos[0] == "助詞" or m.surface == "、" or m.pos[-1] == "連用形-ニ" for m in last)
