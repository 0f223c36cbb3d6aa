"""The command `model get`: downloads a local language model and writes it into `.env`."""

import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from dotenv import set_key

from bot.cli.model_hub import ModelOffer, RemoteModel, find_offer
from bot.errors import ModelFetchError
from bot.llm.gguf_file import read_gguf
from ingest.configuration.environment import read_settings

_ENV = Path(".env")
_FOLDER = "models"


def get(options: Namespace) -> int:
    """Download a model or use a given file, and write its path into `.env`."""
    if options.file:
        file: Path = options.file
        read_gguf(file)
    else:
        folder = read_settings(data=options.data).data / _FOLDER
        offer = find_offer(options.name)
        file = _download_model(replace(offer, sha256=options.sha256 or offer.sha256), folder, agreed=options.yes)
    try:
        # Keeps the other lines of `.env`, and a symbolic link.
        set_key(_ENV, "SHIRUBE_LLM_GGUF", str(file.absolute()), follow_symlinks=True)
    except OSError as error:
        advice = f"SHIRUBE_LLM_GGUF={file.absolute()} を設定してください。"
        raise ModelFetchError(f".env に書けません（{error.strerror}）。{advice}") from error
    sys.stdout.write(
        f".env に SHIRUBE_LLM_GGUF={file.absolute()} を書きました。\n"
        "`make setup-llm` で動かす部品を入れ、`python -m bot doctor` で確かめてください。\n"
    )
    return 0


def _download_model(offer: ModelOffer, folder: Path, *, agreed: bool) -> Path:
    remote = RemoteModel.find(offer)
    sys.stdout.write(
        f"モデル: {offer.repo} の {remote.name}（{remote.size / 1e9:.1f} GB）\n"
        f"ライセンス: {offer.licence}\n置き場所: {folder}\n"
    )
    if not (agreed or _confirm_licence()):
        raise ModelFetchError("取得しませんでした。ライセンスに従えるときは --yes を付けてください。")
    return remote.fetch(folder)


def _confirm_licence() -> bool:
    return sys.stdin.isatty() and input("ライセンスに従い、取得しますか [y/N]: ").strip().lower() in (
        "y",
        "yes",
        "はい",
    )
