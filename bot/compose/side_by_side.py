"""Two things side by side: what two documents say, what two members of a series are about."""

from collections.abc import Sequence
from dataclasses import replace

from bot.compose.corpus import Corpus
from bot.compose.detail import say_row
from bot.compose.listing import say_list
from bot.compose.row import read_row
from bot.compose.sentence import say
from bot.compose.statement import Statement, assemble
from bot.find.evidence import title_of
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft

# Coverage that each document's best piece must reach, or the two do not speak of the same thing.
_SPEAKS_OF_IT = 0.4


def documents_side_by_side(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Set what two documents say of the same thing side by side, the older one first."""
    wanted = sought.scope.compared
    if not wanted or not sought.asked.compares:
        return None
    best: dict[str, Weighed] = {}
    for weighed in fitting:
        if weighed.evidence.passage.doc_id in wanted:
            best.setdefault(weighed.evidence.passage.doc_id, weighed)
    if len(best) < len(wanted) or min(w.coverage for w in best.values()) < _SPEAKS_OF_IT:
        return None
    ordered = sorted(best.values(), key=lambda w: corpus.document(w.evidence.passage).published)
    statements = [_headed(f"【{corpus.document(w.evidence.passage).title}】", _say(w, sought)) for w in ordered]
    return assemble(statements, topic=title_of(ordered[-1].evidence.passage.section))


def members_side_by_side(sought: Sought, fitting: Sequence[Weighed], _: Corpus) -> Draft | None:
    """Set the members of a series that the question names (視点1と視点2) side by side."""
    if not sought.asked.compares or len(sought.numbered) < 2:  # noqa: PLR2004 -- two make a comparison
        return None
    found = [_about(name, fitting) for name in sought.numbered]
    pieces = [weighed for weighed in found if weighed is not None]
    if len(pieces) < len(found):
        return None
    statements = [_under_heading(w, sought) for w in pieces]
    return assemble(statements, topic=title_of(pieces[0].evidence.passage.section))


def _about(name: str, fitting: Sequence[Weighed]) -> Weighed | None:
    """Return the best piece about a member, a list before a sentence."""
    about = [w for w in fitting if name in w.evidence.own | w.evidence.near]
    return next(iter(sorted(about, key=lambda w: w.evidence.kind != "list")), None)


def _under_heading(weighed: Weighed, sought: Sought) -> Statement:
    statement, heading = _say(weighed, sought), weighed.evidence.passage.section
    return statement if heading in statement.text else _headed(f"{heading}: ", statement)


def _headed(head: str, statement: Statement) -> Statement:
    return replace(statement, text=head + statement.text)


def _say(weighed: Weighed, sought: Sought) -> Statement:
    evidence = weighed.evidence
    if evidence.kind == "row":
        return say_row(read_row(evidence.passage), sought)[0]
    return say_list(evidence) if evidence.kind == "list" else say(evidence)
