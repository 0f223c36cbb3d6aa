"""Whether what stands in a row of a table is told of that row."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.check.given import Given, without_documents
from bot.check.grounds import Grounds, grounds
from bot.check.names import bodies, squash
from bot.check.pieces import subject_words
from bot.check.statements import Statement
from ingest.documents import Passage
from ingest.normalise import nfkc

_FEWEST_OF_ROW = 2
_SHORTEST_VALUE = 3
_BRACKETS = re.compile(r"\([^()]*\)|※\d*")
_FIGURE = re.compile(r"\d")


def other_row(statement: Statement, sources: Sequence[Grounds], given: Given) -> Iterator[str]:
    """Yield the offices that stand in a row which tells nothing of what they are told of, where another row does."""
    if not sources or not all(source.columns for source in sources):
        return
    text = without_documents(statement.text, given.documents)
    titles = given.titles
    rows = [grounds(passage, titles.get(passage.doc_id, "")) for passage in given.passages if passage.cells]
    own = [piece for source in sources for piece in source.pieces]
    others = [piece for row in rows if row not in sources for piece in row.pieces]
    for body in bodies(text):
        subject = subject_words(text.replace(body, "")) - subject_words(body)
        rivals = [piece for piece in others if len(subject & piece.own) >= _FEWEST_OF_ROW]
        if rivals and not any(subject & piece.own for piece in own):
            yield f"「{body}」は出典では別の行の事柄です"


def unnamed_row(statement: Statement, sources: Sequence[Grounds], given: Given) -> Iterator[str]:
    """Yield the words of a cell of a cited row that the statement does not name, where it names another."""
    text, titles = squash(statement.text), given.titles
    cited = [p for p in given.passages if p.cells and grounds(p, titles.get(p.doc_id, "")) in sources]
    named = [p for p in cited if _name_of(p) and _name_of(p) in text]
    if not named or len(named) == len(cited):
        return
    told = [squash(nfkc(p.text)) for p in named]
    apart = [nfkc(cell.value) for p in cited if p not in named for cell in p.cells[1:]]
    prose = [source.squashed for source in sources if not _is_row(source, cited, titles)]
    for value in map(squash, apart):
        if len(value) < _SHORTEST_VALUE or _FIGURE.search(value) or value not in text:
            continue
        if not any(value in other for other in (*told, *prose)):
            yield f"「{value}」は出典では別の行の事柄です"


def _is_row(source: Grounds, cited: Sequence[Passage], titles: Mapping[str, str]) -> bool:
    return any(grounds(p, titles.get(p.doc_id, "")) == source for p in cited)


def _name_of(row: Passage) -> str:
    """Return what its first cell calls the row, without marks of notes and what brackets add."""
    return squash(_BRACKETS.sub("", nfkc(row.cells[0].value)))
