"""Evidence: the smallest pieces of a passage that can answer: a sentence, an item, a list with its lead, a row."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from bot.check.names import squash
from bot.find.topic import takes_up
from bot.understand.terms import content_terms
from ingest.documents import Passage
from ingest.normalise import DateMention, dates, nfkc, quantities

EvidenceKind = Literal["sentence", "item", "list", "row"]

_CONJUNCTION = "(?:なお|また|さらに|ただし|一方で?|このため|そのため)"
_HEADING = re.compile(r"^[○◎●■□◆◇▼]\s*[^\s。、:：]{2,12}$")
# The paper that an item of an agenda is about: what is said there is not of its name. (2) 第3次計画(素案)について.
_PAPER = re.compile(r"[^\s()（）「」、]*(?:計画|プラン|戦略|ビジョン|条例)(?:[(（][^()（）]*案[)）])?")
# Behind 1人: a share, no count (1人1回, 1人当たり).
_EACH = re.compile(r"\s?(?:当たり|あたり|につき|ごと|\d)")
# How a heading ends that asks or wishes for something; what stands in brackets behind it is left aside.
_ASKS = re.compile(
    r"(?:[すうのるたいん]か|[いるたな]の|たい(?:です|のですが)?|ですが|ください|下さい|教えて|ほしい|欲しい)[。．]?$|[?？]$"
)
_ASIDE = re.compile(r"[(（][^()（）]*[)）][。．]?$")
_NUMBERING = re.compile(
    r"^(?:第[\d一二三四五六七八九十]+[章節条編部]|\d[\d.．-]*[.．、]?(?=\D)|[(（]\d+[)）]|[○◎●■□◆◇▼])\s*"
)


@dataclass(frozen=True)
class Evidence:
    """A piece of `passage`: `text` is found in it letter for letter; `lead` is the line that introduces it, if any.

    A list has its members in `items`; a sentence has those before and behind it in its line in `before` and
    `following`, one of a speech in the minutes says in `speaker` who speaks, and a reply in `reply_to` what it answers.
    """

    passage: Passage
    kind: EvidenceKind
    text: str
    lead: str = ""
    items: tuple[str, ...] = ()
    following: str = ""
    reply_to: str = ""
    speaker: str = ""
    before: str = ""

    @cached_property
    def own(self) -> frozenset[str]:
        """The content words of the piece itself; a list is what its lead says, its members are only in it."""
        return content_terms_cached(self.lead if self.kind == "list" and self.lead else self.text)

    @cached_property
    def near(self) -> frozenset[str]:
        """The content words of what introduces it: lead, question answered, two innermost headings (産業 「…」)."""
        headings = " ".join(self.passage.path[-2:])
        return content_terms_cached(f"{self.lead} {self.reply_to}") | content_terms_cached(
            _PAPER.sub("", headings) if self.speaker else headings
        )

    @cached_property
    def taken_up(self) -> frozenset[str]:
        """The content words of the sentence before it, where it goes on about the same."""
        return content_terms_cached(self.before) if self.before and takes_up(self.text) else frozenset()

    @cached_property
    def around(self) -> frozenset[str]:
        """The words of the piece and of what introduces it."""
        return self.own | self.near

    @cached_property
    def normal(self) -> str:
        """The text in normal form."""
        return nfkc(self.text)

    @cached_property
    def squashed(self) -> str:
        """The text as names are compared: in normal form, without white space, in lower case."""
        return squash(self.normal)

    @cached_property
    def topic(self) -> frozenset[str]:
        """The content words of what stands before its first は, or else of its key."""
        return content_terms_cached(topic_before_wa(self.text) or key_of(self.text))

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        """The dates in the piece; offsets count in `normal`. Those of a table's head are no dates of its rows."""
        if self.kind == "row":
            return tuple(
                m for text in (*(c.value for c in self.passage.cells), *self.passage.notes) for m in dates(nfkc(text))
            )
        return tuple(dates(self.normal))

    @cached_property
    def units(self) -> frozenset[str]:
        """The counters of the figures in the piece; an ordinal (第4回) is no figure, nor is what each gets (1人1回)."""
        return frozenset(
            q.unit
            for q in quantities(self.normal)
            if not (q.unit.startswith("第") or (q.value == 1 and _EACH.match(self.normal, q.end)))
        )

    @cached_property
    def cell_units(self) -> frozenset[str]:
        """The counters of the figures in a row's cells, its name and its notes aside."""
        return frozenset(q.unit for cell in self.passage.cells[1:] for q in quantities(nfkc(cell.value)))

    @cached_property
    def far(self) -> frozenset[str]:
        """The content words of the outer headings."""
        return content_terms_cached(" ".join(self.passage.path[:-2]))


content_terms_cached = lru_cache(maxsize=50_000)(content_terms)


def speaker_of(evidence: Evidence) -> str:
    """Return who says the sentence, where it stands in a speech of the minutes; else an empty string."""
    return evidence.speaker


@lru_cache(maxsize=10_000)
def title_of(section: str) -> str:
    """Return a heading without its number: 1.3. プランの期間 -> プランの期間, (2) 改修について -> 改修."""
    return _NUMBERING.sub("", section).strip().removesuffix("について")


@lru_cache(maxsize=10_000)
def asks(heading: str) -> bool:
    """Whether a heading is a question or a wish (住民票はどこで取れますか, …について知りたい)."""
    return bool(_ASKS.search(_ASIDE.sub("", heading.strip())) or _ASKS.search(heading.strip()))


def topic_before_wa(text: str) -> str:
    """Return what stands before the first は of a sentence, or an empty string where nothing short does."""
    topic = re.match(rf"^(?:{_CONJUNCTION}、)?([^。、は]{{2,40}}?)(?:とは|は)", text)
    return topic[1] if topic else ""


def key_of(text: str) -> str:
    """Return the key of a `key: value` line, or an empty string."""
    key = re.match(r"^([^:：。]{1,20})[:：]\s*\S", text)
    return key[1] if key else ""


def topic_of(evidence: Evidence) -> str:
    """Return what a piece is about: what stands before its first は, or else its heading."""
    if evidence.kind == "item" and is_heading(evidence.lead):
        return evidence.lead[1:].strip()
    return topic_before_wa(evidence.text) or title_of(evidence.passage.section)


def is_heading(line: str) -> bool:
    """Whether a marked line only names what stands under it (○ 計画期間)."""
    return bool(_HEADING.match(line.strip()))


def announces(line: str) -> bool:
    """Whether the line announces what follows it rather than saying something itself."""
    return bool(re.search(r"(?:次|以下|下記)の", line))
