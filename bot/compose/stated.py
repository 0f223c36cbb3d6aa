"""What a plan states of itself under headings of its own: why it was made, what it is, its period, its idea."""

import re
from collections.abc import Iterator

from bot.compose.corpus import Corpus
from bot.find.evidence import Evidence, title_of
from bot.find.of_dates import spans
from bot.find.pieces import pieces
from ingest.documents import Document
from ingest.normalise import nfkc

PERIOD, IDEA = "期間", "理念"
_MARK = re.compile(r"^[○◎●■□◆◇▼]\s*")
_REMARK = re.compile(r"\([^()]*\)$")
_FIGURE = re.compile(r"\d")
_PURPOSE = re.compile(r"趣旨|背景|経緯|目的|策定にあた|はじめに")
_POSITION = re.compile(r"位置[づ付]け|性格|根拠")
# How a plan says what it is, and why it is made: 本計画は…の計画です, …ため、…を策定します.
_IS = re.compile(
    r"(?:計画|プラン|ビジョン|指針|戦略|構想|もの)(?:です|である|とします|とする|として(?:位置\S{1,8}|策定\S{1,4}))。?$"
    r"|に位置\S{1,9}。?$|に当た(?:る|ります)。?$"
)
_IS_MADE = re.compile(
    r"(?:策定|作成|(?:取り|とり)まとめ|作り?|定め)(?:し?ます|し?ました|する|る|し?た|する?もの(?:です|である))。?$"
)
_OWN = re.compile(r"本(?:計画|プラン|ビジョン|戦略|構想)|この(?:計画|プラン|ビジョン|戦略|構想)|新たな|新しい|ため")


def stated(heading: str, document: Document, corpus: Corpus) -> Evidence | None:
    """Return the first sentence or item under a heading that ends in `heading`; a period has figures."""
    return next((piece for piece in _told(document, corpus) if _states(heading, piece)), None)


def period_of(document: Document, corpus: Corpus) -> Evidence | None:
    """Return the piece of the document that tells its period: a span of time that ends when it does."""
    if document.period is None:
        return None
    end = document.period.end
    ending = (p for p in _told(document, corpus) if p.kind != "row" and any(s.last == end for s in spans(p.normal)))
    return next(ending, None)


def purpose_of(document: Document, corpus: Corpus) -> tuple[Evidence, ...]:
    """Return the sentence that tells why the plan was made, and the one that tells what it is; either may be absent."""
    said = [piece for piece in _told(document, corpus) if piece.kind == "sentence"]
    names = [nfkc(name) for name in (document.title, *document.aliases)]
    own = [p for p in said if _OWN.search(p.normal) or any(name in p.normal for name in names)]
    why = _first(own, _PURPOSE, _IS_MADE) or _first(own, _PURPOSE, _IS)
    what = _first(own, _POSITION, _IS)
    return tuple(dict.fromkeys(piece for piece in (why, what) if piece))


def _first(said: list[Evidence], heading: re.Pattern[str], form: re.Pattern[str]) -> Evidence | None:
    return next((p for p in said if heading.search(" ".join(p.passage.path[-2:])) and form.search(p.normal)), None)


def _told(document: Document, corpus: Corpus) -> Iterator[Evidence]:
    return (piece for passage in corpus.passages_of(document.id) for piece in pieces(passage))


def _states(heading: str, piece: Evidence) -> bool:
    """Whether the piece stands under a heading, or a line of its own, that ends in what is stated."""
    heads = (title_of(piece.passage.section), _MARK.sub("", piece.lead).strip())
    fits = piece.kind in {"sentence", "item"} and (heading != PERIOD or bool(_FIGURE.search(piece.normal)))
    return fits and any(_REMARK.sub("", nfkc(head)).endswith(heading) for head in heads)
