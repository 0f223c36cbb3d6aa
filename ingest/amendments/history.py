"""What a provision says on a day, what it said before and what it will say, for answers and pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from ingest.amendments.consolidation import Consolidation, OperationResult, Version
from ingest.amendments.provisions import Provision, equal_text
from ingest.japanese.tokenise import morphemes

# Share of equal words from which on two texts are versions of one sentence.
_ALIKE = 0.5
# More differences than these are not listed one by one.
_MOST_PAIRS = 3
# Characters of a counter after a figure.
_LONGEST_COUNTER = 2


@dataclass(frozen=True, slots=True)
class ProvisionState:
    """A top-level provision on a day.

    Attributes:
        current: its version on the day.
        earlier: the versions before, in order.
        upcoming: the next one, if its amendment had been promulgated by the day.
        missing: the operations on it that could not be applied and may be in effect.
    """

    current: Version
    earlier: tuple[Version, ...]
    upcoming: Version | None
    missing: tuple[OperationResult, ...]

    @property
    def provision(self) -> Provision:
        """The provision on the day; the last that was, where it no longer exists; else the one that will be."""
        versions = [self.current, *reversed(self.earlier), *([self.upcoming] if self.upcoming else [])]
        return next(version.provision for version in versions if version.provision is not None)


def state_on(consolidation: Consolidation, key: int, day: date) -> ProvisionState | None:
    """Return the state of a top-level provision on a day; None for an unknown key.

    What had not been promulgated by then is left out.
    """
    versions = consolidation.versions(key)
    position = next((n for n, version in enumerate(versions) if version.is_on(day)), None)
    if position is None:
        return None
    upcoming = versions[position + 1] if position + 1 < len(versions) else None
    if upcoming and not all(_is_known(consolidation, one, day) for one in upcoming.results):
        upcoming = None
    missing = tuple(one for one in consolidation.missing(key, day) if _is_known(consolidation, one, day))
    return ProvisionState(versions[position], versions[:position], upcoming, missing)


def _is_known(consolidation: Consolidation, result: OperationResult, day: date) -> bool:
    promulgated = consolidation.effects[result.document.id].promulgated
    return promulgated is None or promulgated <= day


def find_counterpart(provision: Provision, part: Provision, own: Provision) -> Provision | None:
    """Return what a `part` of `own` is in another version, `provision`; None where it has no such part.

    It is the same one, else one with the same number that is gone from `own`, as where a whole article is replaced.
    """
    members, present = list(provision.walk()), {one.key for one in own.walk()}
    same = next((one for one in members if one.key == part.key), None)
    gone = (one for one in members if _is_same_place(one, part) and one.key not in present)
    return same or next(gone, None)


def _is_same_place(one: Provision, other: Provision) -> bool:
    """Whether two provisions have one number, or are table rows of one name."""
    if one.step.kind == "行":
        return other.step.kind == "行" and "\t" in one.text and equal_text(_row_name(one), _row_name(other))
    return one.step == other.step


def _row_name(row: Provision) -> str:
    return row.text.split("\t")[0]


def changed_words(old: str, new: str) -> list[tuple[str, str]]:
    """Return the differing words of two versions of a text as pairs of old and new, each a readable phrase.

    Where the versions have little in common, the pair is the whole of both.
    """
    if equal_text(old, new):
        return []
    olds, news = _tokens(old), _tokens(new)
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    pairs = [("".join(olds[a:b]), "".join(news[c:d])) for a, b, c, d in _phrases(matcher, olds, news)]
    return [(old, new)] if matcher.ratio() < _ALIKE or len(pairs) > _MOST_PAIRS else pairs


def _tokens(text: str) -> list[str]:
    """Return the words of a text, a figure with its counter as one."""
    tokens: list[str] = []
    for morpheme in morphemes(text):
        surface = morpheme.surface
        is_figure = (
            bool(tokens) and tokens[-1][:1].isdigit() and (tokens[-1][-1:].isdigit() or tokens[-1][-1:] in "千万億")
        )
        is_counter = is_figure and len(surface) <= _LONGEST_COUNTER
        is_decimal = bool(tokens) and tokens[-1][:1].isdigit() and tokens[-1][-1:] in ",." and surface[:1].isdigit()
        if (is_counter and not surface.isspace()) or is_decimal:
            tokens[-1] += surface
        else:
            tokens.append(surface)
    return tokens


def _phrases(
    matcher: "SequenceMatcher[str]", olds: Sequence[str], news: Sequence[str]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield the differing spans; what is only added or removed comes with the word before it."""
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        if a == b or c == d:
            back = 1 if a and c else 0
            forward = 0 if back else int(b < len(olds) and d < len(news))
            yield a - back, b + forward, c - back, d + forward
        else:
            yield a, b, c, d
