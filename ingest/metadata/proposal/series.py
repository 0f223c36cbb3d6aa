"""Finds predecessors, amended documents and duplicate files among the documents of a folder."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.documents import Document
from ingest.japanese import dates
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.japanese.notation import ERA, KANJI_DIGITS, KANJI_ONE_TO_TEN
from ingest.metadata.amending_titles import find_titled, group_by_title, read_amending_title
from ingest.metadata.proposal.file_evidence import ProposedValue

_NUMERAL_VALUES = {c: n for n, c in enumerate(KANJI_DIGITS + "十")}
_EDITION = re.compile(
    rf"第\s?(?P<counted>\d+|[{KANJI_ONE_TO_TEN}])\s?[期次版](?:改定|改訂)?"
    r"|(?:ver\.?|version)\s?(?P<version>\d+(?:\.\d+)?)|(?<![\d.])(?P<point>\d\.\d)(?![\d.])",
    re.IGNORECASE,
)
_REVISED = re.compile(r"[(\[【]?(?:一部)?(?:改定|改訂|見直し|更新)版?[)\]】]?$|^(?:新|改定|改訂|次期)")
# Years, brackets and marks, which do not distinguish series.
_IGNORED = re.compile(rf"[()\[\]【】「」『』・~\-\s]|年度?版?|{ERA}|案$|概要版$")


@dataclass(frozen=True, slots=True)
class FolderDocument:
    """A document of the folder; `start` is the first day of its period, else its publication date, else ""."""

    id: str
    title: str
    kind: str
    start: str
    digest: str
    issuer: str = ""


def same_files(members: Sequence[FolderDocument]) -> dict[str, str]:
    """Return the id of the first identical file for each duplicate."""
    first: dict[str, str] = {}
    return {m.id: first[m.digest] for m in members if first.setdefault(m.digest, m.id) != m.id}


def predecessors(members: Sequence[FolderDocument]) -> Mapping[str, ProposedValue]:
    """Return the previous edition of each document in the same series, as a list of one id.

    It is certain only if the titles have edition numbers; yearly plans are ordered by their first days.
    """
    copies = same_files(members)
    by_series: defaultdict[str, list[FolderDocument]] = defaultdict(list)
    for member in members:
        if member.id not in copies:
            by_series[_series(member.title)].append(member)
    previous = {}
    for series in by_series.values():
        ranked = sorted(series, key=lambda m: (_edition(m.title), m.start))
        for older, newer in pairwise(ranked):
            is_numbered = _edition(older.title) < _edition(newer.title)
            is_later = bool(older.start and newer.start and older.start < newer.start)
            if is_numbered or (is_later and newer.kind == "plan"):
                reason = "題名の版から" if is_numbered else "同じ題名で、期間か公表した日が後なので"
                sure = is_numbered and (is_later or not (older.start and newer.start))
                previous[newer.id] = ProposedValue([older.id], f"{reason}（前の版は「{older.title}」）", sure=sure)
    return previous


def amended_documents(members: Sequence[FolderDocument]) -> Mapping[str, ProposedValue]:
    """Return the document that each amending title names, as a list of one id, of the same issuer."""
    copies = same_files(members)
    documents = {
        member.id: Document(member.id, member.title, "", issuer=member.issuer)
        for member in members
        if member.id not in copies
    }
    titles = group_by_title(documents.values())
    amended = {}
    for doc_id, document in documents.items():
        amending_title = read_amending_title(document.title)
        for amended_document in find_titled(amending_title.title, document, titles) if amending_title else ():
            amended[doc_id] = ProposedValue([amended_document.id], f"題名の「{amended_document.title}」から", sure=True)
    return amended


def _series(title: str) -> str:
    text = nfkc(title)
    for day in reversed(dates(text)):
        text = text[: day.start] + text[day.end :]
    text = _REVISED.sub("", _EDITION.sub("", text).strip())
    return comparison_key(_IGNORED.sub("", text))


def _edition(title: str) -> tuple[float, bool]:
    text = nfkc(title)
    match = _EDITION.search(text)
    number = next(filter(None, match.groups()), "1") if match else "1"
    return float(_NUMERAL_VALUES.get(number, 0) or number), bool(_REVISED.search(text))
