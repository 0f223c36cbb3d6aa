"""Lists as answers: every member, and only the members."""

import re
from collections.abc import Sequence

from bot.compose.sentence import is_sentence
from bot.compose.statement import Statement, closed
from bot.evidence import Evidence, title_of
from bot.turn import Source
from ingest.documents import Passage

_MARK = re.compile(r"^[○◎●■□◆◇▼▶]\s*")
_SERIES = re.compile(r"\d+|[一二三四五六七八九十](?=[章節条編部])")


def say_list(evidence: Evidence) -> Statement:
    """Return a lead sentence and the members."""
    source = Source(evidence.passage, evidence.text)
    lead = _MARK.sub("", evidence.lead).strip()
    title = title_of(evidence.passage.section)
    count = f"次の{len(evidence.items)}つ"
    if lead.endswith("。"):
        return Statement(lead, (source,), evidence.items)
    if lead and is_sentence(lead):
        return Statement(closed(f"「{lead}」として、{count}が挙げられています"), (source,), evidence.items)
    subject = lead if lead and len(lead) <= 30 else title
    return Statement(f"{subject or '該当する項目'}は{count}です。", (source,), evidence.items)


def sibling_sections(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Return the series of sections in a document (視点1, 視点2; 分野1 … 分野5), each by its first passages."""
    series: dict[tuple[str, tuple[str, ...], str], dict[str, Passage]] = {}
    for passage in passages:
        for depth, heading in enumerate(passage.path):
            pattern = _SERIES.sub("#", heading.split(" ")[0])
            if "#" in pattern and not re.match(r"^[#.]+$", pattern):
                key = (passage.doc_id, passage.path[:depth], pattern)
                series.setdefault(key, {}).setdefault(heading, passage)
    return [list(members.values()) for members in series.values() if len(members) > 1]


def say_sections(members: Sequence[Passage], depth: int) -> Statement:
    """Return the headings of a series as a list; `depth` is their place in the path."""
    headings = tuple(p.path[depth] for p in members)
    parent = title_of(members[0].path[depth - 1]) if depth else "この資料"
    sources = tuple(Source(p, p.text.split("\n")[0]) for p in members)
    return Statement(f"{parent}には次の{len(headings)}つがあります。", sources, headings)
