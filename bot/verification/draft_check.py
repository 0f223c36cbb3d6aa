"""Checks a whole draft: its citations one by one, and its statements against the passages that they cite."""

from collections.abc import Iterator, Sequence

from bot.rendering.answer_text import render_without_source_lines
from bot.state import CITED, Draft, cited_numbers
from bot.verification.source_text import to_source_texts
from bot.verification.statement_check import Problem, ProblemKind, check_text
from ingest.documents import Document


def check_draft(draft: Draft, documents: Sequence[Document] = (), question: str = "") -> list[Problem]:
    """Return the problems of a draft; without any, all of it is supported by what it cites."""
    if draft.status not in CITED:
        has_citation = draft.sources or any(map(cited_numbers, draft.parts))
        return [Problem(ProblemKind.CITATION, "", "出典のつかない種類の回答に出典があります")] if has_citation else []
    sources = to_source_texts([source.passage for source in draft.sources], documents)
    checked_statements = check_text(render_without_source_lines(draft.parts), sources, question)
    problems = (problem for checked in checked_statements for problem in checked.problems)
    return list(dict.fromkeys([*_find_citation_problems(draft), *problems]))


def _find_citation_problems(draft: Draft) -> Iterator[Problem]:
    cited = frozenset[int]().union(*map(cited_numbers, draft.parts))
    numbers = set(range(1, len(draft.sources) + 1))
    messages = [] if numbers else ["出典がひとつもありません"]
    messages += [f"[{n}] にあたる出典がありません" for n in sorted(cited - numbers)]
    messages += [f"出典 {n} が本文に出てきません" for n in sorted(numbers - cited)]
    messages += [
        f"出典 {n} の引用が原文と一致しません"
        for n, source in enumerate(draft.sources, 1)
        if not source.quote.strip() or source.quote not in source.passage.text
    ]
    yield from (Problem(ProblemKind.CITATION, "", message) for message in messages)
