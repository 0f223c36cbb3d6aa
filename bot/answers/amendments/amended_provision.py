"""What an answer says of an amended provision: the part that answers, its history, and what it will be."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from bot.question.query import Query
from bot.state import Message, ScoredPassage, message
from ingest.amendments.addresses import Address
from ingest.amendments.consolidation import OperationResult, Version
from ingest.amendments.history import ProvisionState, changed_words, find_counterpart
from ingest.amendments.operations import Action
from ingest.amendments.provisions import Provision
from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences
from ingest.japanese.tokenise import words

# Characters of an article that is shown whole, so that all of it is at the beginning of the answer.
_SHORT_PROVISION = 180
# Characters: a longer paragraph is answered by its best sentence; of former words so many are repeated.
_LONGEST_PARAGRAPH, _LONGEST_WORDS = 300, 120


def score_words(text: str, query: Query) -> float:
    """Return the share of the question's words, by their weight, that a text has."""
    present = {*words(nfkc(text))}
    return sum(term.weight for term in query.terms if term.text in present)


def answering_part(provision: Provision, best: ScoredPassage, query: Query) -> Provision:
    """Return the paragraph or table row that answers: the one of the best unit, else that with most of the words."""
    if not provision.children:
        return provision
    candidates = provision.children if provision.step.kind in {"条", "第", "附則", "別表"} else (provision,)
    rows = [one for one in candidates if _is_row(one)]
    candidates = tuple(rows[1:]) if len(rows) > 1 and provision.step.kind == "別表" else candidates
    unit = max(best.units, key=lambda one: one.probability, default=None)
    passage = best.hit.passage
    holding = [one for one in candidates if unit and _has_position(one, passage.id, unit.start)]
    return holding[0] if len(holding) == 1 else max(candidates, key=lambda one: score_words(one.content, query))


def _has_position(provision: Provision, passage_id: str, position: int) -> bool:
    quotes = (quote for one in provision.walk() for quote in one.quotes)
    return any(quote.passage_id == passage_id and quote.start <= position < quote.end for quote in quotes)


def _is_row(provision: Provision) -> bool:
    return provision.step.kind == "行" and "\t" in provision.text


def part_text(provision: Provision, part: Provision, query: Query) -> str:
    """Return the text of a part, or of a short provision: whole if it is short, else its best sentence or item."""
    if provision.step.kind == "条" and len(provision.children) > 1 and len(provision.content) <= _SHORT_PROVISION:
        return provision.content
    if _is_row(part):
        return _row_text(provision, part)
    text = "\n".join([part.text, *(line for child in part.children for line in child.lines(1))]).strip()
    if len(text) <= _LONGEST_PARAGRAPH:
        return text
    if part.children:
        item = max(part.children, key=lambda one: score_words(one.content, query))
        return "\n".join([part.text, *item.lines(1)]).strip()
    return max(split_document_sentences(text) or [text], key=lambda one: score_words(one, query)).strip()


def _row_text(provision: Provision, row: Provision) -> str:
    """Return a table row with its column names: 区分: 犬、金額: 8,000円."""
    header, cells = provision.children[0].text.split("\t"), row.text.split("\t")
    if len(header) != len(cells) or header == cells:
        return "、".join(cells)
    return "、".join(f"{name}: {cell}" for name, cell in zip(header, cells, strict=True))


def whole_text(provision: Provision, shown: str) -> str:
    """Return the whole provision where the answer shows a part of it and the rest is not long, else ""."""
    content = provision.content.replace("\t", "　")
    head = len(provision.label) + len(provision.caption)
    is_more = len("".join(content.split())) > len("".join(shown.split())) + head + 2
    return content if is_more and len(content) <= 2 * _LONGEST_PARAGRAPH else ""


def place_name(provision: Provision, part: Provision) -> str:
    """Return the name of a part, such as 第3条第2項."""
    steps = [provision.step]
    if part is not provision and part.step.kind != "行" and len(provision.children) > 1:
        steps.append(part.step)
    return Address(tuple(steps)).text


def last_change(state: ProvisionState, part: Provision) -> tuple[Version, Provision | None] | None:
    """Return the version in which a part became what it is, and what it was before; None if it always was so."""
    for before, version in reversed(list(pairwise([*state.earlier, state.current]))):
        if version.first is None or not version.results or version.provision is None:
            return None
        old = find_counterpart(part, version.provision, before.provision) if before.provision else None
        if old is None or changed_words(old.content, part.content):
            return version, old
    return None


def describe_change(state: ProvisionState, part: Provision) -> Iterator[Message]:
    """Yield since when the part is so, by which amendment, and what it was before."""
    change = last_change(state, part)
    if change is None or change[0].first is None:
        return
    version, old = change
    last = version.results[-1]
    day, title = version.first.isoformat() if version.first else "", last.document.title
    if old is None:
        yield message("amended_added", date=day, title=title)
        return
    yield message("amended_applied" if last.effect.is_retroactive else "amended_since", date=day, title=title)
    if former := join_words(one for one, _ in changed_words(old.content, part.content)):
        yield message("amended_from", old=former)


def describe_upcoming(state: ProvisionState, part: Provision, document_title: str) -> Iterator[Message]:
    """Yield what the part will be, and from when; nothing where it does not change."""
    upcoming = state.upcoming
    if upcoming is None or upcoming.first is None or not upcoming.results:
        return
    last: OperationResult = upcoming.results[-1]
    day, title = upcoming.first.isoformat(), last.document.title
    new = find_counterpart(part, state.provision, upcoming.provision) if upcoming.provision else None
    if last.operation.action is Action.REPEAL:
        yield message("repeal_pending", title=document_title, date=day, amending=title)
    elif new is None:
        yield message("amendment_removes", date=day, title=title)
    elif pairs := changed_words(part.content, new.content):
        yield message("amendment_pending", date=day, new=join_words(one for _, one in pairs), title=title)


def join_words(phrases: Iterable[str]) -> str:
    """Return differing words for one pair of 「」, cut if they are long."""
    stripped = (phrase.strip().removesuffix("。").replace("\t", "　") for phrase in phrases)
    text = "」「".join(phrase for phrase in stripped if phrase)
    return text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}…"
