"""Rewrites a follow-up with a language model, which also proposes search queries; rejects rewrites that add content."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from math import inf

from pydantic import BaseModel, ConfigDict

from bot.answering.llm.chat_model import ChatModel, Task, escape_prompt_data, parse_object
from bot.answering.question.language import detect_language
from bot.answering.rendering.answer_text import render_text
from bot.answering.state import Exchange, Status, Step, Turn
from bot.answering.state.citation_marks import escape_marks
from bot.answering.state.query import JAPANESE
from bot.answering.verification.literals import LiteralKind, is_in_question, literals
from bot.errors import ModelError
from ingest.guardrails.prompt_injection import has_instructions
from ingest.japanese import nfkc
from ingest.japanese.normal_forms import normalise_figures
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import morphemes, words

_log = logging.getLogger(__name__)
# Earlier questions and answers that the model reads.
_MAX_EXCHANGES = 3
# Characters of each earlier answer.
_MAX_ANSWER_CHARACTERS = 400
# Characters of a rewritten question.
_MAX_QUESTION_CHARACTERS = 150
# A statement is no question; a wish to know is one (知りたいです).
_ENDS_AS_STATEMENT = re.compile(r"(?<!たい)(?:です|でした)[。.]?$|(?:ます|ました|ません|である)[。.]?$")
# Brackets around all of a rewritten question, not those of a name in it.
_QUOTED_WHOLE = re.compile("^「([^「」]*)」$")
_DIGITS = re.compile(r"\d+")
# Share of the words of a rewriting that the conversation has: none of 79 natural ones is below, those about something
# else are below .2 (decision 028).
_MIN_SHARED_WORDS = 0.5
# Search queries that a model may propose.
_MAX_QUERIES = 3
# Characters of a proposed query.
_MAX_QUERY_CHARACTERS = 60
# Seconds that a question which needs no rewriting waits for queries.
_QUERIES_S = 3.0


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")
    question: str
    queries: list[str]


class LLMFollowUpRewriter:
    """The step that makes a follow-up stand alone, first by `rules`; a model rewrites it and proposes search queries.

    Both are one request. The result of the rules is used if the model fails or its rewriting is rejected.

    Args:
        rules: completes a follow-up without a model.
        proposes_queries: whether a question that needs no rewriting is sent for queries too.
    """

    def __init__(self, rules: Step, chat: ChatModel, *, proposes_queries: bool) -> None:
        self._rules = rules
        self._proposes_queries = proposes_queries
        self._task = Task("followup", chat, _Reply)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its standalone text, the rules' text as its other wording, and the proposed queries.

        A question in another language stays as it is, and has its other wording in Japanese. A question in Japanese
        without a conversation is sent for its queries alone, a choice that was offered not at all.
        """
        ruled = self._rules(turn)
        history = turn.history[-_MAX_EXCHANGES:]
        typed = turn.texts.searched
        language = detect_language(typed.text, turn.question.language)
        is_foreign = language != JAPANESE
        needs_rewriting = bool(history) or is_foreign
        # The questions of a message with several are only searched one by one: the answering model reads it whole.
        is_only_searched = bool(turn.texts.as_written)
        is_asked = turn.question.by_model and not is_only_searched and (needs_rewriting or self._proposes_queries)
        if (
            not is_asked
            or ruled.draft is not None
            or (history and ruled.texts.searched.text in history[-1].suggestions)
        ):
            return ruled
        question = typed.masked
        try:
            reply = self._task.reply(
                inf if needs_rewriting else _QUERIES_S,
                conversation=format_conversation(history),
                question=escape_prompt_data(question),
                limit=str(_MAX_QUERIES if self._proposes_queries else 0),
            )
            completed = parse_object(reply, _Reply)
        except ModelError as error:
            _log.warning("質問を補うのに言語モデルを使えません: %s", error)
            return ruled
        text = _QUOTED_WHOLE.sub(r"\1", nfkc(completed.question).strip())
        if self._proposes_queries:
            proposed = select_queries(completed.queries, question, language)
            ruled = replace(ruled, texts=replace(ruled.texts, proposed=proposed))
        if not needs_rewriting:
            return ruled
        find_problem = find_translation_problem if is_foreign else find_rewrite_problem
        if problem := find_problem(text, question, history):
            _log.warning("言語モデルが補った質問を使えません: %s", problem)
            return ruled
        if is_foreign:
            return replace(ruled, texts=replace(ruled.texts, alternative=typed.with_text(text)))
        otherwise = ruled.texts.searched.text
        return ruled.with_completed_text(
            text,
            typed=typed.text if {*words(text)} - {*words(typed.text)} else "",
            alternative=otherwise if otherwise != text else "",
        )


