"""Check of `doctor` on the configured language models and their servers, which answer sample questions."""

import re
from collections.abc import Mapping
from contextlib import closing
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
from bot.llm.endpoint import TRUNCATION_ADVICE, Structure
from bot.llm.model_calls import (
    ADVICE,
    CallError,
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


def _sample_materials(generator: Generator) -> Materials:
    """Return as many passages as a prompt for an answer has at most; the first has the fact."""
    limit = MAX_COMPACT_TOKENS if generator.answer.prompt.compact else MAX_TOKENS
    filler = "".join(_FILLER.format(n=n) for n in range(1, 4))
    texts = [_FACT + filler, *[filler] * (limit // estimate_tokens(filler) - 1)]
    passages = tuple(Passage(f"sample-{n}", _DOCUMENT.id, "text", (), text, (n,)) for n, text in enumerate(texts, 1))
    shown = tuple(ShownPassage(_DOCUMENT.title, "", text) for text in texts)
    sources = tuple(to_source_texts(passages, [_DOCUMENT]))
    return Materials(passages, sources, shown, tuple(range(1, len(texts) + 1)))


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
    details = [model.model, f"答えの形は{_STRUCTURES[endpoint.structure or 'marks']}", *refused, figures]
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
    return f"{settings.llm_gguf}（この計算機、{figures}）"


def _check_answers(generator: Generator, limit_s: float, context_variable: str) -> str:
    """Return how the only model answers the sample question from a full prompt. Raises BotError if it does not."""
    name = next(iter(generator.chat.names))
    materials = _sample_materials(generator)
    writer = AnswerWriter(materials.passages, materials.sources, _QUESTION, generator.rules)
    start = perf_counter()
    with open_budget(limit_s) as spent:
        try:
            reply = generator.answer.reply(
                situation=describe_situation(Turn(Question(question=_QUESTION), today())),
                conversation=format_conversation(()),
                passages=materials.fit,
                question=_QUESTION,
            )
        except CallError as error:
            if error.outcome != "timeout":
                raise
            raise BotError(
                f"言語モデル「{name}」は、資料をいっぱいに渡すと {limit_s:g} 秒以内に答えません。"
                "モデルのサーバーが混んでいないかを確かめ、SHIRUBE_LLM_TIMEOUT_S を延ばすか、小さいモデルにするか、"
                f"{context_variable} を減らしてください。その間は抜き出しで答えます。"
            ) from error
        writer.read(Reply([reply.text]))
    seconds = perf_counter() - start
    writer.close()
    answer = render_text(writer.draft().parts) if writer.has_grounded_text else ""
    tokens = spent.calls[-1].tokens
    counted = "" if tokens.estimated else f"サーバーが読んだと数えたのは {tokens.prompt:,} トークンです。"
    if spent.calls[-1].is_truncated:
        raise BotError(f"言語モデル「{name}」は、渡した資料の一部しか読んでいません。{counted}{TRUNCATION_ADVICE}")
    if _EXPECTED not in answer:
        problems = " / ".join(sentence.why for sentence in writer.rejected()) or "別のことを答えました"
        raise BotError(
            f"言語モデル「{name}」は、見本の資料から正しく答えられません（{problems}）。{counted}はじめの資料を読んでいない"
            f"なら、{TRUNCATION_ADVICE}そうでなければ、{context_variable} を減らすか、ほかのモデルにしてください。"
            "その間は抜き出しで答えます。"
        )
    return f"資料をいっぱいに渡して（{tokens.prompt:,} トークン）{seconds:.1f} 秒で答える"
