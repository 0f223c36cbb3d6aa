"""What a plan's figures are set against: how they stood when it was made (計画をつくった時, 策定時, 当初の値)."""

import re

_PAPER = r"(?:計画|プラン|ビジョン|戦略|構想)"
_MADE = r"(?:策定|つく[っらる]|作[っらる]|立て|でき|出来|始ま|はじま|始め|スタート)"
_TIME = r"(?:時|とき|ころ|頃|当時|当初|前|段階|時点)"
# 計画をつくった時, 計画ができたころ, 策定前, 計画の当初.
_ASKED = re.compile(
    rf"{_PAPER}[をがの]?\s?{_MADE}[ぁ-ん]{{0,3}}の?{_TIME}|策定\S?{_TIME}|{_PAPER}の?(?:当初|最初|スタート)"
    r"|(?:スタート|開始)(?:時|地点|当初)|当初(?:の値|値|と比)|基準(?:値|年|時)|現状値"
)
_COLUMN = re.compile(r"策定|当初|基準|現状値|開始時|スタート|始期")


def is_beginning(column: str, question: str) -> bool:
    """Whether a column holds how things stood when the plan was made, and the normalised question asks for that.

    A question that says the column's own word (基準値) means no other column.
    """
    asked, head = _ASKED.search(question), _COLUMN.search(column)
    if not asked or not head:
        return False
    said = _COLUMN.search(asked[0])
    return said is None or said[0] in column or said[0] == "策定"
