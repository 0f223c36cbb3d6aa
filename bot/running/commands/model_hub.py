"""The command `model get`: downloads a GGUF language model from a hub, verifies its checksum and configures it."""

import os
import re
import sys
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from dotenv import set_key

from bot.errors import BotError, LocalModelError

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ModelOffer(NamedTuple):
    """A file in a repository of the hub, with its licence."""

    repo: str
    file: str
    licence: str = "Apache License 2.0（https://www.apache.org/licenses/LICENSE-2.0、商用可）"


# Single files that the models' makers publish (decision 057). Sizes and checksums come from the hub, because makers
# replace files.
OFFERS: Mapping[str, ModelOffer] = {
    "qwen3-1.7b": ModelOffer("Qwen/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q8_0.gguf"),
    "qwen3-4b": ModelOffer("Qwen/Qwen3-4B-GGUF", "Qwen3-4B-Q4_K_M.gguf"),
    "qwen3-8b": ModelOffer("Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf"),
    "gemma4-e4b": ModelOffer("google/gemma-4-E4B-it-qat-q4_0-gguf", "gemma-4-E4B_q4_0-it.gguf"),
}
RECOMMENDED = "qwen3-4b"


def _find_offer(name: str) -> ModelOffer:
    if name in OFFERS:
        return OFFERS[name]
    owner, repo, file = [*name.split("/", 2), "", ""][:3]
    if not (owner and repo and file.endswith(".gguf")):
        offered = "、".join(OFFERS)
        raise BotError(
            f"モデル「{name}」はありません。{offered}、または 持ち主/リポジトリ/ファイル.gguf を指定してください。"
        )
    return ModelOffer(f"{owner}/{repo}", file, f"リポジトリ {owner}/{repo} の説明で確かめてください")


def download_model(data: Path, name: str, *, is_agreed: bool) -> Path:
    """Download the model `name` into the data folder once its licence is accepted.

    Raises BotError if the download or its verification fails, LocalModelError if the file is no model.
    """
    # Must be set before the import; telemetry would report the environment.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from httpx2 import HTTPError  # noqa: PLC0415
    from huggingface_hub import errors, get_hf_file_metadata, hf_hub_download, hf_hub_url  # noqa: PLC0415 - 0.5 s

    from bot.answering.llm.gguf import read_size  # noqa: PLC0415

    offer, folder = _find_offer(name), data / "models"
    try:
        metadata = get_hf_file_metadata(hf_hub_url(offer.repo, offer.file))
        sys.stdout.write(
            f"モデル: {offer.repo} の {offer.file}（{(metadata.size or 0) / 1e9:.1f} GB）\n"
            f"ライセンス: {offer.licence}\n置き場所: {folder}\n"
        )
        if not is_agreed and sys.stdin.isatty():
            is_agreed = input("ライセンスに従い、取得しますか [y/N]: ").strip().lower() in {"y", "yes", "はい"}
        if not is_agreed:
            raise BotError("取得しませんでした。ライセンスに従えるときは --yes を付けてください。")
        file = Path(hf_hub_download(offer.repo, offer.file, revision=metadata.commit_hash, local_dir=folder))
    except errors.GatedRepoError as error:
        todo = "配布元のページで条件に同意し、鍵を環境変数 HF_TOKEN に入れてください。"
        raise BotError(f"{offer.repo} の取得には同意が要ります。{todo}") from error
    except (errors.RepositoryNotFoundError, errors.EntryNotFoundError) as error:
        raise BotError(f"{name} は配布元にありません。名前を確かめてください。") from error
    except (HTTPError, errors.OfflineModeIsEnabled, errors.FileMetadataError, OSError, ValueError) as error:
        raise BotError(
            f"配布元から取得できません（{error}）。ネットワーク、プロキシー（HTTPS_PROXY）、配布元のURL（HF_ENDPOINT）、"
            f"{folder} の空きと権限を確かめてください。"
            "別の機械で入手したファイルは `python -m bot model get --file ファイル` で使えます。"
        ) from error
    with file.open("rb") as opened:
        digest = file_digest(opened, "sha256").hexdigest()
    if not _SHA256.fullmatch(metadata.etag or "") or digest != metadata.etag:
        file.unlink()
        raise BotError(
            f"取得した {file.name} の中身が配布元の SHA-256 と違うので、消しました。もう一度実行してください。"
            "繰り返すときは、途中のプロキシーが中身を変えていないかを確かめてください。"
        )
    try:
        read_size(file)
    except LocalModelError:
        file.unlink()
        raise
    return file


def configure_model(file: Path) -> str:
    """Write the path of a GGUF file into `.env` and return what to do next. Raises LocalModelError, BotError."""
    from bot.answering.llm.gguf import read_size  # noqa: PLC0415 - `--help` needs no pydantic

    read_size(file)
    path = file.absolute()
    try:
        # Keeps the other lines of `.env`, and a symbolic link.
        set_key(Path(".env"), "SHIRUBE_LLM_GGUF", str(path), follow_symlinks=True)
    except OSError as error:
        advice = f"SHIRUBE_LLM_GGUF={path} を設定してください。"
        raise BotError(f".env に書けません（{error.strerror}）。{advice}") from error
    return (
        f".env に SHIRUBE_LLM_GGUF={path} を書きました。\n"
        "`make setup-llm` で動かす部品を入れ、`python -m bot doctor` で確かめてください。\n"
    )
