"""Verification: what an answer states must stand in the passages that it cites, and every citation must hold.

A check of form and letter, not of sense: it finds invented and altered figures, dates, spans of time, names and
quotes, figures taken from the wrong column, and text that has little to do with its source.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.answer import Status
from bot.check.claims import figures
from bot.check.given import Given, given_of
from bot.check.grounds import grounds
from bot.check.statements import MARK, Statement, statements
from bot.check.support import states_fact, unsupported
from bot.turn import Draft, Source, Turn
from ingest.documents import Document, Passage
from ingest.normalise import nfkc

_log = logging.getLogger(__name__)
CITED = frozenset({Status.ANSWERED, Status.PARTIAL})
"""The statuses whose answers carry citations; the others carry none and state no facts of the documents."""
_SAYS_ABSENT = re.compile(
    r"(?:記載|記述|説明|情報|答え)(?:は|が)?(?:ありません|ない)|見つかりません|見当たりません|書かれていません|載っていません"
)


def check(draft: Draft, given: Given | None = None) -> list[str]:
    """Return what is wrong with `draft`, in Japanese; an empty list means that all of it is supported.

    `given` tells of the documents (a title supports what it names), of what was asked, and what else was offered.
    """
    if draft.status not in CITED:
        return ["出典のつかない種類の回答に出典があります"] if draft.sources or MARK.search(draft.text) else []
    return list(dict.fromkeys([*_citations(draft), *_statements(draft, given or Given())]))


def _citations(draft: Draft) -> Iterator[str]:
    """Yield the marks without a source, the sources without a mark, and the quotes that are not the passage's."""
    named = {int(n) for n in MARK.findall(draft.text)}
    numbers = set(range(1, len(draft.sources) + 1))
    if not numbers:
        yield "出典がひとつもありません"
    yield from (f"[{n}] にあたる出典がありません" for n in sorted(named - numbers))
    yield from (f"出典 {n} が本文に出てきません" for n in sorted(numbers - named))
    for n, source in enumerate(draft.sources, 1):
        if not source.quote.strip() or source.quote not in source.passage.text:
            yield f"出典 {n} の引用が原文と一致しません"


def _statements(draft: Draft, given: Given) -> Iterator[str]:
    passages = [source.passage for source in draft.sources]
    for statement in statements(draft.text):
        yield from wrong_in(statement, passages, given)


def wrong_in(statement: Statement, passages: Sequence[Passage], given: Given) -> Iterator[str]:
    """Yield what is wrong with `statement`, whose mark `[n]` names `passages[n - 1]`."""
    titles = given.titles
    cited = [passages[n - 1] for n in statement.cited if 1 <= n <= len(passages)]
    if len(cited) < len(statement.cited):
        yield f"「{statement.text}」の出典の番号が、渡した資料にありません"
    elif cited:
        yield from unsupported(statement, [grounds(p, titles.get(p.doc_id, "")) for p in cited], given)
    elif _says_absent(statement):
        yield from _beyond_question(statement, given)
    elif states_fact(statement):
        yield f"「{statement.text}」に出典がありません"


def _beyond_question(statement: Statement, given: Given) -> Iterator[str]:
    """Yield the figures of a sentence without source that the question, whose words it may repeat, does not have."""
    asked = {(figure.value, figure.unit) for figure in figures(nfkc(given.question))}
    for figure in figures(statement.text):
        if given.question and (figure.value, figure.unit) not in asked:
            yield f"「{statement.text[figure.start : figure.end]}」に出典がありません"


def _says_absent(statement: Statement) -> bool:
    """Whether it only says that the documents do not tell; it may repeat what was asked for."""
    return bool(_SAYS_ABSENT.search(statement.text))


class Verify:
    """The last step: a draft that does not hold is replaced by the bare quote that the best evidence is."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = tuple(documents)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with a draft that passes the checks, or with none."""
        if turn.draft is None or turn.draft.verified:
            return turn
        given = given_of(turn, self._documents)
        problems = check(turn.draft, given)
        if not problems:
            return turn
        _log.warning("回答が検証を通らないため、原文の引用に替えます: %s", " / ".join(problems))
        quoted = _quoted(turn)
        return replace(turn, draft=None if quoted is None or check(quoted, given) else quoted)


def _quoted(turn: Turn) -> Draft | None:
    """Return the words of the best piece of evidence as they stand."""
    if not turn.weighed:
        return None
    evidence = turn.weighed[0].evidence
    text = f"資料には「{' '.join(evidence.text.split())}」と記載されています[1]。"
    return Draft(text, (Source(evidence.passage, evidence.text),), topic=evidence.passage.section)
