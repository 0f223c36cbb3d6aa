"""What came of a matter in a meeting: whether that is asked, whether a piece tells it, whether it is yet to come."""

import re
from collections.abc import Sequence

from bot.find.evidence import Evidence
from bot.find.sought import Sought
from bot.understand.outcome import asks_outcome
from ingest.documents import Document

_DECIDES = re.compile(
    r"了承|承認|可決|否決|採択|継続審議|結論|見送|保留|持ち帰|未定|決まっていな|引き続き|前提とし\S*ない|答申する|決定(?:し|する|事項)|差し戻"
    r"|(?:する|改める|設ける|行う|示す|進める|加える|定める)こととし|ことに(?:し|決)|ことで一致"
)
# What is decided elsewhere or later: 諮った上で正式に決定する, 次回に決める予定である.
_LATER = re.compile(r"(?:上で|うえで|のち|後に|次回)[^。]*(?:決|議決|判断)|(?:諮る|諮り|決める|決定する)(?:予定|見込)")
_ASKS_PAST = re.compile(r"(?:ました|た|だった)(?:の|ん)?(?:です|でしょう)?か[。?]?$|たの?\?$")
_NEXT_MEETING = re.compile(
    r"(?:次|つぎ|次回|今度)(?:の|は|って)?[^、。]{0,14}(?:いつ|何月|何日|どこ|何時|日程|開[かく催])"
)
_MEETING = re.compile(r"会議|協議会|審議会|委員会|部会|会合|懇談会|検討会|の会|集まり|次回")


def tells_outcome(evidence: Evidence, sought: Sought, document: Document) -> bool:
    """Whether the piece of minutes tells what came of the matter, where that is asked."""
    return document.kind == "meeting" and asks_outcome(sought.asked.text) and bool(_DECIDES.search(evidence.normal))


def tells_next_meeting(evidence: Evidence, sought: Sought, document: Document) -> bool:
    """Whether the piece of minutes tells of the next meeting, where its date or place is asked."""
    question = sought.asked.text
    if document.kind != "meeting" or not (_NEXT_MEETING.search(question) and _MEETING.search(question)):
        return False
    return evidence.text.startswith("次回") or "次回" in evidence.passage.section


def awaits(sought: Sought, found: Sequence[tuple[Evidence, float, bool]]) -> bool:
    """Whether what is asked is told to be decided later, by a piece that covers as much as any that fits.

    `found` are pieces, each with its coverage and whether it fits.
    """
    if not asks_outcome(sought.asked.text):
        return False
    later = max((share for piece, share, _ in found if is_yet_to_come(piece, sought)), default=0.0)
    return later > 0 and later >= max((share for _, share, fits in found if fits), default=0.0)


def is_yet_to_come(evidence: Evidence, sought: Sought) -> bool:
    """Whether it is asked whether something was decided, and the piece only tells that it will be."""
    question = sought.asked.text
    asked = asks_outcome(question) and _ASKS_PAST.search(question)
    return bool(asked and _LATER.search(evidence.normal))
