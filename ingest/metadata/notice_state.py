"""What a notice says of itself as a whole: cancelled, postponed, extended or closed."""

import re
from collections.abc import Mapping

from ingest.documents import NoticeState, ParsedDocument
from ingest.japanese import nfkc

_MAX_LINE_LENGTH = 60
_LEAD_LINES = 3
# After the word: its sentence, heading or bracket ends, or says that this has been decided.
_STATED = (
    r"(?=$|[\])}」』〉】・、,!\s]|の(?:お知らせ|ご案内)|について|と(?:なり|しま|いたしま)|に(?:なり|ついて)|しま|いたしま"
    r"|を(?:決定|お知らせ)|が決)"
)
_WORDS: Mapping[NoticeState, re.Pattern[str]] = {
    "cancelled": re.compile(f"中止{_STATED}"),
    "postponed": re.compile(f"延期{_STATED}"),
    "extended": re.compile(f"(?:期間|期限|締切|募集|受付)[^、。]{{0,8}}延長{_STATED}"),
    "closed": re.compile(f"(?:受付|募集|申込み?)[をは]?(?:終了|締め切り){_STATED}"),
}
# What may happen is no state: 雨天の場合は中止します.
_CONDITION = re.compile(r"雨天|荒天|悪天候|場合|とき|恐れ|おそれ|ことがあ|可能性|決行")


def find_state(parsed: ParsedDocument) -> NoticeState:
    """Return the state that the title or the first lines of a notice say; "" for none, and for other kinds."""
    if parsed.document.kind not in {"notice", "other"} or not parsed.passages:
        return ""
    first = parsed.passages[0]
    lead = [line for line in first.text.split("\n") if line.strip()][:_LEAD_LINES] if first.kind == "text" else []
    for line in (parsed.document.title, *first.path, *lead):
        for sentence in nfkc(line).split("。"):
            if len(sentence) <= _MAX_LINE_LENGTH and not _CONDITION.search(sentence):
                for state, word in _WORDS.items():
                    if word.search(sentence):
                        return state
    return ""
