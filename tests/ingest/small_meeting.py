"""Minutes of an invented town, read from their lines."""

from ingest.blocks import find_blocks
from ingest.blocks.speeches import with_speeches
from ingest.documents import Line, Passage
from ingest.passages import split

TITLE = "第1回 潮待町まちづくり協議会 会議録"


def passages_of(text: str, doc_id: str = "kaigi", title: str = TITLE) -> tuple[Passage, ...]:
    """Return the passages of minutes."""
    lines = [Line(n, line) for n, line in enumerate(text.strip("\n").split("\n"), 1)]
    return split(doc_id, title, with_speeches(find_blocks(lines)))[0]


def speeches_of(text: str) -> list[tuple[str, str, str]]:
    """Return speaker, kind and words of each speech in minutes."""
    spoken = ((speech, passage) for passage in passages_of(text) for speech in passage.speeches)
    return [(one.person.display, one.kind, passage.text[one.start : one.end].strip()) for one, passage in spoken]
