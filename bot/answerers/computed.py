"""What is asked of a table's rows, computed from them: cells, sums, differences, the greatest, what met its target."""

from bot.answer import Status
from bot.tables import Tables, compute
from bot.turn import Draft, Turn


class Computed:
    """Answers from the tables of the best passages; safe to share between threads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def __call__(self, turn: Turn) -> Draft | None:
        """Return what the rows yield; None where nothing is asked of rows, or they do not surely tell."""
        if turn.query is None or turn.reading is None:
            return None
        found = compute(turn.query, [read.hit for read in turn.reading.passages], self._tables.of)
        if found is None:
            return None
        return Draft(found.text, found.sources, Status.ANSWERED, found.sources[0].passage.section, blocks=found.blocks)
