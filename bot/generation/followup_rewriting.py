"""Rewrites a follow-up with a language model, which also proposes search queries; rejects rewrites that add content."""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

from bot.errors import ModelError
from bot.guardrails.prompt_injection import has_instructions
from bot.llm.call_budget import current_budget
from bot.llm.chat_model import ChatModel
from bot.llm.structured import TEXT, THOUGHTS, array_schema, object_schema, parse_object
from bot.llm.task import Task, escape_prompt_data
from bot.privacy.personal import mask_personal_data
from bot.question.query import JAPANESE, detect_language
from bot.rendering.answer_text import render_text
from bot.state import Exchange, Status, Step, Turn
from bot.state.citation_marks import escape_marks
from ingest.japanese import dates, nfkc, quantities
from ingest.japanese.dates import YEARLESS_DAY
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import morphemes, words

_log = logging.getLogger(__name__)
_EXCHANGES, _ANSWER_CHARS, _LONGEST = 3, 400, 150
# A statement is no question; a wish to know is one (知りたいです).
_STATES = re.compile(r"(?<!たい)(?:です|でした)[。.]?$|(?:ます|ました|ません|である)[。.]?$")
_DIGITS = re.compile(r"\d+")
_NAME_IN_LATIN = re.compile(r"[A-Za-z][A-Za-z&+.-]*[A-Za-z]")
# Share of its words that a rewriting has from the conversation: of 79 natural ones none lies below it, those about
# something else lie below .2 (decision 027).
_FROM_THE_TALK = 0.5
_MAX_QUERIES, _MAX_QUERY_CHARS = 3, 60
# About the tokens of a question and three queries.
_REPLY_TOKENS = 60
_SCHEMA = object_schema(question=TEXT, queries=array_schema(TEXT))


