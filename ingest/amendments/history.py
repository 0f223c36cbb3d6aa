"""Says what a provision is on a day, what it was before and what it will be, for answers and pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from ingest.amendments.consolidation import Consolidation, OperationResult, Version
from ingest.amendments.provisions import Provision, equal_text
from ingest.japanese.tokenise import morphemes

# Share of equal words from which on two texts are versions of one sentence.
_MIN_SIMILARITY = 0.5
# More differences are not listed one by one.
_MAX_PAIRS = 3
# Characters of a counter after a figure.
_MAX_COUNTER_LENGTH = 2
_LARGE_NUMERALS = frozenset("千万億")


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
    def is_removed(self) -> bool:
        """Whether the provision does not exist on the day, and nothing that may be in effect is missing."""
        return self.current.provision is None and not self.missing

    @property
    def provision(self) -> Provision:
        """The provision on the day, else as it last was, else as it will be."""
        versions = [self.current, *reversed(self.earlier), *([self.upcoming] if self.upcoming else [])]
        return next(version.provision for version in versions if version.provision is not None)


def state_on(consolidation: Consolidation, key: int, day: date) -> ProvisionState | None:
    """Return the state of a top-level provision on a day; None for an unknown key.

    Amendments that had not been promulgated by the day are left out.
    """
    versions = consolidation.versions(key)
    position = next((n for n, version in enumerate(versions) if version.is_on(day)), None)
    if position is None:
        return None
    upcoming = versions[position + 1] if position + 1 < len(versions) else None
    if upcoming and not all(_is_promulgated(consolidation, result, day) for result in upcoming.results):
        upcoming = None
    missing = (result for result in consolidation.missing(key, day) if _is_promulgated(consolidation, result, day))
    return ProvisionState(versions[position], versions[:position], upcoming, tuple(missing))


def find_counterpart(part: Provision, whole: Provision, other: Provision) -> Provision | None:
    """Return what a `part` of the provision `whole` is in `other`, another version of it; None if it has none.

    It is the same part, else a part with the same number that `whole` lacks, as if a whole article is replaced.
    """
    members = list(other.walk())
    same = next((member for member in members if member.key == part.key), None)
    keys = {member.key for member in whole.walk()}
    renewed = (member for member in members if member.key not in keys and _is_same_place(member, part))
    return same or next(renewed, None)


def changed_words(old: str, new: str) -> list[tuple[str, str]]:
    """Return the differing words of two versions of a text as pairs of old and new, each a readable phrase.

    If the versions have little in common, the pair is the whole of both.
    """
    if equal_text(old, new):
        return []
    old_words, new_words = _split_words(old), _split_words(new)
    matcher = SequenceMatcher(None, old_words, new_words, autojunk=False)
    pairs = list(_differing_phrases(matcher, old_words, new_words))
    return [(old, new)] if matcher.ratio() < _MIN_SIMILARITY or len(pairs) > _MAX_PAIRS else pairs


def _is_promulgated(consolidation: Consolidation, result: OperationResult, day: date) -> bool:
    promulgated = consolidation.effects[result.document.id].promulgated
    return promulgated is None or promulgated <= day


def _is_same_place(first: Provision, second: Provision) -> bool:
    if first.step.kind != "行":
        return first.step == second.step
    first_name, separator, _ = first.text.partition("\t")
    second_name = second.text.partition("\t")[0]
    return second.step.kind == "行" and bool(separator) and equal_text(first_name, second_name)


def _split_words(text: str) -> list[str]:
    words = list[str]()
    for surface in (morpheme.surface for morpheme in morphemes(text)):
        previous = words[-1] if words else ""
        is_after_figure = previous[:1].isdigit()
        is_counter = len(surface) <= _MAX_COUNTER_LENGTH and not surface.isspace()
        continues = surface[:1].isdigit() if previous[-1:] in {",", "."} else False
        if is_after_figure and (continues or (is_counter and _ends_figure(previous))):
            words[-1] += surface
        else:
            words.append(surface)
    return words


def _ends_figure(word: str) -> bool:
    return word[-1].isdigit() or word[-1] in _LARGE_NUMERALS


def _differing_phrases(
    matcher: "SequenceMatcher[str]", old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        back, forward = 0, 0
        if tag != "replace" and old_start and new_start:
            back = 1
        elif tag != "replace" and old_end < len(old) and new_end < len(new):
            forward = 1
        old_phrase = old[old_start - back : old_end + forward]
        yield "".join(old_phrase), "".join(new[new_start - back : new_end + forward])
