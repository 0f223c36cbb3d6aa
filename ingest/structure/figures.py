"""What was read from pictures on pages of text: labels of a chart, steps of a diagram, fields of a form.

They stand where they were drawn and lead nothing: none heads what stands beside or below the picture.
"""

from collections.abc import Sequence

from ingest.documents import Line
from ingest.readers.unread import is_unread
from ingest.structure.aligned import tabbed
from ingest.structure.blocks import Block
from ingest.structure.marks import block
from ingest.structure.tables import read_table


def figure_lines(lines: Sequence[Line]) -> frozenset[int]:
    """Return the numbers of the lines that were read from pictures on pages which have text of their own."""
    written = {
        line.page for line in lines if line.confidence is None and line.text.strip() and not is_unread(line.text)
    }
    return frozenset(line.number for line in lines if line.confidence is not None and line.page in written)


def figure_of(group: Sequence[Line]) -> list[Block]:
    """Return the blocks of a paragraph in a picture: a table, or its lines."""
    return read_table(tabbed(group)) or [block("figure", line) for line in group]
