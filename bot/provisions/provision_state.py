"""What an answer says of an amended provision: the part that answers, its history, and what it will be."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise

from bot.state import ScoredPassage, ServiceMessage, service_message
from bot.state.query import Query
from ingest.amendments.addresses import Address
from ingest.amendments.consolidation import Consolidation, OperationResult, Version
from ingest.amendments.operations import Action
from ingest.amendments.provisions import Provision, equal_text
from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences
from ingest.japanese.tokenise import morphemes, words
from ingest.japanese.word_differences import has_few_equal_pairs

# Characters of an article that is shown whole, so that all of it is at the beginning of the answer.
_MAX_SHORT_PROVISION = 180
# Characters; a longer paragraph is answered by its best sentence.
_MAX_PARAGRAPH = 300
# Characters of a provision that is shown whole after the part that answers.
_MAX_WHOLE_PROVISION = 600
# Characters of former or future words that are repeated.
_MAX_QUOTED_WORDS = 120
# Kinds of provisions whose parts are paragraphs or rows.
_KINDS_WITH_PARTS = frozenset({"条", "第", "附則", "別表"})
# Share of equal words from which on two texts are versions of one sentence.
_MIN_SIMILARITY = 0.5
# More differences are not listed one by one.
_MAX_PAIRS = 3
# Characters; longer texts are not compared word by word.
_MAX_COMPARED_CHARACTERS = 3_000
# Characters of a counter after a figure.
_MAX_COUNTER_LENGTH = 2
_LARGE_NUMERALS = frozenset("千万億")


@dataclass(frozen=True, slots=True)
class ProvisionState:
    """A top-level provision on a day.

    Attributes:
        earlier: the versions before the current one, in order.
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


@dataclass(frozen=True, slots=True)
class LastChange:
    """The version in which a part of a provision became what it is, and what it was before, None if it was not."""

    version: Version
    part: Provision
    former: Provision | None


def score_words(text: str, query: Query) -> float:
    """Return the share of the question's words, by their weight, that a text has."""
    present = {*words(nfkc(text))}
    return sum(term.weight for term in query.terms if term.text in present)


def answering_part(provision: Provision, best: ScoredPassage, query: Query) -> Provision:
    """Return the paragraph or table row of the best unit, else the one with most of the words."""
    if not provision.children:
        return provision
    parts = provision.children if provision.step.kind in _KINDS_WITH_PARTS else (provision,)
    rows = tuple(part for part in parts if _is_row(part))
    if provision.step.kind == "別表" and len(rows) > 1:
        parts = rows[1:]
    unit = max(best.units, key=lambda candidate: candidate.probability, default=None)
    passage_id = best.hit.passage.id
    of_unit = [part for part in parts if unit and _has_position(part, passage_id, unit.start)]
    return of_unit[0] if len(of_unit) == 1 else max(parts, key=lambda part: score_words(part.content, query))


def part_text(provision: Provision, part: Provision, query: Query) -> str:
    """Return the text of a part, or of a short provision: whole if it is short, else its best sentence or item."""
    is_short = len(provision.children) > 1 and len(provision.content) <= _MAX_SHORT_PROVISION
    if provision.step.kind == "条" and is_short:
        return provision.content
    if _is_row(part):
        return _row_text(provision, part)
    text = _with_children(part, part.children)
    if len(text) <= _MAX_PARAGRAPH:
        return text
    if part.children:
        return _with_children(part, [max(part.children, key=lambda item: score_words(item.content, query))])
    sentences = split_document_sentences(text) or [text]
    return max(sentences, key=lambda sentence: score_words(sentence, query)).strip()


def whole_text(provision: Provision, shown: str) -> str:
    """Return the whole provision if the answer shows a part of it and the rest is not long, else ""."""
    content = provision.content.replace("\t", "　")
    # The label and the caption are in no part.
    heading = len(provision.label) + len(provision.caption) + len("（）")
    is_more = len("".join(content.split())) > len("".join(shown.split())) + heading
    return content if is_more and len(content) <= _MAX_WHOLE_PROVISION else ""


def place_name(provision: Provision, part: Provision) -> str:
    """Return the name of a part, such as 第3条第2項."""
    has_other_name = part is not provision and part.step.kind != "行" and len(provision.children) > 1
    return Address((provision.step, part.step) if has_other_name else (provision.step,)).text


