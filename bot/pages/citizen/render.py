"""Renders the citizen's page as HTML from templates and message catalogues."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any

from bot.answers.source_line import strip_heading_mark
from bot.http.problems import to_problem
from bot.languages import LANGUAGES, catalogue
from bot.office import Office, PersonalHelp
from bot.pages.citizen.answer_layout import AnswerLayout, lay_out_answer, translate_text
from bot.pages.citizen.contact import split_contact
from bot.pages.citizen.conversation import Conversation, DisplayedAnswer
from bot.pages.citizen.offered_question import translate_offered_question
from bot.pages.citizen.plain_text import screen_reader_texts, text_to_copy
from bot.pages.citizen.welcome import Welcome
from bot.pages.waiting import Progress
from bot.rendering.html.furigana import add_furigana
from bot.rendering.html.markup import (
    escape_html,
    html_to_markdown,
    make_environment,
    render_template,
    translate_own_words,
)
from bot.rendering.html.speech import Speech
from bot.state import Answer, Status

HERE = Path(__file__).parent
LONGEST_COMMENT = 500
# A greeting and a refusal are no answers that could have helped; a choice is not yet one.
UNRATED = frozenset({Status.SMALLTALK, Status.BLOCKED, Status.CLARIFY, Status.OUT_OF_SCOPE})
# What stands over the questions that may come next.
HEADED = {
    Status.CLARIFY: "choose",
    Status.NO_ANSWER: "answerable",
    Status.OUT_OF_SCOPE: "answerable",
    Status.BLOCKED: "answerable",
    Status.SMALLTALK: "answerable",
}
# What will be over by itself; the others the reader mends or reports.
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question whose answer is on its way, and how far that has come."""

    question: str
    progress: Progress = field(default_factory=Progress)


class CitizenRenderer:
    """Makes the HTML of the page of one office, in the words that a reader chose; `by_model` where a model answers."""

    def __init__(self, office: Office, max_question_chars: int, *, by_model: bool = False) -> None:
        self._office = office
        self._max_question_chars = max_question_chars
        self._changes = count()
        self._templates = make_environment(HERE / "templates", up=".")
        self._templates.filters.update(contacts=split_contact, said_in=translate_text, without_mark=strip_heading_mark)
        self._templates.globals.update(
            office=office,
            longest_comment=LONGEST_COMMENT,
            unrated=UNRATED,
            offer=translate_offered_question,
            headed=HEADED,
            reasons=catalogue()["reasons"],
            catalogues={one: catalogue(one) for one in LANGUAGES},
            by_model=by_model,
        )

    def first(self, begun: Welcome, help_: PersonalHelp, speech: Speech) -> str:
        """Return the page as it comes from the server.

        What the browser says by itself, and how it shows a question that has been sent, stand in it; without documents
        it says why there are none.
        """
        own = {"language": speech.language, "furigana": str(int(speech.furigana))}
        said = {
            **speech.words["browser"],
            "limit": self._max_question_chars,
            "speech": own if speech.language != "ja" or speech.furigana else None,
        }
        made = self._render(
            "first.html",
            speech,
            said=json.dumps(said, ensure_ascii=False),
            waiting=PendingQuestion(""),
            begun=begun,
            problem=begun.problem and self._problem_text(begun.problem.status, begun.problem.detail, speech),
            help=help_,
        )
        return add_furigana(made, speech.words["tag"]) if speech.furigana else made

    def change(self, speech: Speech, **pieces: str) -> str:
        """Return what changes on the page: HTML by the id of what it stands in; an `article` is a turn.

        No two are the same text: what is told twice would be no change in the browser.
        """
        made = (html if name == "article" else f'<div id="{name}">{html}</div>' for name, html in pieces.items())
        whole = f'<div data-change="{next(self._changes)}">{"".join(made)}</div>'
        return html_to_markdown(add_furigana(whole, speech.words["tag"]) if speech.furigana else whole)

    def talk(self, conversation: Conversation, waiting: PendingQuestion | None = None) -> str:
        """Return every question with its answer, and the one that waits for its answer."""
        turns = [self._turn_values(one, conversation.speech) for one in conversation.shown]
        return self._render("talk.html", conversation.speech, turns=turns, waiting=waiting)

    def article(self, shown: DisplayedAnswer, speech: Speech) -> str:
        """Return a question with its answer."""
        one, answer, text = self._turn_values(shown, speech)
        return self._render("article.html", speech, one=one, told=answer, copied=text)

    def waiting(self, waiting: PendingQuestion, speech: Speech) -> str:
        """Return a question whose answer is on its way."""
        return self._render("waiting.html", speech, waiting=waiting)

    def vote_confirmation(self, shown: DisplayedAnswer, speech: Speech) -> str:
        """Return what stands in the place for votes once there is one."""
        return self._render("thanked.html", speech, one=shown)

    def problem(self, error: Exception, speech: Speech, *, kept: bool = False) -> str:
        """Return what went wrong and what to do; `kept` where the question has gone back into the box."""
        told = to_problem(error)
        seconds = (getattr(error, "headers", None) or {}).get("Retry-After", "")
        detail = self._problem_text(told.status, told.detail, speech, seconds)
        return self._render("problem.html", speech, detail=detail, kept=kept, busy=told.status in BUSY, seconds=seconds)

    def spoken(self, answer: Answer, speech: Speech) -> str:
        """Return what a screen reader says of an answer."""
        heard = screen_reader_texts(answer, lay_out_answer(answer, speech, self._office.contact), speech)
        return "".join(
            f'<span lang="{one.tag}">'
            f"{translate_own_words(one.words, speech) if one.leads else escape_html(one.words)}</span>"
            for one in heard
        )

    def received(self, speech: Speech) -> str:
        """Return what a screen reader says of a vote."""
        return escape_html(speech.words["feedback"]["received"])

    def _problem_text(self, status: int, detail: str, speech: Speech, seconds: str = "") -> str:
        """Return a problem in the reader's words: the Japanese detail is the more exact one."""
        problems = speech.words["problems"]
        return detail if speech.language == "ja" else problems.get(str(status), problems["500"]).format(seconds=seconds)

    def _turn_values(self, shown: DisplayedAnswer, speech: Speech) -> tuple[DisplayedAnswer, AnswerLayout, str]:
        """Return what the template of a turn shows: it, its answer as told, and what is copied of it."""
        answer = lay_out_answer(shown.answer, speech, self._office.contact)
        return shown, answer, text_to_copy(shown, self._office.name, speech)

    def _render(self, template: str, speech: Speech, **values: Any) -> str:
        return render_template(self._templates, template, w=speech.words, speech=speech, **values)
