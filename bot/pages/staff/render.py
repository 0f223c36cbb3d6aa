"""Renders the console as HTML from templates."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.answers.source_line import strip_heading_mark
from bot.auth import Person
from bot.auth.page import masthead
from bot.curation.answerer import CHECKED
from bot.http.problems import to_problem
from bot.languages import Catalogue, catalogue
from bot.pages.staff.call import Call, Lookup, Source
from bot.pages.staff.compare import Comparison
from bot.pages.staff.mail import comparison_mail_text, mail_text
from bot.pages.staff.unavailable_documents import unavailability_notices
from bot.pages.views import view_link
from bot.pages.waiting import Progress
from bot.rendering.html.answer_parts import remove_marks, remove_uncertainty_remark
from bot.rendering.html.markup import escape_html, make_environment, render_template
from bot.rendering.referral import Referral
from bot.rendering.source_list import cited_sections
from bot.state import Answer, Block, Status

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
    "retrieve": "文書を探しています…",
    "relevance": "見つかった箇所を読んでいます…",
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
    return render_fragment("frame.html", areas=AREAS, help=HELP)


def question_form(longest: int) -> str:
    """Return the form for questions of at most `longest` characters."""
    return render_fragment("asking.html", longest=longest)


def render_lookup(
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
    lost = unavailability_notices(lookup.answer, gone)
    given = {"lookup": lookup, "mail": mail_text(lookup, today, site, lost), "tests": person.may("tester")}
    given |= {"gone": gone, "lost": lost}
    unsure = lookup.answer.status in OUTCOMES and lookup.answer.status is not Status.BLOCKED
    department = referral.department_for(lookup.answer) if referral and unsure else None
    return _call_html(call=call, **given, compares=compares, department=department, w=_day_catalogue(lookup, today))


def call(call: Call, question: str, progress: Progress | None = None) -> str:
    """Return what is shown while an answer is on its way: the sentences that are certain, or the stage.

    Without `progress` it could not be made: no earlier answer stands in its place, and the question is asked again.
    """
    return _call_html(call=call, question=question, progress=progress)


def render_comparison(call: Call, compared: Comparison, today: date, site: str) -> str:
    """Return the question in sight as the old and the new plan answer it."""
    copied = comparison_mail_text(compared, today, site)
    return render_fragment("comparison.html", call=call, comparison=compared, mail=copied, to=_lookup_link)


def problem(error: Exception) -> str:
    """Return what staff are told of an error."""
    return escape_html(to_problem(error).detail)


def screen_reader_text(answer: Answer) -> str:
    """Return what a screen reader says when the answer is there."""
    outcome = OUTCOMES.get(answer.status, "")
    sources = f"根拠は{len(cited_sections(answer))}件です。" if answer.citations else ""
    return escape_html(
        f"回答です。{outcome and f'{outcome}。'}{remove_marks(remove_uncertainty_remark(answer)[0])}{sources}"
    )


def render_fragment(template: str, /, **given: Any) -> str:
    """Return a template of this page, filled in."""
    return render_template(_TEMPLATES, template, **given)


def _call_html(**given: Any) -> str:
    nothing = {"lookup": None, "question": "", "progress": None, "department": None, "tests": False}
    return render_fragment("call.html", **{**nothing, **given}, to=_lookup_link)


def _lookup_link(call: Call, n: int, view: str = "ask") -> str:
    """Return the address of the `n`th question of a call, from 1."""
    return view_link(view, call=call.id, n=n)


def _day_catalogue(lookup: Lookup, today: date) -> Catalogue:
    words = catalogue()
    return {**words, **OF_THAT_DAY} if lookup.is_past(today) else words


def _sure_blocks(answer: Answer) -> tuple[Block, ...]:
    return remove_uncertainty_remark(answer)[1]


def _document_only(source: Source) -> Source:
    """Return what a passage tells of its document alone."""
    return replace(source, section="", page=None)


_TEMPLATES = make_environment(Path(__file__).parent / "templates", up="..")
_TEMPLATES.filters.update(
    sure_blocks=_sure_blocks, of_document=_document_only, without_mark=strip_heading_mark, without_marks=remove_marks
)
_TEMPLATES.globals.update(
    reasons=REASONS, longest_comment=LONGEST_COMMENT, outcomes=OUTCOMES, stages=STAGES, checked=CHECKED
)
