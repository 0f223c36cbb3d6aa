"""What a plan stands on, as it lists it itself: basic aims, policies, pillars, fields; else its chapters."""

import re
from collections.abc import Iterator

from bot.compose.corpus import Corpus
from bot.compose.listing import counted, say_list
from bot.compose.statement import Statement
from bot.compose.table import say_rows
from bot.find.evidence import title_of
from bot.find.pieces import pieces
from bot.turn import Source
from ingest.documents import Document, Passage
from ingest.normalise import nfkc

_PILLAR = re.compile(
    r"(?:基本|重点)(?:目標|方針|施策|方向|戦略|プロジェクト|取組|取り組み)|(?:の|つの|本)柱|柱$|施策(?:の|)体系|方向性$|(?:^|の)視点$|取組方針"
)
_PILLAR_AS_HEAD = re.compile(
    r"^(?:基本目標|基本方針|重点(?:施策|方針)?|柱|視点|分野|方針|目標)\s?[\d一二三四五六七八九]"
)
_CHAPTER = re.compile(r"^(?:第[\d一二三四五六七八九十]+[章編部]|\d+[.\s])")
# More are no pillars.
_MOST = 12


def pillars_of(document: Document, corpus: Corpus) -> Statement | None:
    """Return the list of what the document stands on, with each member's source; None where it lists no such thing."""
    passages = corpus.passages_of(document.id)
    return next((said for way in (_listed, _headed) for said in way(passages, corpus)), None)


def chapters_of(document: Document, corpus: Corpus) -> Statement | None:
    """Return the document's chapters, or what else stands right below its title; None where nothing does."""
    firsts: dict[str, Passage] = {}
    for passage in corpus.passages_of(document.id):
        for heading in passage.path[:2]:
            if _CHAPTER.match(nfkc(heading)):
                firsts.setdefault(heading, passage)
                break
    return _members(f"「{document.title}」", firsts, "で構成されています") if len(firsts) > 1 else None


def _listed(passages: list[Passage], corpus: Corpus) -> Iterator[Statement]:
    """Yield the lists and tables whose heading or announcement says that they are what the plan stands on."""
    for passage in passages:
        if passage.kind == "row":
            if _PILLAR.search(title_of(passage.section)) and _is_named(passage):
                yield say_rows(corpus.table(passage))
            continue
        for piece in pieces(passage):
            about = f"{title_of(passage.section)}\n{piece.lead}"
            of_one = _PILLAR_AS_HEAD.match(nfkc(about)) or _PILLAR_AS_HEAD.match(nfkc(piece.lead))
            if piece.kind == "list" and len(piece.items) <= _MOST and _PILLAR.search(about) and not of_one:
                yield say_list(piece)


def _is_named(row: Passage) -> bool:
    return bool(_PILLAR.search(row.cells[0].column) or _PILLAR_AS_HEAD.match(nfkc(row.cells[0].value)))


def _headed(passages: list[Passage], _: Corpus) -> Iterator[Statement]:
    """Yield the headings right below one that says so (三つの柱), and those that are numbered as pillars are."""
    below: dict[str, dict[str, Passage]] = {}
    for passage in passages:
        for over, heading in zip(passage.path, passage.path[1:], strict=False):
            if _PILLAR.search(title_of(over)) or _PILLAR_AS_HEAD.match(nfkc(heading)):
                below.setdefault(over, {}).setdefault(heading, passage)
    for over, firsts in below.items():
        if 1 < len(firsts) <= _MOST:
            yield _members(f"「{title_of(over)}」", firsts, "があります")


def _members(what: str, firsts: dict[str, Passage], verb: str) -> Statement:
    sources = tuple(Source(p, p.text.split("\n")[0]) for p in firsts.values())
    link = "は" if verb.startswith("で") else "には"
    return Statement(f"{what}{link}、次の{counted(len(firsts))}{verb}。", sources, tuple(firsts))
