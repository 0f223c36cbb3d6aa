"""Whether the language models of the settings can be reached, each in its place, and how to mend it where not."""

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bot.errors import BotError, LocalModelError
from bot.model.gguf import LocalModel
from bot.model.named import NamedModel, named_models
from ingest.settings import Settings

HIDDEN = "••••"
_PATIENCE_S = 5
# A file of some gigabytes is read from the disk first.
_LOADING_S = 120


def find_models(settings: Settings) -> str:
    """Return the models in order of preference. Raises BotError when one of them cannot be asked."""
    found = [*map(_reached, named_models(settings)), *_loaded(settings.llm_gguf, settings.llm_gguf_context)]
    return " → ".join(found) or "使わない設定です（抜き出しで答えます）"


def without_password(url: str) -> str:
    """Return the address with dots for a user and password of its own."""
    return re.sub(r"//[^/@]*@", f"//{HIDDEN}@", url)


def _reached(model: NamedModel) -> str:
    # Without a proxy of the environment, as the generation has it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        url = f"{model.base_url.rstrip('/')}/models"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {model.key}"})  # noqa: S310 - the operator's
        with opener.open(request, timeout=_PATIENCE_S):
            return f"{without_password(model.base_url)}（{model.name}）"
    except (OSError, ValueError) as error:
        raise BotError(
            f"言語モデル「{model.name}」に届きません（{error}）。{model.setting}_BASE_URL（例: http://127.0.0.1:11434/v1）と"
            f"{model.setting}_API_KEY、モデルのサーバーが動いているかを確かめてください。"
            "その間は、ほかの言語モデルか抜き出しで答えます。"
        ) from error


def _loaded(file: Path | None, context: int) -> Iterator[str]:
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
