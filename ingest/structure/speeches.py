"""Detects speakers and their speeches in minutes: ○高木課長, 【平井課長】, 事務局:."""

import re
from collections.abc import Sequence

from ingest.structure.blocks import Block
from ingest.structure.line_joining import join

# 延長 and 成長 are no offices.
_OFFICE = (
    r"(?:[^\s延成身全増特助伸]?長|委員|議員|事務局|主査|主幹|主事|参事|補佐|監事|教授|アドバイザー|オブザーバー)"
    r"[A-ZＡ-Ｚ]?(?:[(（][^()（）]{1,12}[)）])?"
)
# Who has an office or a seat, after it: 市民課長（氏名）, 5番（氏名）.
_HOLDER = r"(?:[(（][^()（）]{1,16}[)）])?"
_SEAT = rf"[\d０-９]{{1,2}}番(?:議員)?{_HOLDER}"
_NAME = r"[^\s。、:：・「」()（）\[\]【】〔〕○◎●\d]"
_FORMS = (
    re.compile(
        rf"[○◎●◆](?P<name>{_SEAT}|[^\s。、]{{2,16}}(?:[長員係者君氏]|主査|主幹|主事|さん|市民)[)）]?{_HOLDER}|{_OFFICE})"
        r"[\s:：]+(?=\S)"
    ),
    # In brackets or before a colon stand other keys too; who speaks says a sentence.
    re.compile(rf"[【〔(（［\[](?P<name>{_NAME}{{0,12}}{_OFFICE})[】〕)）］\]]\s*(?=[^\s】].*。)"),
    re.compile(rf"(?P<name>{_NAME}{{0,8}}{_OFFICE})(?:\s*[:：]\s*|\s+)(?=\S.*。)"),
)
_ANSWERER = re.compile(rf"{_NAME}{{0,12}}{_OFFICE}")
_MEMBER = re.compile(rf"{_SEAT}$|(?:委員|議員|[市町村区都道府県]民|会員)[A-ZＡ-Ｚ]?$")
_ASIDE = re.compile(r"[(（][^()（）]*[)）]$")


def speech(text: str) -> re.Match[str] | None:
    """Return the match of what names the speaker before a speech, the group `name` without its marks, or None."""
    return next((match for form in _FORMS if (match := form.match(text))), None)


def is_member(name: str) -> bool:
    """Whether a speaker is a member of the body that meets, or of the public: 望月委員, 5番（氏名）."""
    return bool(_MEMBER.search(name))


def is_question_section(path: Sequence[str]) -> bool:
    """Whether a section of minutes is, by its headings, what a member asks, and not what an office answers below it."""
    return any(map(is_member, path)) and (is_member(path[-1]) or not _ANSWERER.fullmatch(path[-1]))


def continues_speech(last: Block, text: str) -> bool:
    """Whether a line of text goes on with the speech above it; (異議なし) is no part of it."""
    return (
        last.kind in {"text", "lead"} and bool(speech(last.text)) and not speech(text) and not is_bracketed_remark(text)
    )


def is_bracketed_remark(text: str) -> bool:
    """Whether a line is in brackets, as what happens between speeches: (異議なし), (賛成8名、反対1名)."""
    return bool(_ASIDE.match(text))


def append_to_speech(last: Block, line: Block) -> Block:
    """Return the speech `last` with a further line of it: all that one says is one paragraph."""
    return Block(last.kind, join(last.text, line.text), (*last.lines, *line.lines), last.page, last.style)
