"""The members of a series of sections: 視点1 and 視点2, the five 分野."""

from collections.abc import Sequence

from bot.compose.corpus import Corpus
from bot.compose.listing import counted
from bot.compose.statement import Statement, assemble
from bot.find.evidence import content_terms_cached, title_of
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft, Source
from bot.understand.asked import Kind
from ingest.documents import Passage


def series(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Answer with the headings of a series where the question asks for its members rather than for one of them."""
    asked = sought.asked
    if asked.kind not in {Kind.LIST, Kind.WHAT} or sought.numbered:
        return None
    if fitting[0].evidence.kind == "list" and asked.count is None:
        return None
    for members in corpus.series:
        if members[0].doc_id in sought.scope.allowed and _is_asked(members, sought):
            return assemble([_say(members)], topic=title_of(_parent(members)))
    return None


def _depth(members: Sequence[Passage]) -> int:
    """Return the place in the paths where the members' headings stand: the first in which two of them differ."""
    first, second = members[0].path, members[1].path
    return next(i for i, heading in enumerate(first) if second[i : i + 1] != (heading,))


def _parent(members: Sequence[Passage]) -> str:
    depth = _depth(members)
    return members[0].path[depth - 1] if depth else ""


def _is_asked(members: Sequence[Passage], sought: Sought) -> bool:
    """Whether the question names the series, has no word that lies outside it, and no other number of members."""
    depth, count = _depth(members), sought.asked.count
    names = content_terms_cached(" ".join(p.path[depth].split(" ")[0] for p in members))
    about = names | content_terms_cached(" ".join(members[0].path[:depth]))
    wanted = {t.text for t in sought.terms if t.weight >= 1.0}
    return bool(names & sought.strong) and wanted <= about and count in {None, len(members)}


def _say(members: Sequence[Passage]) -> Statement:
    depth = _depth(members)
    parent = title_of(_parent(members)) or "この資料"
    sources = tuple(Source(p, p.text.split("\n")[0]) for p in members)
    return Statement(
        f"{parent}には次の{counted(len(members))}があります。", sources, tuple(p.path[depth] for p in members)
    )
