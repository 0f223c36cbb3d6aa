"""Recognises the speaker before a speech in a line of minutes, and members by their names: ○高木課長, 事務局:."""

import re
from collections.abc import Sequence

# 延長 and 成長 are not offices.
_OFFICE = (
    r"(?:\S?(?<![延成身全増特助伸])長|委員|議員|事務局|主査|主幹|主事|参事|補佐|監事|教授|アドバイザー|オブザーバー)"
    r"[A-ZＡ-Ｚ]?(?:[(（][^()（）]{1,12}[)）])?"
)
# The name in brackets after an office or seat: 市民課長（氏名）, 5番（氏名）.
_HOLDER = r"(?:[(（][^()（）]{1,16}[)）])?"
_SEAT = rf"[\d０-９]{{1,2}}番(?:議員)?{_HOLDER}"
_NAME_CHARACTER = r"[^\s。、:：・「」()（）\[\]【】〔〕○◎●\d]"
_MARKED_NAME = rf"[^\s。、]{{2,16}}(?:[長員係者君氏]|主査|主幹|主事|さん|市民)[)）]?{_HOLDER}"
_SPEAKERS = (
    re.compile(rf"[○◎●◆](?P<name>{_SEAT}|{_MARKED_NAME}|{_OFFICE})[\s:：]+(?=\S)"),
    # Other keys are in brackets or before a colon, too; a speaker is followed by a sentence.
    re.compile(rf"[【〔(（［\[](?P<name>{_NAME_CHARACTER}{{0,12}}{_OFFICE})[】〕)）］\]]\s*(?=[^\s】].*。)"),
    re.compile(rf"(?P<name>{_NAME_CHARACTER}{{0,8}}{_OFFICE})(?:\s*[:：]\s*|\s+)(?=\S.*。)"),
)
_OFFICER = re.compile(rf"{_NAME_CHARACTER}{{0,12}}{_OFFICE}")
_MEMBER = re.compile(rf"{_SEAT}$|(?:委員|議員|[市町村区都道府県]民|会員)[A-ZＡ-Ｚ]?$")
_BRACKETED = re.compile(r"[(（][^()（）]*[)）]$")


def match_speaker(text: str) -> re.Match[str] | None:
    """Return the match of the speaker before a speech, with the group `name`, or None."""
    return next((match for pattern in _SPEAKERS if (match := pattern.match(text))), None)


def is_member_name(name: str) -> bool:
    """Whether a speaker is a member of the body or of the public: 望月委員, 5番（氏名）."""
    return bool(_MEMBER.search(name))


def is_question_section(path: Sequence[str]) -> bool:
    """Whether the headings of a section of minutes are those of a member's question, not of the reply below it."""
    return any(map(is_member_name, path)) and (is_member_name(path[-1]) or not _OFFICER.fullmatch(path[-1]))


def is_bracketed_remark(text: str) -> bool:
    """Whether a line is a remark in brackets between speeches: (異議なし), (賛成8名、反対1名)."""
    return bool(_BRACKETED.match(text))
