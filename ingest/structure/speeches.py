"""Detects speakers and their speeches in minutes: ○高木課長, 【平井課長】, 事務局:."""

import re
from collections.abc import Sequence

from ingest.structure.blocks import Block
from ingest.structure.line_joining import join

# 延長 and 成長 are not offices.
_OFFICE = (
    r"(?:[^\s延成身全増特助伸]?長|委員|議員|事務局|主査|主幹|主事|参事|補佐|監事|教授|アドバイザー|オブザーバー)"
    r"[A-ZＡ-Ｚ]?(?:[(（][^()（）]{1,12}[)）])?"
)
# An office or seat before the name: 市民課長（氏名）, 5番（氏名）.
_HOLDER = r"(?:[(（][^()（）]{1,16}[)）])?"
_SEAT = rf"[\d０-９]{{1,2}}番(?:議員)?{_HOLDER}"
_NAME = r"[^\s。、:：・「」()（）\[\]【】〔〕○◎●\d]"
_FORMS = (
    re.compile(
        rf"[○◎●◆](?P<name>{_SEAT}|[^\s。、]{{2,16}}(?:[長員係者君氏]|主査|主幹|主事|さん|市民)[)）]?{_HOLDER}|{_OFFICE})"
        r"[\s:：]+(?=\S)"
    ),
    # Other keys are in brackets or before a colon, too; a speaker is followed by a sentence.
    re.compile(rf"[【〔(（［\[](?P<name>{_NAME}{{0,12}}{_OFFICE})[】〕)）］\]]\s*(?=[^\s】].*。)"),
    re.compile(rf"(?P<name>{_NAME}{{0,8}}{_OFFICE})(?:\s*[:：]\s*|\s+)(?=\S.*。)"),
)
_ANSWERER = re.compile(rf"{_NAME}{{0,12}}{_OFFICE}")
_MEMBER = re.compile(rf"{_SEAT}$|(?:委員|議員|[市町村区都道府県]民|会員)[A-ZＡ-Ｚ]?$")
_ASIDE = re.compile(r"[(（][^()（）]*[)）]$")


def speech(text: str) -> re.Match[str] | None:
    """Return the match of the speaker before a speech, with the group `name`, or None."""
    return next((match for form in _FORMS if (match := form.match(text))), None)


def is_member(name: str) -> bool:
    """Whether a speaker is a member of the body or of the public: 望月委員, 5番（氏名）."""
    return bool(_MEMBER.search(name))


def is_question_section(path: Sequence[str]) -> bool:
    """Whether the headings of a section of minutes are those of a member's question, not of the reply below."""
    return any(map(is_member, path)) and (is_member(path[-1]) or not _ANSWERER.fullmatch(path[-1]))


def continues_speech(last: Block, text: str) -> bool:
    """Whether a line continues the speech above; (異議なし) does not."""
    return (
        last.kind in {"text", "lead"} and bool(speech(last.text)) and not speech(text) and not is_bracketed_remark(text)
    )


def is_bracketed_remark(text: str) -> bool:
    """Whether a line is a remark in brackets between speeches: (異議なし), (賛成8名、反対1名)."""
    return bool(_ASIDE.match(text))


def append_to_speech(last: Block, line: Block) -> Block:
    """Return the speech `last` with another line; a speech is one paragraph."""
    return Block(last.kind, join(last.text, line.text), (*last.lines, *line.lines), last.page, last.style)
