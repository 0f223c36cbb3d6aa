"""Has a language model answer a sample question about passages of an invented town, as it would for a person."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter

from bot.generation.answer_writer import AnswerWriter
from bot.generation.followup_rewriting import format_conversation
from bot.generation.generate import Generator
from bot.generation.materials import describe_situation, format_frame, reading_limits
from bot.generation.non_answers import NonAnswerCheck
from bot.generation.reply import ABSTENTION, Reply
from bot.llm.call_budget import open_budget
from bot.llm.model_calls import ModelCall
from bot.rendering.answer_text import render_text
from bot.state import Question, Turn
from bot.verification import to_source_texts
from ingest.documents import Document, Passage
from ingest.japanese.today import today

_DOCUMENT = Document("sample", "見本町の施設の案内", "sample.md")
_QUESTION = "見本町では、図書の返却箱の鍵をどこに保管していますか。"
_FACT = "見本町では、図書の返却箱の鍵を第三倉庫に保管しています。"
_EXPECTED = "第三倉庫"
_FILLER = "見本町の集会所{n}号室は、午前九時から午後五時まで開いています。使うときは、前の日までに窓口で申し込みます。"
# Shorter is one piece of an answer that came at once.
_MIN_WRITING_S = 0.05


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """What a model made of the sample question.

    Attributes:
        is_right: whether the verified answer has the fact.
        problems: why sentences of the reply were rejected.
        call: the call as recorded.
        seconds: the time until the whole reply was there, `reading_s` until its first piece.

    """

    is_right: bool
    problems: str
    call: ModelCall
    seconds: float
    reading_s: float

    @property
    def read_per_s(self) -> float:
        """Tokens of the prompt that were read in a second, without those from the server's cache."""
        return (self.call.tokens.prompt - self.call.tokens.cached) / self.reading_s

    @property
    def written_per_s(self) -> float | None:
        """Tokens that were written in a second; None for a reply that came in one piece."""
        seconds = self.seconds - self.reading_s
        return self.call.tokens.completion / seconds if seconds > _MIN_WRITING_S else None


def sample_texts(generator: Generator) -> tuple[str, ...]:
    """Return as much text as a prompt for an answer has at most; the first passage has the fact."""
    passages, chars = reading_limits(is_compact=generator.answer.prompt.compact)
    per_passage = chars // passages // len(_FILLER)
    sentences = [_FACT, *(_FILLER.format(n=n) for n in range(1, passages * per_passage))]
    starts = range(0, len(sentences), per_passage)
    return tuple("".join(sentences[start : start + per_passage]) for start in starts)


def ask_sample(generator: Generator, texts: Sequence[str], limit_s: float) -> SampleAnswer:
    """Return the model's answer to the sample question from `texts`, of which the first has the fact.

    Raises ModelError.
    """
    passages = [Passage(f"sample-{n}", _DOCUMENT.id, "text", (), text, (n,)) for n, text in enumerate(texts, 1)]
    sources = to_source_texts(passages, [_DOCUMENT])
    non_answers = NonAnswerCheck(_QUESTION, sources, generator.rules, ABSTENTION)
    writer = AnswerWriter(passages, sources, _QUESTION, non_answers)
    variables: dict[str, str | list[str]] = {
        "situation": describe_situation(Turn(Question(question=_QUESTION), today())),
        "conversation": format_conversation(()),
        "passages": [format_frame(_DOCUMENT.title, [(n, text)]) for n, text in enumerate(texts, 1)],
        "question": _QUESTION,
    }
    with open_budget(limit_s) as spent:
        start = perf_counter()
        with closing(generator.answer.stream(**variables)) as stream:
            reading_s = perf_counter() - start
            writer.read(Reply(stream))
        seconds = perf_counter() - start
    writer.close()
    answer = render_text(writer.draft().parts) if writer.has_grounded_text else ""
    problems = " / ".join(sentence.why for sentence in writer.rejected())
    return SampleAnswer(_EXPECTED in answer, problems, spent.calls[-1], seconds, reading_s)
