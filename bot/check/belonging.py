"""Whether a figure, a date or a quoted name is told of what it belongs to: of its own row, time and plan.

That a passage holds a figure is not enough: a table holds those of other rows, a plan those of its forerunner. A claim
is misplaced when a piece that does not state it, but another of its kind, speaks of all that the claim's own piece
shares with the statement, and of more of it.
"""

import re
from collections.abc import Iterator, Sequence

from bot.check.arithmetic import sums, without_repeated
from bot.check.claims import figures
from bot.check.contrast import contrary
from bot.check.given import Given, named_documents, without_documents
from bot.check.grounds import Grounds, grounds
from bot.check.names import squash
from bot.check.pieces import Piece
from bot.check.statements import Statement
from bot.check.told import Claim, Match, claims_of

# Less than this share of a claim's subject in the piece that states it, and the piece speaks of something else. The
# right replies of eval/verification hold at least half of it (eval/LOG.md, 2026-11-20).
_SHARED_SUBJECT = 0.34
_FEWEST_WORDS = 3
# Where a quoted stretch may begin and end; the share of the statement that it must be.
_SEAM = re.compile(r"[、,「」。]")
_MOST = 0.5
_OTHER_CALENDAR = re.compile(
    r"\((?:明治|大正|昭和|平成|令和|\d{4})[^()]{0,8}年度?\)|=(?:明治|大正|昭和|平成|令和|\d{4})[^()]{0,5}年度?(?=\))"
)


def misplaced(statement: Statement, sources: Sequence[Grounds], given: Given) -> Iterator[str]:
    """Yield the claims that the sources make of something else."""
    titles = given.titles
    offered = [grounds(p, titles.get(p.doc_id, "")) for p in given.passages]
    others = [(source, piece) for source in (*sources, *offered) for piece in source.pieces]
    text = without_repeated(without_documents(statement.text, given.documents))
    found = figures(statement.text)
    # What a sum shows stands where its operands do; a list's lead counts its items.
    free = {statement.text[one.result.start : one.end] for one in sums(statement.text, found) if one.right}
    free |= {statement.text[f.start : f.end] for f in found if statement.items and f.value == statement.items}
    for claim in claims_of(text):
        if claim.written in free or claim.is_rate:
            continue
        stating = [(source, piece) for source in sources for piece in source.pieces if claim.states(piece)]
        if not stating:
            continue
        if not any(_of_named(claim, statement.text, source, piece, given) for source, piece in stating):
            yield f"「{claim.written}」は出典では別の計画の値です"
            continue
        if all(contrary(claim.clause, piece.text) for _, piece in stating):
            yield f"「{claim.written}」は出典では別の場合の値です"
        if _as_printed(claim, text, sources):
            continue
        rivals = [
            claim.match(piece)
            for source, piece in others
            if claim.rivals(piece)
            and not claim.states(piece)
            and _of_named(claim, statement.text, source, piece, given)
        ]
        own = [claim.match(piece) for _, piece in stating]
        if all(any(_beats(rival, match) for rival in rivals) for match in own):
            yield f"「{claim.written}」は出典では別の事柄の値です"
        elif len(claim.subject) >= _FEWEST_WORDS and all(
            claim.shared(piece) < _SHARED_SUBJECT * len(claim.subject) for _, piece in stating
        ):
            yield f"「{claim.written}」は出典では別の事柄について書かれています"


def _as_printed(claim: Claim, text: str, sources: Sequence[Grounds]) -> bool:
    """Whether most of the statement stands in a source letter for letter, with the claim: it is told of its own."""
    cuts = [0, *(match.end() for match in _SEAM.finditer(text)), len(text)]
    end = claim.start + len(claim.written)
    cut = [text[a:b] for a in cuts for b in cuts if a <= claim.start and end <= b]
    stretches = [_plain(stretch).strip("、,「」。").removesuffix("です") for stretch in cut]
    long = [stretch for stretch in stretches if len(stretch) >= _MOST * len(_plain(text))]
    return any(stretch in _plain(source.text) for source in sources for stretch in long)


def _plain(text: str) -> str:
    """Return `text` squashed, and without the other calendar behind a date, which answers add."""
    return _OTHER_CALENDAR.sub("", squash(text))


def _beats(rival: Match, match: Match) -> bool:
    return rival.all > match.all or (rival.all == match.all and rival.own > match.own)


def _of_named(claim: Claim, text: str, source: Grounds, piece: Piece, given: Given) -> bool:
    """Whether the piece speaks of the document that the statement names last before the claim, or of none other."""
    named = [doc_id for at, doc_id in named_documents(text, given.documents) if at < claim.start]
    if not named:
        return True
    spoken_of = {doc_id for _, doc_id in named_documents(piece.text, given.documents)} or {source.doc_id}
    return named[-1] in spoken_of