class LLMFollowUpRewriter:
    """The step that makes a follow-up stand alone, first by `rules`; a model rewrites it and proposes search queries.

    Both are one request. The result of the rules is used where the model fails or its rewriting is rejected.

    Args:
        rules: completes a follow-up without a model.
        chat: the models.
        queries_s: the seconds that proposing queries may take for one message. Nothing is proposed by models that take
            longer by their latest calls, nor with 0.

    """

    def __init__(self, rules: Step, chat: ChatModel, queries_s: float = 0.0) -> None:
        self._rules = rules
        self._chat = chat
        self._queries_s = queries_s
        self._task = Task("followup", chat, _SCHEMA)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its standalone text, the rules' text as its other wording, and the proposed queries.

        A question in another language stays as it is, and has its other wording in Japanese. A question in Japanese
        without a conversation is sent for its queries alone, a choice that was offered not at all.
        """
        ruled = self._rules(turn)
        history = turn.history[-_EXCHANGES:]
        language = detect_language(turn.texts.searched, turn.question.language)
        foreign = language != JAPANESE
        needs_rewriting = bool(history) or foreign
        queries_s = self._seconds_for_queries()
        is_asked = turn.question.by_model and (needs_rewriting or queries_s > 0)
        if not is_asked or ruled.draft is not None or (history and _is_certain(ruled, turn)):
            return ruled
        question = mask_personal_data(turn.texts.searched)
        try:
            reply = self._task.reply(
                inf if needs_rewriting else queries_s,
                conversation=format_conversation(history),
                question=escape_prompt_data(question),
                limit=str(_MAX_QUERIES if queries_s else 0),
            )
        except ModelError as error:
            _log.warning("質問を補うのに言語モデルを使えません: %s", error)
            return ruled
        text, queries = _read_reply(reply.text)
        if queries_s:
            ruled = replace(ruled, texts=replace(ruled.texts, proposed=select_queries(queries, question, language)))
        if not needs_rewriting:
            return ruled
        if (
            why := find_translation_problem(text, question, history)
            if foreign
            else find_rewrite_problem(text, question, history)
        ):
            _log.warning("言語モデルが補った質問を使えません: %s", why)
            return ruled
        if foreign:
            return replace(ruled, texts=replace(ruled.texts, alternative=text))
        otherwise = ruled.texts.searched if ruled.texts.searched != text else ""
        typed = turn.texts.searched if {*words(text)} - {*words(turn.texts.searched)} else ""
        return ruled.with_completed_text(text, typed=typed, alternative=otherwise)

    def _seconds_for_queries(self) -> float:
        """Return the seconds that are left for proposing queries; 0 where the model is too slow to be asked."""
        if self._chat.expected_s(_REPLY_TOKENS) > self._queries_s:
            return 0.0
        calls = [call for call in current_budget(0.0).calls if call.task == self._task.prompt.name]
        return max(0.0, self._queries_s - sum(call.milliseconds for call in calls) / 1000)


def _read_reply(reply: str) -> tuple[str, list[str]]:
    """Return the question and the queries of a reply; one that is no object is a question alone."""
    queries = list[str]()
    try:
        read = parse_object(reply, _SCHEMA)
    except ModelError:
        question = THOUGHTS.sub("", reply)
    else:
        question, queries = read["question"], read["queries"]
    return nfkc(question).strip().removeprefix("「").removesuffix("」"), queries


def select_queries(queries: Sequence[str], question: str, language: str) -> tuple[str, ...]:
    """Return up to three of the proposed queries that can be searched for besides a question in `language`.

    They are short, in Japanese or that language, and no orders to a model.
    """
    texts = dict.fromkeys(" ".join(nfkc(query).split()) for query in queries)
    usable = [
        text
        for text in texts
        if 0 < len(text) <= _MAX_QUERY_CHARS
        and text != question
        and detect_language(text) in (JAPANESE, language)
        and not has_instructions(text)
    ]
    return tuple(usable[:_MAX_QUERIES])


def find_rewrite_problem(text: str, question: str, history: Sequence[Exchange]) -> str:
    """Return why `text` cannot stand for the `question` after `history`, or nothing where it can; all are normalised.

    It is one question of at most 150 characters. Its names, dates and figures are the question's or the
    conversation's, and so are most of its other words; dates and figures of an unsure answer must not become facts. It
    is not the question before once more.
    """
    if not text or len(text) > _LONGEST or len(sentences(text)) != 1 or "\n" in text or _STATES.search(text):
        return "ひとつの短い質問ではありません"
    spoken = nfkc("\n".join([question, *(part for exchange in history for part in _parts(exchange))]))
    is_sure = [exchange.status is not Status.PARTIAL for exchange in history]
    sure = [part for exchange, sure in zip(history, is_sure, strict=True) for part in _parts(exchange, answer=sure)]
    stated = nfkc("\n".join([question, *sure]))
    if added := [*_added_dates(text, stated), *_added_figures(text, stated), *_added_names(text, spoken)]:
        return f"会話にない「{'、'.join(added)}」があります"
    said = set(words(text))
    if len(said & set(words(spoken))) < _FROM_THE_TALK * len(said):
        return "会話とは別のことを聞いています"
    asked, left = set(words(question)), _content(text)
    again = asked and not asked & said and any(left <= _content(exchange.understood) for exchange in history)
    return "前の質問を繰り返しています" if again else ""


def find_translation_problem(text: str, question: str, history: Sequence[Exchange]) -> str:
    """Return why `text` cannot be searched for as the `question` in Japanese, or nothing where it can.

    It is one short question, without numbers that nobody said.
    """
    if not text or len(text) > _LONGEST or "\n" in text or detect_language(text) != JAPANESE:
        return "ひとつの短い日本語の質問ではありません"
    spoken = nfkc("\n".join([question, *(part for exchange in history for part in _parts(exchange))]))
    added = set(_DIGITS.findall(text)) - set(_DIGITS.findall(spoken))
    return f"会話にない「{'、'.join(sorted(added))}」があります" if added else ""


def _content(text: str) -> set[str]:
    """Return the words of the text in their normal forms, those that ask among them."""
    return {m.normal for m in morphemes(text) if m.is_content}


def _parts(exchange: Exchange, *, answer: bool = True) -> tuple[str, ...]:
    text = render_text(exchange.parts, marks=False) if answer else ""
    return exchange.understood, exchange.subject, text, *exchange.suggestions


def _added_dates(text: str, spoken: str) -> Iterator[str]:
    """Yield the dates of the text of which no day was spoken of."""
    told = dates(spoken)
    dated = [text[m.start : m.end] for m in dates(text) if not any(m.covers(t) or t.covers(m) for t in told)]
    days = (match[0] for match in YEARLESS_DAY.finditer(text))
    return iter([*dated, *(day for day in days if day not in spoken)])


def _added_figures(text: str, spoken: str) -> Iterator[str]:
    """Yield the numbers of the text that were not spoken of, whatever they count."""
    told = {q.value for q in quantities(spoken)} | {q.value for q in quantities(re.sub(r"\D+", "、", spoken))}
    return (text[q.start : q.end] for q in quantities(text) if q.value not in told)


def _added_names(text: str, spoken: str) -> Iterator[str]:
    """Yield the proper names of the text, and what is in Latin letters, that were not spoken."""
    undated = _without_dates(text)
    proper = (m.surface for m in morphemes(undated, "C") if m.pos[1] == "固有名詞")
    latin = (match[0] for match in _NAME_IN_LATIN.finditer(undated))
    return (name for name in dict.fromkeys((*proper, *latin)) if name.lower() not in spoken.lower())


def _without_dates(text: str) -> str:
    for mention in reversed(dates(text)):
        text = f"{text[: mention.start]}、{text[mention.end :]}"
    return text


def _is_certain(ruled: Turn, turn: Turn) -> bool:
    """Whether the rules know what is meant: a choice that was offered, or the last question in easier words."""
    return ruled.texts.searched in turn.history[-1].suggestions or ruled.question != turn.question


def format_conversation(history: Sequence[Exchange]) -> str:
    """Return the last questions and answers, oldest first, as data of a prompt in which nothing looks like a mark."""
    last = history[-_EXCHANGES:]
    texts = [
        f"利用者: {mask_personal_data(exchange.understood)}\n"
        f"回答{'(確かではない)' if exchange.status is Status.PARTIAL else ''}: "
        f"{render_text(exchange.parts, marks=False)[:_ANSWER_CHARS]}"
        for exchange in last
    ]
    return escape_marks("\n".join(map(escape_prompt_data, texts)))
