"""Check of `doctor` on the configured language models and their servers, which answer sample questions."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType

from bot.errors import BotError, LocalModelError, ModelError
from bot.generation.answer_writer import AnswerWriter
from bot.generation.followup_rewriting import format_conversation
from bot.generation.generate import Generator, answer_prompt
from bot.generation.materials import (
    MAX_COMPACT_TOKENS,
    MAX_TOKENS,
    Materials,
    ShownPassage,
    describe_situation,
)
from bot.generation.reply import Reply
from bot.llm.chat_model import PromptValue
from bot.llm.endpoint import TRUNCATION_ADVICE, Structure
from bot.llm.model_calls import (
    ADVICE,
    CallError,
    ModelCall,
    estimate_prompt_tokens,
    estimate_tokens,
    open_budget,
)
from bot.rendering.answer_text import render_text
from bot.state import Question, Turn
from bot.verification.source_text import to_source_texts
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.proxies import proxy_advice
from ingest.configuration.settings import Settings
from ingest.documents import Document, Passage
from ingest.japanese.today import today

_DOCUMENT = Document("sample", "見本町の施設の案内", "sample.md")
_QUESTION = "見本町では、図書の返却箱の鍵をどこに保管していますか。"
_FACT = "見本町では、図書の返却箱の鍵を第三倉庫に保管しています。"
_EXPECTED = "第三倉庫"
_FILLER = "見本町の集会所{n}号室は、午前九時から午後五時まで開いています。使うときは、前の日までに窓口で申し込みます。"


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


def sample_materials(generator: Generator) -> Materials:
    """Return as many passages as a prompt for an answer has at most; the first has the fact."""
    limit = MAX_COMPACT_TOKENS if generator.answer.prompt.compact else MAX_TOKENS
    text = "".join(_FILLER.format(n=n) for n in range(1, 4))
    return _as_materials([_FACT + text, *[text] * (limit // estimate_tokens(text) - 1)])


def _as_materials(texts: Sequence[str]) -> Materials:
    passages = tuple(Passage(f"sample-{n}", _DOCUMENT.id, "text", (), text, (n,)) for n, text in enumerate(texts, 1))
    shown = tuple(ShownPassage(_DOCUMENT.title, "", text) for text in texts)
    sources = tuple(to_source_texts(passages, [_DOCUMENT]))
    return Materials(passages, sources, shown, tuple(range(1, len(texts) + 1)))


def sample_variables(materials: Materials) -> dict[str, PromptValue]:
    """Return what the prompt for answers is filled with for the sample question."""
    return {
        "situation": describe_situation(Turn(Question(question=_QUESTION), today())),
        "conversation": format_conversation(()),
        "passages": materials.fit,
        "question": _QUESTION,
    }


def ask_sample(generator: Generator, materials: Materials, limit_s: float) -> SampleAnswer:
    """Return the model's answer to the sample question from `materials`, of which the first passage has the fact.

    Raises ModelError.
    """
    writer = AnswerWriter(materials.passages, materials.sources, _QUESTION, generator.rules)
    with open_budget(limit_s) as spent:
        start = perf_counter()
        with closing(generator.answer.stream(**sample_variables(materials))) as stream:
            reading_s = perf_counter() - start
            writer.read(Reply(stream))
        seconds = perf_counter() - start
    writer.close()
    answer = render_text(writer.draft().parts) if writer.has_grounded_text else ""
    problems = " / ".join(sentence.why for sentence in writer.rejected())
    return SampleAnswer(_EXPECTED in answer, problems, spent.calls[-1], seconds, reading_s)


HIDDEN = "••••"
_STRUCTURES: Mapping[Structure, str] = MappingProxyType(
    {
        "json_schema": "JSON スキーマで指定",
        "marks": "指定できず、言葉で頼む（JSON スキーマに従うサーバーなら、意味の確認もできます）",
    }
)


def check_models(settings: Settings) -> str:
    """Have every model answer a sample question; return them in order of preference. Raises BotError if one fails."""
    prompt = answer_prompt(settings)
    results = []
    for place, model in enumerate(settings.llm, 1):
        only = {"llm": (model,), "llm_gguf": None, "llm_prompt": prompt}
        results.append(_check_remote_model(model, place, settings.model_copy(update=only)))
    if settings.llm_gguf:
        results.append(_check_local_model(settings.model_copy(update={"llm": (), "llm_prompt": prompt})))
    return " → ".join(results) or "使わない設定です（抜き出しで答えます）"


def mask_credentials(url: str) -> str:
    """Return a URL with user and password masked."""
    return re.sub(r"//[^/@]*@", f"//{HIDDEN}@", url)


def _check_remote_model(model: LanguageModel, place: int, settings: Settings) -> str:
    variable = f"SHIRUBE_LLM__{place}__"
    try:
        with closing(Generator(settings)) as generator:
            figures = _check_answers(generator, settings.llm_timeout_s, f"{variable}CONTEXT")
            (endpoint,) = generator.chat.endpoints
    except ModelError as error:
        raise BotError(
            f"言語モデル「{model.model}」を使えません。{str(error).removesuffix(ADVICE)}"
            f"{variable}BASE_URL（例: http://127.0.0.1:11434/v1）、{variable}MODEL、{variable}API_KEY と、"
            "モデルのサーバーが動いているか、混んでいないかを確かめてください。"
            f"{proxy_advice(settings.proxy, model.base_url)}"
            "その間は、ほかの言語モデルか抜き出しで答えます。"
        ) from error
    refused = ["temperature や max_tokens などは断られるので送らない"] if endpoint.is_minimal else []
    details = [model.model, f"答えの形は{_STRUCTURES[endpoint.structure or 'marks']}", *refused, *figures]
    return f"{mask_credentials(model.base_url)}（{'、'.join(details)}）"


def _check_local_model(settings: Settings) -> str:
    with closing(Generator(settings)) as generator:
        if not generator.wait_until_ready():
            raise LocalModelError(
                f"SHIRUBE_LLM_GGUF のファイル「{settings.llm_gguf}」を動かせません。"
                "ファイルが壊れていないか、メモリーが足りるかを確かめてください。"
            )
        try:
            figures = _check_answers(generator, settings.llm_timeout_s, "SHIRUBE_LLM_GGUF_CONTEXT")
        except ModelError as error:
            raise LocalModelError(
                f"SHIRUBE_LLM_GGUF のモデル「{settings.llm_gguf}」は、見本の質問に答えられません。"
                f"{str(error).removesuffix(ADVICE)}ほかのモデルにしてください（`python -m bot model get` で選べます）。"
                "その間は抜き出しで答えます。"
            ) from error
    return f"{settings.llm_gguf}（この計算機、{'、'.join(figures)}）"


def _check_answers(generator: Generator, limit_s: float, context_variable: str) -> list[str]:
    name = next(iter(generator.chat.names))
    materials = sample_materials(generator)
    short = _ask_in_time(
        generator,
        _as_materials([materials.passages[0].text]),
        limit_s,
        f"言語モデル「{name}」は、見本の質問に {limit_s:g} 秒以内に答えません。"
        "モデルのサーバーが混んでいないかを確かめ、SHIRUBE_LLM_TIMEOUT_S を延ばすか、小さいモデルにしてください。"
        "その間は抜き出しで答えます。",
    )
    if not short.is_right:
        raise BotError(
            f"言語モデル「{name}」は、見本の資料ひとつから正しく答えられません"
            f"（{short.problems or '別のことを答えました'}）。ほかのモデルにしてください。その間は抜き出しで答えます。"
        )
    full_prompt = _ask_in_time(
        generator,
        materials,
        limit_s,
        f"言語モデル「{name}」は、資料ひとつには {short.seconds:.0f} 秒で答えますが"
        f"（毎秒 {short.read_per_s:,.1f} トークンを読む）、資料をいっぱいに渡すと {limit_s:g} 秒以内に答えません。"
        f"SHIRUBE_LLM_TIMEOUT_S を延ばすか、小さいモデルにするか、{context_variable} を減らしてください。",
    )
    tokens = full_prompt.call.tokens
    if not full_prompt.is_right or short.call.is_truncated or full_prompt.call.is_truncated:
        unread = "渡した資料の一部しか" if full_prompt.is_right else "いっぱいに渡した資料の、はじめを"
        counted = "" if tokens.estimated else f"サーバーが読んだと数えたのは {tokens.prompt:,} トークンです。"
        advice = f"長い資料が苦手なモデルです。{context_variable} を減らすか、ほかのモデルにしてください。"
        if tokens.estimated or full_prompt.is_right or full_prompt.call.is_truncated:
            advice = TRUNCATION_ADVICE
        raise BotError(f"言語モデル「{name}」は、{unread}読んでいません。{counted}{advice}")
    needed = estimate_prompt_tokens(generator.answer.request(sample_variables(materials)).messages(None))
    limit = generator.chat.endpoints[0].prompt_tokens
    if limit is None:
        fits = "読める長さは CONTEXT に設定できる"
    elif needed <= limit:
        fits = f"読める {limit:,} に入る"
    else:
        fits = f"読めるのは {limit:,} までなので、関係の薄い箇所から外して渡す"
    return [
        f"回答の指示は多くて約 {needed:,} トークン（{fits}）",
        f"資料ひとつに {short.seconds:.1f} 秒、いっぱいに渡して {full_prompt.seconds:.1f} 秒で答える",
        f"毎秒 {full_prompt.read_per_s:,.1f} トークンを読む",
        f"渡した {tokens.prompt:,} トークンを、はじめから読んでいる",
    ]


def _ask_in_time(generator: Generator, materials: Materials, limit_s: float, too_slow: str) -> SampleAnswer:
    try:
        return ask_sample(generator, materials, limit_s)
    except CallError as error:
        if error.outcome != "timeout":
            raise
        raise BotError(too_slow) from error
