"""Entries of the case list, from the sets or from a run, and their filters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.http.form_fields import Fields
from eval.dataset.case import Case
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import Row
from ingest.japanese import nfkc

RESULTS = {"failed": "不合格", "passed": "合格"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A case of a set; `row` is what a run made of it, None outside a run."""

    set: str
    case: Case
    row: Row | None = None

    @property
    def key(self) -> CaseKey:
        """What names the case in a run."""
        return CaseKey(self.set, self.case.id)


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries are asked for; what is empty asks for all."""

    sets: tuple[str, ...]
    kinds: tuple[str, ...]
    tags: tuple[str, ...]
    priorities: tuple[str, ...]
    results: tuple[str, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, fields: Fields) -> "EntryFilter":
        """Read what an address asks for."""
        sets, kinds, tags, priorities, results = (
            tuple(fields.all(name)) for name in ("set", "kind", "tag", "priority", "result")
        )
        return cls(sets, kinds, tags, priorities, results, tuple(nfkc(fields.one("q")).lower().split()))

    def matches(self, entry: Entry) -> bool:
        """Whether an entry is one of those."""
        case = entry.case
        result = "" if entry.row is None else "passed" if entry.row.score.passed else "failed"
        return (
            (not self.sets or entry.set in self.sets)
            and (not self.kinds or case.kind in self.kinds)
            and (not self.tags or bool(set(self.tags) & set(case.tags)))
            and (not self.priorities or str(case.priority) in self.priorities)
            and (not self.results or result in self.results)
            and (not self.words or _contains_all(entry, self.words))
        )


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the entries can be narrowed by, each in the order in which it comes first."""

    sets: tuple[str, ...]
    kinds: tuple[str, ...]
    tags: tuple[str, ...]
    priorities: tuple[str, ...]


def filter_choices(entries: Iterable[Entry]) -> FilterChoices:
    """Return what `entries` differ by."""
    told = list(entries)
    return FilterChoices(
        sets=tuple(dict.fromkeys(one.set for one in told)),
        kinds=tuple(dict.fromkeys(one.case.kind for one in told)),
        tags=tuple(dict.fromkeys(tag for one in told for tag in one.case.tags)),
        priorities=tuple(sorted({str(one.case.priority) for one in told})),
    )


def run_entries(rows: Sequence[Row]) -> list[Entry]:
    """Return the entries of a run."""
    return [Entry(row.set, row.case, row) for row in rows]


def _contains_all(entry: Entry, words: Iterable[str]) -> bool:
    """Whether each word stands somewhere in the case or its answer."""
    case, answer = entry.case, entry.row.answer if entry.row else None
    told = [case.id, *case.turns, case.note, answer["answer"] if answer else ""]
    text = nfkc("\n".join(told)).lower()
    return all(word in text for word in words)
