"""Whether what stands in a row of a table is told of that row."""

from collections.abc import Iterator, Sequence

from bot.check.given import Given, without_documents
from bot.check.grounds import Grounds, grounds
from bot.check.names import bodies
from bot.check.pieces import subject_words
from bot.check.statements import Statement

_FEWEST_OF_ROW = 2


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
