"""Answers with text from a language model, after verification against the passages."""

import logging
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace

from bot.answers.no_answer import NoAnswer
from bot.errors import ModelError
from bot.generation.answer_writer import AnswerWriter, format_faulty_parts
from bot.generation.followup_rewriting import format_conversation
from bot.generation.generate import Generator
from bot.generation.judging import ClaimJudge, EntailmentJudge
from bot.generation.materials import MaterialsSelector, as_prompt_data, describe_situation
from bot.generation.reply_lines import normalise_line, strip_marks_and_markup
from bot.generation.reply_units import ReplyUnit
from bot.generation.structured_reply import MarkedReply, ObjectReply, parse_reply
from bot.llm.task import Value
from bot.privacy.personal import mask_personal_data
from bot.question.query import JAPANESE
from bot.state import Draft, Statement, Status, Turn, message, paragraph
from ingest.index.index import Index

_log = logging.getLogger(__name__)
_REVISED = re.compile(r"^\s*(\d{1,2})\s?[:：]\s*(.*)$", re.MULTILINE)
_NOTHING = re.compile(r"なし[。.]?|-*")
_MIN_CHOICES, _MAX_CHOICES = 2, 4
_MAX_QUESTION_LENGTH = 100

Reply = ObjectReply | MarkedReply
OnText = Callable[[str], None]


class GeneratedAnswerer:
    """Answers with a language model wherever passages were retrieved; its "no answer" counts as an answer.

    `no_answer` words that in the service's own messages.
    """

    def __init__(self, generator: Generator, index: Index, no_answer: NoAnswer) -> None:
        self._generator = generator
        self._read = MaterialsSelector(index)
        self._no_answer = no_answer

    def __call__(self, turn: Turn, on_text: OnText | None = None) -> Draft | None:
        """Return the verified sentences of the model's reply; None where the model fails or no sentence is verified.

        `on_text` receives each sentence as soon as it is verified. If the model breaks off after that, or the asker
        stops it, these sentences are the answer, with the status partial.
        """
        if not turn.hits:
            return None
        materials = self._read(turn)
        language = turn.query.answer_language if turn.query else JAPANESE
        question = mask_personal_data(turn.text)
        judge = ClaimJudge(materials.premises, question, self._generator.rules, language)
        sense = EntailmentJudge(self._generator, materials, question)
        writing = AnswerWriter(judge, materials.passages, sense, on_text)
        asked: dict[str, Value] = {
            "situation": describe_situation(turn),
            "passages": list(materials.frames),
            "question": as_prompt_data(question),
        }
        try:
            draft = self._draft_from_reply(turn, asked, writing, judge, streamed=on_text is not None)
        except ModelError as error:
            _log.warning("言語モデルの回答を使えません: %s", error)
            draft = None
        if draft is None and writing.has_grounded_text:
            draft = writing.draft()
            draft = replace(draft, status=Status.PARTIAL, notices=(*draft.notices, paragraph(message("cut_short"))))
        return draft and replace(draft, rejected=writing.rejected())

    def _draft_from_reply(
        self, turn: Turn, asked: Mapping[str, Value], writing: AnswerWriter, judge: ClaimJudge, *, streamed: bool
    ) -> Draft | None:
        """Return the draft of a complete reply. Raises ModelError."""
        reply, aside = self._read_reply(turn, asked, writing, streamed=streamed)
        self._revise(asked, writing)
        writing.close()
        if writing.has_grounded_text:
            draft = writing.draft()
            return draft if reply.status == "answered" else replace(draft, status=Status.PARTIAL)
        if reply.status == "clarify":
            return _clarification(aside, reply.choices, judge, writing.model)
        if reply.status == "not_found" or writing.abstains:
            return replace(self._no_answer(turn), generator=writing.model)
        return None

    def _read_reply(
        self, turn: Turn, asked: Mapping[str, Value], writing: AnswerWriter, *, streamed: bool
    ) -> tuple[Reply, list[ReplyUnit]]:
        """Pass the reply to the writer, sentence by sentence if `streamed`, and return it.

        The units of a clarifying question or of no answer are returned apart. Raises ModelError.
        """
        variables = {**asked, "conversation": format_conversation(turn.history)}
        if not streamed:
            complete = self._generator.answer.reply(**variables)
            writing.model = complete.model
            return _consume_reply(parse_reply([complete.text]), writing)
        with closing(self._generator.answer.stream(**variables)) as stream:
            writing.model = stream.model
            return _consume_reply(parse_reply(stream), writing)

    def _revise(self, variables: Mapping[str, Value], writing: AnswerWriter) -> None:
        """Ask the model once to revise its faulty sentences, and pass its revisions to the writer."""
        wrong = writing.wrong()
        if not wrong:
            return
        try:
            reply = self._generator.revision.reply(**variables, wrong=as_prompt_data(format_faulty_parts(wrong))).text
        except ModelError as error:
            _log.warning("言語モデルに文を直させることができません: %s", error)
            return
        revisions = {int(n): normalise_line(text).strip() for n, text in _REVISED.findall(reply)}
        for n, part in enumerate(wrong, 1):
            text = revisions.get(n, "")
            writing.revise(part, "" if _NOTHING.fullmatch(text) else text)


def _consume_reply(reply: Reply, writing: AnswerWriter) -> tuple[Reply, list[ReplyUnit]]:
    aside = []
    for unit in reply.units():
        if reply.status in ("clarify", "not_found"):
            aside.append(unit)
        else:
            writing.take(unit)
    return reply, aside


def _clarification(asked: list[ReplyUnit], choices: tuple[str, ...], judge: ClaimJudge, model: str) -> Draft | None:
    """Return the model's clarifying question with its choices; None where it has ungrounded claims."""
    question = "".join(
        strip_marks_and_markup(sentence.text) for unit in asked for sentence in (*unit.sentences, *unit.items)
    ).strip()
    offered = tuple(choice for choice in (strip_marks_and_markup(c).strip() for c in choices[:_MAX_CHOICES]) if choice)
    texts = (question, *offered)
    if (
        not question
        or len(offered) < _MIN_CHOICES
        or any(len(t) > _MAX_QUESTION_LENGTH or judge.has_ungrounded_claims(t) for t in texts)
    ):
        return None
    return Draft((paragraph(Statement(question)),), status=Status.CLARIFY, generator=model, suggestions=offered)
