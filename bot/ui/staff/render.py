"""What the console shows, as HTML: templates escape every word of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.answer import Answer, Block, Status
from bot.answerers.curated import CHECKED
from bot.answerers.leads import without_mark
from bot.http.problems import problem_of
from bot.languages import Catalogue, catalogue
from bot.pages.markup import filled, plain, templates
from bot.pages.pieces import without_marks, without_remark
from bot.referral import Referral
from bot.sign_in import Person
from bot.sign_in.page import masthead
from bot.sources import places
from bot.ui.staff.call import Call, Lookup, Source
from bot.ui.staff.compare import Comparison
from bot.ui.staff.gone import gone_notices
from bot.ui.staff.mail import comparison_mail, mail
from bot.ui.views import link
from bot.ui.waiting import Progress

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


AREAS = (
    ("ask", "調べる", "l"),
    ("calls", "これまでの通話", ""),
    ("documents", "文書", "d"),
    ("departments", "課と窓口", ""),
    ("numbers", "報告と公開", ""),
)
"""The views of the page that stand over it: name, what it is called, and its key."""
HELP = (
    ("/", "質問の欄へ"),
    ("Enter", "調べる。箇所の上では、開く・閉じる"),
    ("j ↓", "次の箇所"),
    ("k ↑", "前の箇所"),
    ("c", "回答を根拠ごとコピー（メールに貼れる形）"),
    ("v", "新旧の計画を比べる・もどる"),
    ("w", "「この回答は違う」を開く"),
    ("h", "この通話で調べたことへ"),
    ("n", "新しい通話"),
    ("l", "調べる画面へ"),
    ("d", "文書の画面へ"),
    ("?", "この説明"),
)


def bar(service_name: str, person: Person) -> str:
    """Return the head of the page: its name, the other pages, and who is there."""
    return masthead(service_name, "/staff/", person)


def frame() -> str:
    """Return what stands over every view: the way to the others, and the help on keys."""
    return fragment("frame.html", areas=AREAS, help=HELP)


def asking(longest: int) -> str:
    """Return the form for questions of at most `longest` characters."""
    return fragment("asking.html", longest=longest)


def result(
    call: Call,
    today: date,
    person: Person,
    referral: Referral | None,
    site: str,
    *,
    gone: Mapping[str, str],
    compares: bool,
) -> str:
    """Return the lookup in sight, with the history of the call: answer, passages, documents.

    A tester finds beside an answer the way to make a case of it; an answer that was not found names its department.
    `site` is where citizens read the documents; `compares` is whether one of them replaces another.
    `gone` are documents that answer no more, each with what became of it.
    """
    lookup = call.shown
    if lookup is None:
        return _call_html(call=call)
    lost = gone_notices(lookup.answer, gone)
    given = {"lookup": lookup, "mail": mail(lookup, today, site, lost), "tests": person.may("tester")}
    given |= {"gone": gone, "lost": lost}
    unsure = lookup.answer.status in OUTCOMES and lookup.answer.status is not Status.BLOCKED
    department = referral.department_for(lookup.answer) if referral and unsure else None
    return _call_html(call=call, **given, compares=compares, department=department, w=_words(lookup, today))


def call(call: Call, question: str, progress: Progress | None = None) -> str:
    """Return what is shown while an answer is on its way: the sentences that are certain, or the stage.

    Without `progress` it could not be made: no earlier answer stands in its place, and the question is asked again.
    """
    return _call_html(call=call, question=question, progress=progress)


def comparison(call: Call, compared: Comparison, today: date, site: str) -> str:
    """Return the question in sight as the old and the new plan answer it."""
    copied = comparison_mail(compared, today, site)
    return fragment("comparison.html", call=call, comparison=compared, mail=copied, to=_to)


def problem(error: Exception) -> str:
    """Return what staff are told of an error."""
    return plain(problem_of(error).detail)


def spoken(answer: Answer) -> str:
    """Return what a screen reader says when the answer is there."""
    outcome = OUTCOMES.get(answer.status, "")
    sources = f"根拠は{len(places(answer))}件です。" if answer.citations else ""
    return plain(f"回答です。{outcome and f'{outcome}。'}{without_marks(without_remark(answer)[0])}{sources}")


def fragment(template: str, /, **given: Any) -> str:
    """Return a template of this page, filled in."""
    return filled(_TEMPLATES, template, **given)


def _call_html(**given: Any) -> str:
    nothing = {"lookup": None, "question": "", "progress": None, "department": None, "tests": False}
    return fragment("call.html", **{**nothing, **given}, to=_to)


def _to(call: Call, n: int, view: str = "ask") -> str:
    """Return the address of the `n`th question of a call, from 1."""
    return link(view, call=call.id, n=n)


def _words(lookup: Lookup, today: date) -> Catalogue:
    words = catalogue()
    return {**words, **OF_THAT_DAY} if lookup.is_past(today) else words


def _sure_blocks(answer: Answer) -> tuple[Block, ...]:
    return without_remark(answer)[1]


def _of_document(source: Source) -> Source:
    """Return what a passage tells of its document alone."""
    return replace(source, section="", page=None)


_TEMPLATES = templates(Path(__file__).parent / "templates", up="..")
_TEMPLATES.filters.update(
    sure_blocks=_sure_blocks, of_document=_of_document, without_mark=without_mark, without_marks=without_marks
)
_TEMPLATES.globals.update(
    reasons=REASONS, longest_comment=LONGEST_COMMENT, outcomes=OUTCOMES, stages=STAGES, checked=CHECKED
)
