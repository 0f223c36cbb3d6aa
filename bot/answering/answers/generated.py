"""Answers with text from a language model, after verification against the passages."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from bot.answering.answers.related_passages import NoAnswer
from bot.answering.llm.chat_model import PromptValue
from bot.answering.model_answers.answer_writer import AnswerWriter
from bot.answering.model_answers.followup_rewriting import format_conversation
from bot.answering.model_answers.generate import Generator
from bot.answering.model_answers.judge import Verdict
from bot.answering.model_answers.materials import Materials, MaterialsSelector, as_prompt_data, describe_situation
from bot.answering.model_answers.reply import Reply
from bot.answering.state import Draft, Hit, Statement, Status, Turn, paragraph, service_message
from bot.answering.state.query import JAPANESE
from bot.answering.verification.statements import CitedStatement
from bot.errors import ModelError
from ingest.documents import Passage
from ingest.index.index import Index
from ingest.japanese import nfkc

_log = logging.getLogger(__name__)
# A line of the situation, with which the model writes its answer once more.
_CORRECTION = "\n前に書いた答えの文「{text}」は使えませんでした。理由: {why}。資料を読み直して、正しい文で答えます。"
# With fewer choices there is nothing to choose from.
_MIN_CHOICES = 2
_MAX_CHOICES = 4
# Characters of a clarifying question, and of each choice.
_MAX_QUESTION_LENGTH = 100

OnText = Callable[[str], None]
OnStage = Callable[[str], None]
Search = Callable[..., Sequence[Hit]]
"""`retrieve.search` of one index."""
# The stage that begins with the first words of a streamed reply; before it the model reads.
WRITING = "writing"
# Searches that a model may ask for.
_MAX_SEARCHES = 2
# Passages that each of them adds.
_FOUND_MORE = 10
# A line of the situation where only some of the passages are given.
_SEARCH_OFFER = (
    "\n探し直し: 渡したのは資料の一部です。答えが見つからなければ、partial や not_found の前に、"
    "status を search にして sentences を空にし、choices に検索の言葉を一つか二つ書くと、一度だけ別の箇所を渡します。"
)


class GeneratedAnswerer:
    """The step that lets a model answer whenever passages were found.

    `no_answer` replaces a reply that the documents do not answer. A model that has only some of the passages, and finds
    no answer in them, may `search` once.
    """

    def __init__(self, generator: Generator, index: Index, no_answer: NoAnswer, search: Search) -> None:
        self._generator = generator
        self._judge = generator.judge
        self._select_materials = MaterialsSelector(index, is_compact=generator.is_compact)
        self._no_answer = no_answer
        self._search = search

    def __call__(self, turn: Turn, on_text: OnText | None = None, on_stage: OnStage | None = None) -> Turn:
        """Return the turn with the verified sentences of the model's reply, and with what was rejected of it.

        A reply whose first sentence is wrong is written once more, with the reason. The turn has no draft if the model
        fails or its answer is wrong again. `on_text` receives each sentence as soon as it is verified. If the model
        breaks off after that, or the person stops it, these sentences are a partial answer. `on_stage` is called with
        the name of the stage when a streamed reply begins.
        """
        is_compact = self._generator.is_compact
        # A model of a billion parameters replaces a right answer by a wrong one as often as it mends one.
        is_sure = turn.relevance is not None and turn.relevance.status is Status.ANSWERED and not turn.absent
        if not turn.hits or (is_compact and is_sure):
            return turn
        materials = self._select_materials(turn)
        may_search = not (materials.is_whole or is_compact)
        write = partial(self._write, turn, on_text=on_text, on_stage=on_stage)
        draft, writer, reply = write(materials, _SEARCH_OFFER if may_search else "")
        rejected = writer.rejected()
        if may_search and reply and reply.status == "search" and not writer.has_grounded_text:
            materials = self._select_materials.extend(materials, self._find_more(turn, reply.choices, materials), turn)
            draft, writer, _ = write(materials, "")
            rejected += writer.rejected()
        if draft is None and (problem := writer.first_problem) and self._judge:
            # A model wrote both, perhaps on the order of a document: no more of them than a question may have.
            text, why = (as_prompt_data(one[:_MAX_QUESTION_LENGTH]) for one in (problem.text, problem.why))
            correction = _CORRECTION.format(text=text, why=why)
            draft, writer, _ = write(materials, correction)
            rejected += writer.rejected()
        return replace(turn, draft=draft, rejected=tuple(dict.fromkeys(rejected)))

    def _find_more(self, turn: Turn, texts: Sequence[str], materials: Materials) -> list[Passage]:
        allowed = turn.query.scope.allowed if turn.query else None
        given = {passage.id for passage in materials.passages}
        found = list[Passage]()
        for text in texts[:_MAX_SEARCHES]:
            hits = self._search(nfkc(text)[:_MAX_QUESTION_LENGTH], len(given) + _FOUND_MORE, doc_ids=allowed)
            found += [hit.passage for hit in hits if hit.passage.id not in given][:_FOUND_MORE]
        return found

    def _write(
        self, turn: Turn, materials: Materials, note: str, *, on_text: OnText | None, on_stage: OnStage | None
    ) -> tuple[Draft | None, AnswerWriter, Reply | None]:
        language = turn.query.answer_language if turn.query else JAPANESE
        searched = turn.texts.searched
        question = searched.masked_but_birth_dates if self._generator.reads_birth_dates else searched.masked
        situation = describe_situation(turn, None if self._generator.is_compact else question)

        def judge(sentences: Sequence[tuple[str, Sequence[int]]]) -> list[Verdict] | None:
            return self._judge(sentences, materials.fit, situation, question) if self._judge else None

        officials = [official for name in turn.searched_names for official in name.officials]
        writer = AnswerWriter(
            materials.passages,
            materials.sources,
            # A statement with an official name is about the question.
            " ".join((question, *officials)),
            self._generator.rules,
            judge=judge if self._judge else None,
            on_text=on_text,
            language=language,
            today=turn.effective_day,
            private_words=searched.birth_dates,
        )
        variables: dict[str, PromptValue] = {
            "situation": situation + note,
            "conversation": format_conversation(turn.history),
            "passages": materials.fit,
            "question": as_prompt_data(question),
        }
        draft: Draft | None = None
        reply: Reply | None = None
        try:
            reply, unused = self._read_reply(variables, writer, on_stage)
            writer.close()
            draft = self._draft(turn, writer, reply, unused)
        except ModelError as error:
            _log.warning("言語モデルの回答を使えません: %s", error)
            writer.reject_reply(str(error))
            writer.close()
        if draft is None and writer.has_grounded_text:
            draft = writer.draft()
            cut_short = paragraph(service_message("cut_short"))
            draft = replace(draft, status=Status.PARTIAL, notices=(*draft.notices, cut_short))
        return draft, writer, reply

    def _draft(self, turn: Turn, writer: AnswerWriter, reply: Reply, unused: list[CitedStatement]) -> Draft | None:
        if writer.has_grounded_text:
            draft = writer.draft()
            return draft if reply.status == "answered" else replace(draft, status=Status.PARTIAL)
        if reply.status == "clarify":
            return _clarification(unused, reply.choices, writer)
        if reply.status in ("not_found", "search") or writer.abstains:
            if self._generator.is_compact:
                # A model of a billion parameters overlooks what it has been given: the best passage decides.
                writer.reject_reply("小さなモデルには答えが見つかりませんでした")
                return None
            return replace(self._no_answer(turn), generator=writer.model)
        if not writer.rejected():
            writer.reject_reply("答えの文がありません")
        return None

    def _read_reply(
        self, variables: Mapping[str, PromptValue], writer: AnswerWriter, on_stage: OnStage | None
    ) -> tuple[Reply, list[CitedStatement]]:
        stream = self._generator.answer.stream(**variables)
        with closing(stream.pieces):
            writer.model = stream.model
            if on_stage:
                on_stage(WRITING)
            reply = Reply(stream.pieces, self._generator.schema)
            return reply, writer.read(reply)


def _clarification(sentences: list[CitedStatement], choices: tuple[str, ...], writer: AnswerWriter) -> Draft | None:
    question = writer.without_private_words("".join(sentence.text for sentence in sentences).strip())
    choices = tuple(filter(None, map(str.strip, map(writer.without_private_words, choices[:_MAX_CHOICES]))))
    if not question or len(choices) < _MIN_CHOICES:
        return None
    if any(len(text) > _MAX_QUESTION_LENGTH or writer.has_ungrounded_claims(text) for text in (question, *choices)):
        return None
    return Draft((paragraph(Statement(question)),), status=Status.CLARIFY, generator=writer.model, suggestions=choices)
