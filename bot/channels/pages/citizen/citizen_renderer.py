"""Renders the messages and texts of the citizens' chat from templates and message catalogues."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from markupsafe import escape

from bot.answering.languages import catalogue
from bot.answering.question.text_limits import MAX_QUESTION_CHARS
from bot.answering.rendering.cited_sections import attach_sections, cited_sections
from bot.answering.rendering.source_line import strip_heading_mark
from bot.answering.state import Answer, Paragraph, Status
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.html.furigana import add_furigana
from bot.channels.html.markup import html_to_markdown, make_environment, render_template
from bot.channels.pages.citizen.answering_pool import AnswerProgress
from bot.channels.pages.citizen.conversation import (
    Conversation,
    DisplayedAnswer,
    Welcome,
    split_contact,
    translate_offered_question,
)
from bot.channels.pages.citizen.reader_texts import (
    is_message,
    notice_texts,
    shown_parts,
    spoken_texts,
    tagged_text,
    text_to_copy,
)
from bot.running.http.problems import ProblemDetails, to_problem
from bot.running.office.office import Office, PersonalHelp

_TEMPLATES = Path(__file__).parent / "templates"
MAX_COMMENT_CHARS = 500
# Greetings, refusals and choices are not answers that could have helped.
UNRATED = frozenset({Status.SMALLTALK, Status.BLOCKED, Status.CLARIFY, Status.OUT_OF_SCOPE})
# Message keys of the heading above the next questions; `next` for all others.
_HEADINGS = {
    Status.CLARIFY: "choose",
    Status.NO_ANSWER: "answerable",
    Status.OUT_OF_SCOPE: "answerable",
    Status.BLOCKED: "answerable",
    Status.SMALLTALK: "answerable",
}
# Problems that pass by themselves.
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question that is being answered, and how far the answer has come."""

    question: str
    progress: AnswerProgress = field(default_factory=AnswerProgress)


class CitizenRenderer:
    """Renders the parts of one office's chat in the reader's language; `by_model` if a language model answers."""

    def __init__(self, office: Office, *, by_model: bool = False) -> None:
        self._office = office
        self._templates = make_environment(_TEMPLATES, up=".")
        self._templates.filters.update(
            contacts=split_contact, notice_texts=notice_texts, without_mark=strip_heading_mark
        )
        self._templates.globals.update(
            office=office, offer=translate_offered_question, headings=_HEADINGS, by_model=by_model
        )

    def name(self, preferences: DisplayPreferences) -> str:
        return self._markdown("name.html", preferences)

    def welcome(self, welcome: Welcome, preferences: DisplayPreferences) -> str:
        problem = welcome.problem and _problem_text(welcome.problem, preferences)
        return self._markdown("welcome.html", preferences, welcome=welcome, problem=problem)

    def scope(self, welcome: Welcome, help_: PersonalHelp, preferences: DisplayPreferences) -> str:
        return self._markdown("scope.html", preferences, welcome=welcome, help=help_)

    def note(self, welcome: Welcome, preferences: DisplayPreferences, *, is_resumed: bool = False) -> str:
        settings = {
            **preferences.words["browser"],
            "limit": MAX_QUESTION_CHARS,
            "label": preferences.words["entry"]["label"],
            "speech": {
                "lang": preferences.language,
                "furigana": str(int(preferences.furigana)),
                "size": preferences.size,
            },
        }
        settings_json = json.dumps(settings, ensure_ascii=False)
        return self._markdown("note.html", preferences, welcome=welcome, settings=settings_json, is_resumed=is_resumed)

    def unready(self, preferences: DisplayPreferences) -> str:
        return self._render("unready.html", preferences, help=self._office.help_at(datetime.now(UTC)))

    def messages(self, conversation: Conversation, waiting: PendingQuestion | None = None) -> list[dict[str, Any]]:
        preferences = conversation.preferences
        turns = []
        for displayed in conversation.answers:
            turns.append(self._question(displayed.question, preferences, displayed.answer.answer_id))
            values = self._answer_values(displayed.answer, preferences)
            copied = text_to_copy(displayed, self._office.name, preferences)
            article = self._markdown("article.html", preferences, one=displayed, copied=copied, **values)
            turns.append({"role": "assistant", "content": article})
        if waiting:
            provisional = waiting.progress.provisional
            values = self._answer_values(provisional, preferences) if provisional else {}
            pending = self._markdown("waiting.html", preferences, waiting=waiting, **values)
            return [*turns, self._question(waiting.question, preferences), {"role": "assistant", "content": pending}]
        if conversation.answers:
            offered = [
                (one, translate_offered_question(one, preferences).whole) for one in conversation.answers[-1].further
            ]
            turns[-1]["options"] = [{"value": question, "label": label} for question, label in offered]
        return turns

    def reason_choices(self, preferences: DisplayPreferences) -> list[tuple[str, str]]:
        """Return the reasons against an answer in the reader's language, each with the Japanese one to record."""
        return [(preferences.words["reasons"][name], reason) for name, reason in catalogue()["reasons"].items()]

    def thanks(self, displayed: DisplayedAnswer, preferences: DisplayPreferences) -> str:
        return self._markdown("thanks.html", preferences, one=displayed)

    def problem(self, error: Exception, preferences: DisplayPreferences, *, is_question_kept: bool = False) -> str:
        problem = to_problem(error)
        seconds = (getattr(error, "headers", None) or {}).get("Retry-After", "")
        detail = _problem_text(problem, preferences, seconds)
        is_busy = problem.status in _BUSY
        return self._markdown(
            "problem.html", preferences, detail=detail, kept=is_question_kept, busy=is_busy, seconds=seconds
        )

    def spoken(self, answer: Answer, preferences: DisplayPreferences) -> str:
        texts = spoken_texts(answer, self._office.contact, preferences)
        return "".join(f'<span lang="{text.tag}">{text.words}</span>' for text in texts)

    def announcement(self, text: str) -> str:
        return html_to_markdown(f"<p>{escape(text)}</p>")

    def _question(self, question: str, preferences: DisplayPreferences, answer_id: str = "") -> dict[str, Any]:
        content = self._markdown("question.html", preferences, question=question, answer_id=answer_id)
        return {"role": "user", "content": content}

    def _answer_values(self, answer: Answer, preferences: DisplayPreferences) -> dict[str, Any]:
        parts = shown_parts(answer, self._office.contact)
        language = answer.content.language
        tag = tagged_text(parts[0], language, preferences).tag if parts else "ja"
        if not answer.citations and not preferences.is_japanese and all(map(is_message, parts)):
            language = preferences.language
        sections = cited_sections(answer)
        attached, others = attach_sections(parts, sections)
        return {
            "attached": attached,
            "others": others,
            "numbers": {citation.n: section.first.n for section in sections for citation in section.citations},
            "language": language,
            "tag": tag if all(isinstance(part, Paragraph) for part in parts) else "ja",
        }

    def _markdown(self, template: str, preferences: DisplayPreferences, **values: Any) -> str:
        html = self._render(template, preferences, **values)
        return html_to_markdown(add_furigana(html, preferences.words["tag"]) if preferences.furigana else html)

    def _render(self, template: str, preferences: DisplayPreferences, **values: Any) -> str:
        return render_template(self._templates, template, w=preferences.words, preferences=preferences, **values)


def _problem_text(problem: ProblemDetails, preferences: DisplayPreferences, seconds: str = "") -> str:
    problems = preferences.words["problems"]
    if preferences.language == "ja":
        return problem.detail
    return str(problems.get(str(problem.status), problems["500"])).format(seconds=seconds)
