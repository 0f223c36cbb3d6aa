"""Check of `doctor` on the configured language models and their servers."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

from bot.errors import BotError, LocalModelError, ModelError
from bot.llm.chat_model import ChatModel
from bot.llm.failure import ADVICE
from bot.llm.gguf import LocalModel
from bot.llm.request import Structure
from bot.llm.task import Task
from ingest.configuration.settings import LanguageModel, Settings

HIDDEN = "••••"
# A file of several gigabytes is read from disk.
_LOADING_S = 120
_STRUCTURES: Mapping[Structure, str] = MappingProxyType(
    {"json_schema": "JSON スキーマで指定", "tools": "ツールの引数で指定", "marks": "指定できず、言葉で頼む"}
)


def check_models(settings: Settings) -> str:
    """Call every model and return them in order of preference. Raises BotError if one fails."""
    remote = [_check_model(model, number, settings.llm_timeout_s) for number, model in enumerate(settings.llm, 1)]
    return (
        " → ".join([*remote, *_open_local_model(settings.llm_gguf, settings.llm_gguf_context)])
        or "使わない設定です（抜き出しで答えます）"
    )


def mask_credentials(url: str) -> str:
    """Return a URL with user and password masked."""
    return re.sub(r"//[^/@]*@", f"//{HIDDEN}@", url)


def _check_model(model: LanguageModel, place: int, limit_s: float) -> str:
    """Call the model once and return a description of its server."""
    try:
        with closing(ChatModel([model], limit_s)) as chat:
            Task("capability", chat).reply()
            structure = chat.detect_structure()
            (endpoint,) = chat.endpoints
    except ModelError as error:
        raise BotError(
            f"言語モデル「{model.model}」を使えません。{str(error).removesuffix(ADVICE)}"
            f"SHIRUBE_LLM__{place}__BASE_URL（例: http://127.0.0.1:11434/v1）、SHIRUBE_LLM__{place}__MODEL、"
            f"SHIRUBE_LLM__{place}__API_KEY と、モデルのサーバーが動いているかを確かめてください。"
            "その間は、ほかの言語モデルか抜き出しで答えます。"
        ) from error
    context = [f"{model.context:,} トークンまで"] if model.context else []
    refused = ["temperature や max_tokens などは断られるので送らない"] if endpoint.is_minimal else []
    details = [model.model, f"答えの形は{_STRUCTURES[structure]}", *context, *refused]
    return f"{mask_credentials(model.base_url)}（{'、'.join(details)}）"


def _open_local_model(file: Path | None, context: int) -> Iterator[str]:
    if file is None:
        return
    model = LocalModel(file, context)
    try:
        if not model.wait_until_ready(_LOADING_S):
            raise LocalModelError(
                f"SHIRUBE_LLM_GGUF のファイル「{file}」を動かせません。"
                "ファイルが壊れていないか、メモリーが足りるかを確かめてください。"
            )
        yield f"{file}（この計算機）"
    finally:
        model.close()
