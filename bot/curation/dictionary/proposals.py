"""Proposes entries: names in unanswered questions that no document has."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select

from bot.curation.dictionary.entries import find_problems, normalise_entry
from bot.question.dictionary import DictionaryEntry, fold_name
from bot.state import Status
from bot.storage.open_questions import UNANSWERED
from bot.storage.tables import turns
from ingest.japanese import dates, nfkc
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import Morpheme, morphemes, words

if TYPE_CHECKING:
    from bot.pipeline import OpenedIndex

# Questions that are looked through, the newest first.
_MAX_PAST_QUESTIONS = 5_000
_MAX_UNANSWERED = 1_000
MAX_PROPOSALS = 20
# Questions that are shown with a proposal.
_MAX_QUESTIONS = 3


def past_questions(engine: Engine) -> Sequence[str]:
    """Return the newest questions as understood, each once, without greetings and refusals. Raises StorageError."""
    is_counted = turns.c.status.not_in((Status.SMALLTALK, Status.BLOCKED)) & ~turns.c.repeated
    query = select(turns.c.understood).where(is_counted).order_by(turns.c.number.desc()).limit(_MAX_PAST_QUESTIONS)
    with engine.connect() as connection:
        return tuple(dict.fromkeys(filter(None, connection.scalars(query))))


@dataclass(frozen=True, slots=True)
class ProposedName:
    """A name that no document has, with the unanswered questions that have it, counted and some of them."""

    name: str
    count: int
    questions: tuple[str, ...]


def propose_names(engine: Engine, entries: Iterable[DictionaryEntry], opened: "OpenedIndex") -> list[ProposedName]:
    """Return the most frequent unknown names of unanswered questions."""
    names = opened.names
    if names is None:
        return []
    unanswered = select(turns.c.understood).where(turns.c.status.in_(UNANSWERED)).order_by(turns.c.number.desc())
    with engine.connect() as connection:
        questions = connection.scalars(unanswered.limit(_MAX_UNANSWERED)).all()
    known_names = {fold_name(entry.name) for entry in entries}
    questions_by_name = defaultdict[str, list[str]](list)
    for question in questions:
        for name in dict.fromkeys(_compound_nouns(nfkc(question))):
            is_valid = not find_problems(normalise_entry(DictionaryEntry(name, "正式な名前")))
            has_unknown_word = not all(opened.index.keyword.rows_of(word).size for word in words(name))
            is_new = fold_name(name) not in known_names and has_unknown_word and not names.is_in_documents(name)
            if is_valid and is_new:
                questions_by_name[name].append(question)
    frequent = sorted(questions_by_name.items(), key=lambda pair: -len(pair[1]))[:MAX_PROPOSALS]
    return [ProposedName(name, len(own), tuple(dict.fromkeys(own))[:_MAX_QUESTIONS]) for name, own in frequent]


def _compound_nouns(text: str) -> Iterator[str]:
    date_spans = Spans((mention.start, mention.end) for mention in dates(text))
    run: list[Morpheme] = []
    for morpheme in (*morphemes(text, "C"), None):
        if morpheme and morpheme.is_noun and not date_spans.meet(morpheme.start, morpheme.end):
            run.append(morpheme)
            continue
        if run:
            yield text[run[0].start : run[-1].end]
        run = []