def find_last_change(state: ProvisionState, part: Provision) -> LastChange | None:
    """Return the last change of a part; None if it always was as it is."""
    for earlier, version in reversed(list(pairwise([*state.earlier, state.current]))):
        if version.first is None or not version.results or version.provision is None:
            return None
        former = find_counterpart(part, version.provision, earlier.provision) if earlier.provision else None
        if former is None or not equal_text(former.content, part.content):
            return LastChange(version, part, former)
    return None


def describe_change(
    change: LastChange | None, consolidation: Consolidation, title_of: Callable[[str], str]
) -> Iterator[ServiceMessage]:
    """Yield since when a part is so, by which amendment, and what it was before."""
    if change is None or change.version.first is None:
        return
    result = consolidation.results_of(change.version)[-1]
    day, title = change.version.first.isoformat(), title_of(result.doc_id)
    if change.former is None:
        yield service_message("amended_added", date=day, title=title)
        return
    yield service_message("amended_applied" if result.effect.is_retroactive else "amended_since", date=day, title=title)
    if former := join_words(old for old, _ in changed_words(change.former.content, change.part.content)):
        yield service_message("amended_from", old=former)


def describe_upcoming(
    state: ProvisionState, part: Provision, consolidation: Consolidation, title_of: Callable[[str], str]
) -> Iterator[ServiceMessage]:
    """Yield the messages on the future text of the part and its day; none if it does not change."""
    upcoming = state.upcoming
    if upcoming is None or upcoming.first is None or not upcoming.results:
        return
    result = consolidation.results_of(upcoming)[-1]
    day, title = upcoming.first.isoformat(), title_of(result.doc_id)
    new = find_counterpart(part, state.provision, upcoming.provision) if upcoming.provision else None
    if result.action is Action.REPEAL:
        yield service_message("repeal_pending", title=title_of(consolidation.doc_id), date=day, amending=title)
    elif new is None:
        yield service_message("amendment_removes", date=day, title=title)
    elif pairs := changed_words(part.content, new.content):
        yield service_message(
            "amendment_pending", date=day, new=join_words(new_words for _, new_words in pairs), title=title
        )


def join_words(phrases: Iterable[str]) -> str:
    """Return differing words for one pair of 「」, cut if they are long."""
    stripped = (phrase.strip().removesuffix("。").replace("\t", "　") for phrase in phrases)
    text = "」「".join(filter(None, stripped))
    return text if len(text) <= _MAX_QUOTED_WORDS else f"{text[:_MAX_QUOTED_WORDS]}…"


def _has_position(provision: Provision, passage_id: str, position: int) -> bool:
    return any(
        quote.passage_id == passage_id and quote.start <= position < quote.end
        for member in provision.walk()
        for quote in member.quotes
    )


def _is_row(provision: Provision) -> bool:
    return provision.step.kind == "行" and "\t" in provision.text


def _row_text(table: Provision, row: Provision) -> str:
    names, cells = table.children[0].text.split("\t"), row.text.split("\t")
    if len(names) != len(cells) or names == cells:
        return "、".join(cells)
    return "、".join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=True))


def _with_children(part: Provision, children: Iterable[Provision]) -> str:
    lines = (line for child in children for line in child.lines(1))
    return "\n".join([part.text, *lines]).strip()


def state_on(consolidation: Consolidation, key: int, day: date) -> ProvisionState | None:
    """Return the state of a top-level provision on a day; None for an unknown key.

    Amendments that had not been promulgated by the day are left out.
    """
    versions = consolidation.versions.get(key, ())
    position = next((n for n, version in enumerate(versions) if version.is_on(day)), None)
    if position is None:
        return None
    upcoming = versions[position + 1] if position + 1 < len(versions) else None
    if upcoming and not all(
        _is_promulgated(consolidation, result, day) for result in consolidation.results_of(upcoming)
    ):
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
    if max(len(old), len(new)) > _MAX_COMPARED_CHARACTERS:
        return [(old, new)]
    old_words, new_words = _split_words(old), _split_words(new)
    if not has_few_equal_pairs(old_words, new_words):
        return [(old, new)]
    matcher = SequenceMatcher(None, old_words, new_words, autojunk=False)
    pairs = list(_differing_phrases(matcher, old_words, new_words))
    return [(old, new)] if matcher.ratio() < _MIN_SIMILARITY or len(pairs) > _MAX_PAIRS else pairs


def _is_promulgated(consolidation: Consolidation, result: OperationResult, day: date) -> bool:
    promulgated = consolidation.dates[result.doc_id].promulgated
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
        ends_figure = previous[-1:].isdigit() or previous[-1:] in _LARGE_NUMERALS
        if is_after_figure and (continues or (is_counter and ends_figure)):
            words[-1] += surface
        else:
            words.append(surface)
    return words


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
