"""Check of `doctor` on the configured language models and their servers."""

import re
from collections.abc import Mapping
from contextlib import closing
from types import MappingProxyType

from bot.cli.model_sample import SampleAnswer, ask_sample, sample_texts
from bot.errors import BotError, LocalModelError, ModelError
from bot.generation.generate import Generator, answer_prompt
from bot.llm.endpoint import TRUNCATION_ADVICE
from bot.llm.model_calls import ADVICE, CallError
from bot.llm.structured import Structure
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.proxies import proxy_advice
from ingest.configuration.settings import Settings

HIDDEN = "••••"
_STRUCTURES: Mapping[Structure, str] = MappingProxyType(
    {
        "json_schema": "JSON スキーマで指定",
        "tools": "ツールの引数で指定",
        "marks": "指定できず、言葉で頼む（JSON スキーマに従うサーバーなら、意味の確認もできます）",
    }
)
# A slower rate is shown with one decimal.
_MIN_WHOLE_RATE = 10


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
            structure = generator.chat.detect_structure()
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
    context = [f"{model.context:,} トークンまで"] if model.context else []
    refused = ["temperature や max_tokens などは断られるので送らない"] if endpoint.is_minimal else []
    details = [model.model, f"答えの形は{_STRUCTURES[structure]}", *context, *refused, *figures]
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
    """Return the speed of the model's answers with one passage and with all that a prompt has; reads the first of them.

    Raises BotError with what to do, and ModelError if the model fails.
    """
    name = next(iter(generator.chat.names))
    texts = sample_texts(generator)
    try:
        short = ask_sample(generator, texts[:1], limit_s)
    except CallError as error:
        if error.outcome != "timeout":
            raise
        raise BotError(
            f"言語モデル「{name}」は、見本の質問に {limit_s:g} 秒以内に答えません。"
            "モデルのサーバーが混んでいないかを確かめ、SHIRUBE_LLM_TIMEOUT_S を延ばすか、小さいモデルにしてください。"
            "その間は抜き出しで答えます。"
        ) from error
    if not short.is_right:
        raise BotError(
            f"言語モデル「{name}」は、見本の資料ひとつから正しく答えられません"
            f"（{short.problems or '別のことを答えました'}）。ほかのモデルにしてください。その間は抜き出しで答えます。"
        )
    try:
        full_prompt = ask_sample(generator, texts, limit_s)
    except CallError as error:
        if error.outcome != "timeout":
            raise
        raise BotError(
            f"言語モデル「{name}」は、資料ひとつには {short.seconds:.0f} 秒で答えますが"
            f"（毎秒 {_format_rate(short.read_per_s)} トークンを読む）、"
            f"資料をいっぱいに渡すと {limit_s:g} 秒以内に答えません。"
            f"SHIRUBE_LLM_TIMEOUT_S を延ばすか、小さいモデルにするか、{context_variable} を減らしてください。"
        ) from error
    if not full_prompt.is_right or short.call.is_truncated or full_prompt.call.is_truncated:
        raise BotError(_describe_unread_passages(name, full_prompt, context_variable))
    return _describe_speed(short, full_prompt)


def _describe_speed(short: SampleAnswer, full_prompt: SampleAnswer) -> list[str]:
    writing_speed = f"（書くのは {_format_rate(full_prompt.written_per_s)}）" if full_prompt.written_per_s else ""
    return [
        f"資料ひとつに {short.seconds:.1f} 秒、いっぱいに渡して {full_prompt.seconds:.1f} 秒で答える",
        f"毎秒 {_format_rate(full_prompt.read_per_s)} トークンを読む{writing_speed}",
        f"渡した {full_prompt.call.tokens.prompt:,} トークンを、はじめから読んでいる",
    ]


def _format_rate(per_s: float) -> str:
    return f"{per_s:,.0f}" if per_s >= _MIN_WHOLE_RATE else f"{per_s:.1f}"


def _describe_unread_passages(name: str, full_prompt: SampleAnswer, context_variable: str) -> str:
    tokens = full_prompt.call.tokens
    problem = (
        "渡した資料の一部しか読んでいません"
        if full_prompt.is_right
        else "いっぱいに渡した資料の、はじめを読んでいません"
    )
    counted = "" if tokens.estimated else f"サーバーが読んだと数えたのは {tokens.prompt:,} トークンです。"
    if tokens.estimated or full_prompt.is_right or full_prompt.call.is_truncated:
        advice = TRUNCATION_ADVICE
    else:
        advice = f"長い資料が苦手なモデルです。{context_variable} を減らすか、ほかのモデルにしてください。"
    return f"言語モデル「{name}」は、{problem}。{counted}{advice}"
