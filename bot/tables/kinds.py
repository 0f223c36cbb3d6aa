"""Whether names, headings and introductions are of the kind of things that a question asks for."""

import re

from bot.tables.terms import index_terms
from ingest.chunking.table import Table
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number

# The share of the labels of a list, or of its parts, that are of the kind if the list is one of the kind.
MIN_KIND_SHARE = 0.6
_NOUN = r"(?P<kind>[^\s、。:はがをにで]{1,20})"
# What an introduction lists: 公園は次のとおり, 次の3つの公園, 公園は、.
_INTRODUCTIONS = (
    re.compile(rf"{_NOUN}(?:は|が|を|について)、?(?:次|以下|下記|つぎ|下の表|表)"),
    re.compile(rf"(?:次|以下|下記)の\s?(?:\d+[^\s\d、。]{{0,3}}?の?)?{_NOUN}(?=が|を|は|です|で|から|に|$)"),
    re.compile(rf"{_NOUN}(?:は|とは|には)?[、:]?$"),
)
# What follows the kind in a heading: 公園一覧, 公園のご案内 (市内).
_HEADING_END = re.compile(
    r"(?:の?(?:ご?案内|お知らせ|数|一覧表?|名簿|リスト|紹介|場所|所在地|状況|概要|構成|内訳)|について|など|等|名)?"
    r"\s?(?:\([^()]*\))?\s*$"
)
_BRACKETS_AT_END = re.compile(r"\([^()]*\)\s*$")


def is_of_kind(kind: str, name: str) -> bool:
    """Whether a name is one of the kind, or the kind itself: 青空公園, 公園."""
    return _BRACKETS_AT_END.sub("", nfkc(name)).strip().endswith(kind)


def mentions_kind(kind: str, text: str) -> bool:
    """Whether a text has the name of the kind, or all words of it."""
    text = nfkc(text)
    kind_terms = index_terms(kind)
    return kind in text or (bool(kind_terms) and kind_terms <= index_terms(text))


def introduces_kind(kind: str, table: Table) -> bool:
    """Whether the introduction of a list, or without one a heading above it, is about the kind: 公園一覧."""
    lead = nfkc(table.lead)
    introduced = [match["kind"] for pattern in _INTRODUCTIONS for match in pattern.finditer(lead)]
    headings = [_HEADING_END.sub("", strip_heading_number(nfkc(heading))) for heading in table.path]
    return any(is_of_kind(kind, name) for name in introduced or headings)
