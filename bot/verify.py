"""Verification: what an answer states must stand in the passages that it cites, and every citation must hold.

A check of form and letter, not of sense: it finds invented and altered figures, dates, spans of time, names and
quotes, figures taken from the wrong column, and text that has little to do with its source.
"""

import re
from collections.abc import Iterator, Mapping

from bot.answer import Status
from bot.grounds import grounds
from bot.statements import MARK, Statement, statements
from bot.support import states_fact, unsupported
from bot.turn import Draft

CITED = frozenset({Status.ANSWERED, Status.PARTIAL})
"""The statuses whose answers carry citations; the others carry none and state no facts of the documents."""
_SAYS_ABSENT = re.compile(
    r"(?:記載|記述|説明|情報|答え)(?:は|が)?(?:ありません|ない)|見つかりません|見当たりません|書かれていません|載っていません"
)


def check(draft: Draft, titles: Mapping[str, str] | None = None) -> list[str]:
    """Return what is wrong with `draft`, in Japanese; an empty list means that all of it is supported.

    `titles` gives each document's title by its id: a title supports what it names.
    """
    if draft.status not in CITED:
        return ["出典のつかない種類の回答に出典があります"] if draft.sources or MARK.search(draft.text) else []
    return list(dict.fromkeys([*_citations(draft), *_statements(draft, titles or {})]))


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


def _statements(draft: Draft, titles: Mapping[str, str]) -> Iterator[str]:
    for statement in statements(draft.text):
        cited = [draft.sources[n - 1].passage for n in statement.cited if 1 <= n <= len(draft.sources)]
        if cited:
            yield from unsupported(statement, [grounds(p, titles.get(p.doc_id, "")) for p in cited])
        elif not _says_absent(statement) and states_fact(statement):
            yield f"「{statement.text}」に出典がありません"


def _says_absent(statement: Statement) -> bool:
    """Whether it only says that the documents do not tell; it may repeat what was asked for."""
    return bool(_SAYS_ABSENT.search(statement.text))