def select_queries(queries: Sequence[str], question: str, language: str) -> tuple[str, ...]:
    """Return up to three of the proposed queries that can be searched for besides a question in `language`.

    They are short, in Japanese or that language, and without instructions to a model.
    """
    texts = dict.fromkeys(" ".join(nfkc(query).split()) for query in queries)
    usable = [
        text
        for text in texts
        if 0 < len(text) <= _MAX_QUERY_CHARACTERS
        and text != question
        and detect_language(text) in (JAPANESE, language)
        and not has_instructions(text)
    ]
    return tuple(usable[:_MAX_QUERIES])


def find_rewrite_problem(text: str, question: str, history: Sequence[Exchange]) -> str:
    """Return why `text` cannot replace the `question` after `history`, "" if it can; all are normalised.

    It must be a single question in Japanese of at most 150 characters, without instructions to a model. Its names,
    dates, figures and most of its other words must be in the question or the conversation; dates and figures of unsure
    answers do not count. It must not repeat an earlier question.
    """
    if not _is_short_japanese(text) or len(sentences(text)) != 1 or _ENDS_AS_STATEMENT.search(text):
        return "ひとつの短い日本語の質問ではありません"
    conversation = _conversation_text(question, history)
    without_unsure = _conversation_text(question, history, with_unsure=False)
    added = [
        literal.written
        for literal in literals(normalise_figures(text))
        if not is_in_question(literal, conversation if literal.kind is LiteralKind.NAME else without_unsure)
    ]
    if added:
        return f"会話にない「{'、'.join(added)}」があります"
    rewritten_words = set(words(text))
    if len(rewritten_words & set(words(conversation))) < _MIN_SHARED_WORDS * len(rewritten_words):
        return "会話とは別のことを聞いています"
    question_words = set(words(question))
    if not question_words or question_words & rewritten_words:
        return ""
    repeats = any(_content(text) <= _content(exchange.understood.masked) for exchange in history)
    return "前の質問を繰り返しています" if repeats else ""


def find_translation_problem(text: str, question: str, history: Sequence[Exchange]) -> str:
    """Return why `text` cannot be searched for as the `question` in Japanese, "" if it can.

    It must be a short question without instructions to a model, and without numbers that the conversation lacks.
    """
    if not _is_short_japanese(text):
        return "ひとつの短い日本語の質問ではありません"
    added = set(_DIGITS.findall(text)) - set(_DIGITS.findall(_conversation_text(question, history)))
    return f"会話にない「{'、'.join(sorted(added))}」があります" if added else ""


def _is_short_japanese(text: str) -> bool:
    is_short = 0 < len(text) <= _MAX_QUESTION_CHARACTERS and "\n" not in text
    return is_short and detect_language(text) == JAPANESE and not has_instructions(text)


def _content(text: str) -> set[str]:
    return {word.normal for word in morphemes(text) if word.is_content}


def _conversation_text(question: str, history: Sequence[Exchange], *, with_unsure: bool = True) -> str:
    texts = [question]
    for exchange in history:
        is_included = with_unsure or exchange.status is not Status.PARTIAL
        answer = render_text(exchange.parts, marks=False) if is_included else ""
        texts += (exchange.understood.masked, exchange.subject, answer, *exchange.suggestions)
    return normalise_figures(nfkc("\n".join(texts)))


def format_conversation(history: Sequence[Exchange]) -> str:
    """Return the last questions and answers, oldest first, as data of a prompt in which nothing looks like a mark."""
    last = history[-_MAX_EXCHANGES:]
    texts = [
        f"利用者: {exchange.understood.masked}\n"
        f"回答{'(確かではない)' if exchange.status is Status.PARTIAL else ''}: "
        f"{_describe_answer(exchange)[:_MAX_ANSWER_CHARACTERS]}"
        for exchange in last
    ]
    return escape_marks("\n".join(map(escape_prompt_data, texts)))


def _describe_answer(exchange: Exchange) -> str:
    if exchange.status is Status.NO_ANSWER:
        shown = "近い箇所として示したもの:" if exchange.related else ""
        return "\n".join((f"見つからなかった。{shown}", *exchange.related))
    return render_text(exchange.parts, marks=False) or "この質問への答えは、ここにはない。"
