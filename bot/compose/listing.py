"""Lists as answers: every member, and only the members."""

import re

from bot.compose.sentence import is_sentence
from bot.compose.statement import Statement, closed, each_marked
from bot.find.evidence import Evidence, title_of
from bot.turn import Source

_MARK = re.compile(r"^[○◎●■□◆◇▼▶]\s*")
_LONGEST_SUBJECT = 30


def say_list(evidence: Evidence) -> Statement:
    """Return a lead sentence and the members."""
    source = Source(evidence.passage, evidence.text)
    lead = _MARK.sub("", evidence.lead).strip()
    title = title_of(evidence.passage.section)
    count = f"次の{counted(len(evidence.items))}"
    if lead.endswith("。"):
        return Statement(each_marked(lead), (source,), evidence.items)
    if lead and is_sentence(lead):
        return Statement(closed(f"「{lead}」として、{count}が挙げられています"), (source,), evidence.items)
    subject = lead if lead and len(lead) <= _LONGEST_SUBJECT else title
    return Statement(f"「{subject}」には{count}が挙げられています。", (source,), evidence.items)


def counted(number: int) -> str:
    """Return how many things are said to follow: 3つ, 12項目."""
    return f"{number}つ" if number < 10 else f"{number}項目"  # noqa: PLR2004 -- つ counts to nine
