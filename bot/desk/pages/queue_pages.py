"""The list of questions that wait for staff, the newest first."""

from dataclasses import replace
from datetime import timedelta

from fastapi.responses import HTMLResponse, JSONResponse

from bot.answering.privacy.personal import mask_personal_data
from bot.desk.pages.console import Console, OpenConsole, SentForm, console_router, done
from bot.running.storage.open_questions import OpenQuestion
from ingest.japanese.today import to_japan_date, today

KINDS = {"unanswered": "答えられなかった", "disliked": "役に立たなかった"}
SPANS = {"0": "今日", "6": "この7日", "30": "この31日"}
"""Filters by the greatest age of the last question, in days."""
QUESTIONS_PER_PAGE = 25
router = console_router()


@router.get("/staff/queue")
def show_queue(console: OpenConsole) -> HTMLResponse:
    kind, days = console.fields.one("kind"), console.fields.number("since", -1)
    questions = console.service.open_questions.all()
    if kind in KINDS:
        questions = [one for one in questions if getattr(one, kind)]
    if days >= 0:
        first = today() - timedelta(days=days)
        questions = [one for one in questions if to_japan_date(one.last) >= first]
    paging = console.paging([_for_reader(console, one) for one in questions], QUESTIONS_PER_PAGE)
    return console.page(
        "queue.html",
        "改善",
        area="queue",
        **paging,
        answers=console.service.open_questions.answers(one.answer_ids[0] for one in paging["items"]),
        asked={name: console.fields.one(name) for name in ("kind", "since")},
        kinds=KINDS,
        spans=SPANS,
    )


@router.post("/staff/queue/close")
def close_question(console: OpenConsole, form: SentForm) -> JSONResponse:
    console.service.open_questions.close(form.one("key"), console.person.require_publisher().name, form.one("reason"))
    return done(console.link("queue"), "対応しないことにしました。")


def _for_reader(console: Console, question: OpenQuestion) -> OpenQuestion:
    # Only editors read the personal data of comments.
    if console.person.may("editor"):
        return question
    return replace(question, comments=tuple(map(mask_personal_data, question.comments)))
