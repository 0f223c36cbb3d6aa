"""A language model that judges answers as people do, to be calibrated against them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.generation.generate import Generator
from bot.llm.chat_model import Task, escape_prompt_data, parse_object
from eval.scoring.run_record import RunRow
from eval.workbench.bench import Bench
from ingest.configuration.settings import Settings


class MarkReply(BaseModel):
    """What `prompts/mark.md` asks for."""

    model_config = ConfigDict(extra="forbid")
    reason: str
    mark: Literal["right", "partly", "wrong", "harmful"]


# Of each cited passage: a long one is judged by its beginning and the quote.
_PASSAGE_CHARS = 1500


def judge_name(settings: Settings) -> str:
    """Return the name of the model that judges; "" if none is set. One on this machine is too small to judge."""
    return settings.llm[0].model if settings.llm else ""


def judge_answer(bench: Bench, generator: Generator, row: RunRow) -> tuple[str, str]:
    """Return a mark and its reason for an answer, judged by the passages that it cites. Raises ModelError."""
    sources = bench.sources(row)
    assert row.answer is not None
    assert sources is not None
    passages = [
        f"[{one.n}] {one.title} {one.section}\n{sources.passages.get(one.passage_id, '')[:_PASSAGE_CHARS]}\n{one.quote}"
        for one in sources.citations
    ]
    text = Task("mark", generator.chat, MarkReply).reply(
        passages=escape_prompt_data("\n\n".join(passages)),
        question=escape_prompt_data("\n".join(row.case.turns)),
        answer=escape_prompt_data(row.answer["answer"]),
    )
    reply = parse_object(text, MarkReply)
    return reply.mark, reply.reason
