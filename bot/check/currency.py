"""Whether what a replaced document says is told as if it still held."""

import re
from collections.abc import Iterator, Sequence

from bot.check.claims import figures
from bot.check.given import Given, named_documents
from bot.check.grounds import Grounds, grounds
from bot.check.pieces import Piece, subject_words
from bot.check.statements import Statement
from ingest.normalise import dates

_NOW = re.compile(
    # 4月1日現在 says when a figure was counted.
    r"(?:(?:(?<![日月年度末])現在|現行|今|いま)の?|最新の|新しい)[^、。()]{0,8}?(?:プラン|計画|戦略|指針|方針|理念|体制|期間|目標)"
)
# 現在、10点まで借りられます — not 2020年3月末現在の.
_AT_PRESENT = re.compile(
    r"(?<![日月末年度])(?:現在|いま|今|現時点)(?:は|の|では|も)?(?:、|(?=[^ぁ-ん、。]))|は(?:現在|いま|今)、"
)
_THEN = re.compile(
    r"以前|前の|前回|旧|当時|かつて|これまで|従来|過去|ていた|ていまし|でし(?:た|て)|した|とされた|だった"
)


def outdated(statement: Statement, sources: Sequence[Grounds], given: Given) -> Iterator[str]:
    """Yield a reason where a replaced document is called the present one, or answers where its successor speaks too.

    A statement that names its document, or says that it was so once, tells no reader that it still holds.
    """
    old = [source for source in sources if given.superseded(source.doc_id)]
    if not old or len(old) < len(sources):
        return
    text = statement.text
    if _NOW.search(text):
        yield f"「{text}」は引き継がれた以前の文書の内容です"
        return
    cited = {source.doc_id for source in old}
    named = {doc_id for _, doc_id in named_documents(text, given.documents)}
    if cited & (named | given.meant) or _THEN.search(text):
        return
    if _AT_PRESENT.search(text):
        yield f"「{text}」は引き継がれた以前の文書の内容です"
        return
    current = [
        piece
        for passage in given.passages
        if not given.superseded(passage.doc_id)
        for piece in grounds(passage, given.titles.get(passage.doc_id, "")).pieces
    ]
    if any(_speaks_too(piece, text) for piece in current):
        yield f"「{text}」は以前の文書の内容で、いまの文書にも記載があります"


def _speaks_too(piece: Piece, text: str) -> bool:
    """Whether the piece has a claim of the same kind on all that the statement is about."""
    units = {figure.unit for figure in figures(text)}
    grains = {mention.granularity for mention in dates(text)}
    alike = any(f.unit in units for f in piece.figures) or any(d.granularity in grains for d in piece.dates)
    subject = subject_words(text)
    return alike and subject <= piece.about
