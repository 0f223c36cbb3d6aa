"""Check of `doctor` on the configured language models and their servers."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

from bot.errors import BotError, LocalModelError, ModelError
from bot.llm.chat_model import ChatModel
from bot.llm.configured_model import ConfiguredModel, Structure, configured_models
from bot.llm.failure import MEND
from bot.llm.gguf import LocalModel
from bot.llm.task import Task
from ingest.configuration.settings import Settings

HIDDEN = "••••"
# A file of some gigabytes is read from the disk first.
_LOADING_S = 120
_STRUCTURES: Mapping[Structure, str] = MappingProxyType(
    {"json_schema": "JSON スキーマで指定", "tools": "ツールの引数で指定", "marks": "指定できず、言葉で頼む"}
)


def check_models(settings: Settings) -> str:
    """Return the models in order of preference. Raises BotError when one of them cannot be asked."""
    named = (_check_model(model, settings.llm_timeout_s) for model in configured_models(settings))
    found = [*named, *_open_local_model(settings.llm_gguf, settings.llm_gguf_context)]
    return " → ".join(found) or "使わない設定です（抜き出しで答えます）"


def mask_credentials(url: str) -> str:
    """Return the address with dots for a user and password of its own."""
    return re.sub(r"//[^/@]*@", f"//{HIDDEN}@", url)


def _check_model(model: ConfiguredModel, limit_s: float) -> str:
    """Ask the model as a question would, and return what was found of its server."""
    try:
        with closing(ChatModel([model], limit_s)) as chat:
            Task("capability", chat).reply()
            structure = chat.detect_structure()
            (known,) = chat.capabilities
    except ModelError as error:
        raise BotError(
            f"言語モデル「{model.name}」を使えません。{str(error).removesuffix(MEND)}"
            f"{model.setting}_BASE_URL（例: http://127.0.0.1:11434/v1）、{model.setting}_MODEL、"
            f"{model.setting}_API_KEY と、モデルのサーバーが動いているかを確かめてください。"
            "その間は、ほかの言語モデルか抜き出しで答えます。"
        ) from error
    context = [f"{known.context:,} トークンまで"] if known.context else []
    left_out = [f"受け付けない設定: {'、'.join(known.left_out)}"] if known.left_out else []
    told = [model.name, f"答えの形は{_STRUCTURES[structure]}", *context, *left_out]
    return f"{mask_credentials(model.base_url)}（{'、'.join(told)}）"


def _open_local_model(file: Path | None, context: int) -> Iterator[str]:
    if file is None:
        return
    model = LocalModel(file, context)
    try:
        if not model.named.ready(_LOADING_S):
            raise LocalModelError(
                f"SHIRUBE_LLM_GGUF のファイル「{file}」を動かせません。"
                "ファイルが壊れていないか、メモリーが足りるかを確かめてください。"
            )
        yield f"{file}（この計算機）"
    finally:
        model.close()
