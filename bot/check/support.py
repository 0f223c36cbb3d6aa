"""Whether the passages that a statement cites say what it says. Each check yields what is wrong, in Japanese."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from bot.check.amounts import unstated_figures, wrong_sums
from bot.check.belonging import misplaced
from bot.check.claims import days_without_year, figures
from bot.check.contrast import other_of_few
from bot.check.course import wrong_course
from bot.check.currency import outdated
from bot.check.existence import denied_existence
from bot.check.flags import wrong_flag
from bot.check.given import Given, named_documents, without_names
from bot.check.grounds import Grounds
from bot.check.members import foreign_members
from bot.check.names import addresses, bodies, names, squash, without_reference
from bot.check.outcome import wrong_outcome
from bot.check.permitted import wrongly_permitted
from bot.check.polarity import reversed_sense
from bot.check.portion import part_as_whole, whole_as_part
from bot.check.roster import wrong_holder
from bot.check.rows import other_row, unnamed_row
from bot.check.statements import Statement
from bot.check.times import unstated_dates, unstated_days, unstated_spans
from bot.check.who import misattributed
from bot.check.wording import foreign_wording
from ingest.normalise import dates
from ingest.tokenise import words

# 2か所目, 3回目; 1つ目 runs through the answer's own list.
_ORDINAL = re.compile(r"\d+(?:[かカヶ]所|回|台|年|人|件|期|校|園|館)目(?![標的])")


def unsupported(statement: Statement, sources: Sequence[Grounds], given: Given) -> Iterator[str]:
    """Yield a reason for each claim of `statement` that none of `sources` supports."""
    checks = (
        wrong_sums,
        unstated_dates,
        unstated_days,
        unstated_spans,
        foreign_wording,
        foreign_members,
        wrong_outcome,
        reversed_sense,
    )
    of_what = (
        misattributed,
        wrong_holder,
        wrong_course,
        whole_as_part,
        part_as_whole,
        denied_existence,
        other_of_few,
        wrongly_permitted,
        wrong_flag,
    )
    if not any(source.pieces for source in sources):
        yield f"「{statement.text}」の出典には、根拠にできる文がありません"
    named = _without_cited_names(statement, sources, given)
    yield from chain.from_iterable(check(named, sources) for check in (unstated_figures, _names))
    yield from chain.from_iterable(check(statement, sources) for check in (*checks, *of_what))
    yield from chain.from_iterable(
        check(statement, sources, given) for check in (misplaced, other_row, unnamed_row, outdated)
    )


def _without_cited_names(statement: Statement, sources: Sequence[Grounds], given: Given) -> Statement:
    """Return the statement with blanks for the names of the documents it cites: 第2次計画 is called so by its alias."""
    cited = {source.doc_id for source in sources}
    told_of = {doc_id for _, doc_id in named_documents(statement.text, given.documents)}
    documents = tuple(document for document in given.documents if document.id in cited & told_of)
    return replace(statement, text=without_names(statement.text, documents))


def states_fact(statement: Statement) -> bool:
    """Whether it holds a figure, a date, a span of time or a name: what needs a source."""
    counted = [f for f in figures(statement.text) if f.value != statement.items]
    return bool(counted or dates(statement.text) or days_without_year(statement.text) or names(statement.text))


def _names(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    text = statement.text
    for name in dict.fromkeys([*names(text), *addresses(text)]):
        if not _is_unit(name, text) and not any(squash(name) in source.squashed for source in sources):
            yield f"「{name}」は出典にありません"
    for ordinal in _ORDINAL.findall(text):
        if not any(squash(ordinal) in source.squashed for source in sources):
            yield f"「{ordinal}」は出典にありません"
    for body in () if statement.listed else bodies(text):
        if not any(_says_body(source, body) for source in sources):
            yield f"「{body}」は出典にありません"


def _is_unit(name: str, text: str) -> bool:
    """Whether it stands in `text` only as part of a figure: the km of 1.8km."""
    return all(
        any(figure.start <= match.start() and match.end() <= figure.end for figure in figures(text))
        for match in re.finditer(re.escape(name), text)
    )


def _says_body(source: Grounds, body: str) -> bool:
    """Whether the source names it, or all of its words together in one piece (市の都市政策局 of 金沢市都市政策局)."""
    if any(squash(name) in source.squashed for name in (body, without_reference(body))):
        return True
    said = set(words(body))
    return not body.endswith("長") and any(said <= piece.about for piece in source.pieces)
