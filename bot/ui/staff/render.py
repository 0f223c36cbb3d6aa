"""What the console shows, as HTML: templates escape every word of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.answer import Answer, Block, Status
from bot.answerers.curated import CHECKED
from bot.sign_in import Person
from bot.sources import places
from bot.ui.markup import plain, templates
from bot.ui.pieces import without_marks, without_remark
from bot.ui.speech import Words, read_words
from bot.ui.staff.call import Call, Lookup, Source
from bot.ui.staff.mail import comparison_mail, mail
from bot.ui.waiting import Progress
from bot.web.problems import problem_of

# Why an answer is wrong, as the queue keeps it.
REASONS = (
    "答えがまちがっている",
    "根拠が答えと合っていない",
    "旧い計画で答えている",
    "資料にあるのに見つかっていない",
    "資料がまちがっている",
)
LONGEST_COMMENT = 500
# What an answer is called that does not answer the question, or not surely.
OUTCOMES = {
    Status.PARTIAL: "近いことが書かれています（答えそのものではないかもしれません）",
    Status.CLARIFY: "どれのことか確かめてください",
    Status.NO_ANSWER: "資料からは答えられません",
    Status.OUT_OF_SCOPE: "この資料の対象ではありません",
    Status.BLOCKED: "この入力には答えられません",
}
STAGES = {
    "search": "文書を探しています…",
    "read": "見つかった箇所を読んでいます…",
    "model": "答えをまとめています…",
}
# What is said of a document's validity where a day before today was asked for.
OF_THAT_DAY = {
    "current": "この日に有効",
    "in_force": "この日に効力がありました",
    "not_in_force": "この日には効力がありませんでした",
}


def bar(service_name: str, person: Person) -> str:
    """Return the head of the page: its name, its two views, and who is there."""
    return _rendered("bar.html", name=service_name, person=person)


def asking(longest: int) -> str:
    """Return the form for questions of at most `longest` characters."""
    return _rendered("asking.html", longest=longest)


def keys() -> str:
    """Return the help on keys, which is shown when it is asked for."""
    return _rendered("help.html")


def documents_view(suffixes: Sequence[str], largest_mb: int) -> str:
    """Return the view of the documents before they are fetched."""
    return _rendered("documents.html", suffixes=suffixes, largest_mb=largest_mb)


def result(call: Call, today: date, person: Person) -> str:
    """Return the three panes of the lookup in sight, or the comparison that takes their place.

    A tester finds beside an answer the way to make a case of it.
    """
    if call.comparison:
        compared = call.comparison
        return _rendered("comparison.html", call=call, comparison=compared, mail=comparison_mail(compared, today))
    if not call.shown:
        return _rendered("start.html", call=call)
    given = {"call": call, "lookup": call.shown, "mail": mail(call.shown, today), "tests": person.may("tester")}
    return _rendered("panes.html", **given, w=_words(call.shown, today))


def waiting(call: Call, question: str, progress: Progress) -> str:
    """Return what is shown while an answer is on its way: the sentences that are certain, or the stage."""
    return _rendered("waiting.html", call=call, question=question, progress=progress)


def failed(call: Call, question: str) -> str:
    """Return what is shown where an answer could not be made: no earlier one, and the way to ask again."""
    return _rendered("failed.html", call=call, question=question)


def history(call: Call) -> str:
    """Return the questions of the call; nothing before the second one is of use."""
    return _rendered("history.html", call=call)


def problem(error: Exception) -> str:
    """Return what staff are told of an error."""
    return plain(problem_of(error).detail)


def spoken(answer: Answer) -> str:
    """Return what a screen reader says when the answer is there."""
    outcome = OUTCOMES.get(answer.status, "")
    sources = f"根拠は{len(places(answer))}件です。" if answer.citations else ""
    return plain(f"回答です。{outcome and f'{outcome}。'}{without_marks(without_remark(answer)[0])}{sources}")


def fragment(template: str, /, **given: Any) -> str:
    """Return a part of the page that its script fetches."""
    return _rendered(template, **given)


def _rendered(template: str, /, **given: Any) -> str:
    return _TEMPLATES.get_template(template).render(given)


def _words(lookup: Lookup, today: date) -> Words:
    words = read_words()["ja"]
    return {**words, **OF_THAT_DAY} if lookup.is_past(today) else words


def _sure_blocks(answer: Answer) -> tuple[Block, ...]:
    return without_remark(answer)[1]


def _of_document(source: Source) -> Source:
    """Return what a passage tells of its document alone."""
    return replace(source, section="", page=None)


_TEMPLATES = templates(Path(__file__).parent / "templates", up="..")
_TEMPLATES.filters.update(sure_blocks=_sure_blocks, of_document=_of_document, without_marks=without_marks)
_TEMPLATES.globals.update(
    reasons=REASONS, longest_comment=LONGEST_COMMENT, outcomes=OUTCOMES, stages=STAGES, checked=CHECKED
)
