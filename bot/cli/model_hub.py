"""The command `model get`: downloads a GGUF language model from a hub, verifies its checksum and configures it."""

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path
from types import MappingProxyType
from typing import Self

from dotenv import set_key

from bot.errors import ModelFetchError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_BY_HAND = "別の機械で入手したファイルは `python -m bot model get --file ファイル` で使えます。"


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A file in a repository of the hub with its licence; `sha256` overrides the checksum of the hub."""

    repo: str
    file: str
    licence: str
    sha256: str | None = None


_APACHE = "Apache License 2.0（https://www.apache.org/licenses/LICENSE-2.0、商用可）"
# Single files that the models' makers publish (decision 057). Sizes and checksums come from the hub, because makers
# replace files.
OFFERS: Mapping[str, ModelOffer] = MappingProxyType(
    {
        "qwen3-1.7b": ModelOffer("Qwen/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q8_0.gguf", _APACHE),
        "qwen3-4b": ModelOffer("Qwen/Qwen3-4B-GGUF", "Qwen3-4B-Q4_K_M.gguf", _APACHE),
        "qwen3-8b": ModelOffer("Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf", _APACHE),
        "gemma4-e4b": ModelOffer("google/gemma-4-E4B-it-qat-q4_0-gguf", "gemma-4-E4B_q4_0-it.gguf", _APACHE),
    }
)
RECOMMENDED = "qwen3-4b"


def find_offer(name: str) -> ModelOffer:
    """Return the offer with this name, or the file of owner/repository/file.gguf.

    Raises ModelFetchError.
    """
    if name in OFFERS:
        return OFFERS[name]
    owner, repo, file = [*name.split("/", 2), "", ""][:3]
    if not (owner and repo and file.endswith(".gguf")):
        offered = "、".join(OFFERS)
        raise ModelFetchError(
            f"モデル「{name}」はありません。{offered}、または 持ち主/リポジトリ/ファイル.gguf を指定してください。"
        )
    return ModelOffer(f"{owner}/{repo}", file, f"リポジトリ {owner}/{repo} の説明で確かめてください")


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A file on the hub with its size in bytes and SHA-256 in hexadecimal."""

    url: str
    name: str
    size: int
    sha256: str

    @classmethod
    def find(cls, offer: ModelOffer) -> Self:
        """Return the file of an offer from the hub (HF_ENDPOINT, else the default). Raises ModelFetchError."""
        # Must be set before the import; telemetry would report the environment.
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from huggingface_hub import get_hf_file_metadata, hf_hub_url  # noqa: PLC0415 - 0.5 s, for this command only

        with _translate_hub_errors(offer.repo):
            metadata = get_hf_file_metadata(hf_hub_url(offer.repo, offer.file))
            url = hf_hub_url(offer.repo, offer.file, revision=metadata.commit_hash)
        sha256 = offer.sha256 or metadata.etag or ""
        if metadata.size is None or not _SHA256.fullmatch(sha256):
            raise ModelFetchError(
                f"{offer.repo} は {offer.file} の大きさと SHA-256 を示さないので、確かめられません。"
                f"--sha256 で値を渡すか、HF_ENDPOINT を確かめてください。{_BY_HAND}"
            )
        return cls(url, Path(offer.file).name, metadata.size, sha256)

    def fetch(self, folder: Path) -> Path:
        """Download the file into a folder with a progress bar, resuming an earlier attempt.

        Raises ModelFetchError if the download or its verification fails.
        """
        # Slow imports, which `--help` need not wait for.
        from huggingface_hub.file_download import http_get  # noqa: PLC0415
        from huggingface_hub.utils._headers import build_hf_headers  # noqa: PLC0415

        from bot.llm.gguf import read_size  # noqa: PLC0415

        file = folder / self.name
        part = folder / f"{self.name}.{self.sha256[:12]}.part"
        if file.exists() and file.stat().st_size == self.size and _digest(file) == self.sha256:
            return file
        with _translate_hub_errors(self.url):
            folder.mkdir(parents=True, exist_ok=True)
            with part.open("ab") as target:
                downloaded = target.tell()
                if shutil.disk_usage(folder).free < self.size - downloaded:
                    raise OSError(errno.ENOSPC, "no space", str(part))
                if downloaded < self.size:
                    http_get(
                        self.url,
                        target,
                        resume_size=downloaded,
                        headers={**build_hf_headers(), "Accept-Encoding": "identity"},
                        expected_size=self.size,
                        displayed_filename=self.name,
                    )
        if part.stat().st_size != self.size or _digest(part) != self.sha256:
            part.unlink()
            raise ModelFetchError(
                f"取得した {self.name} の中身が配布元の SHA-256 と違うので、消しました。もう一度実行してください。"
                "繰り返すときは、途中のプロキシーが中身を変えていないかを確かめてください。"
            )
        read_size(part)
        part.replace(file)
        return file


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


@contextmanager
def _translate_hub_errors(where: str) -> Iterator[None]:
    from httpx2 import TransportError  # noqa: PLC0415
    from huggingface_hub import errors  # noqa: PLC0415

    try:
        yield
    except errors.GatedRepoError as error:
        todo = "配布元のページで条件に同意し、鍵を環境変数 HF_TOKEN に入れてください。"
        raise ModelFetchError(f"{where} の取得には同意が要ります。{todo}") from error
    except (errors.RepositoryNotFoundError, errors.EntryNotFoundError, errors.RevisionNotFoundError) as error:
        todo = (
            "名前を確かめるか、`python -m bot model get 持ち主/リポジトリ/ファイル.gguf` で別のものを指定してください。"
        )
        raise ModelFetchError(f"{where} は配布元にありません。{todo}") from error
    except errors.HfHubHTTPError as error:
        todo = f"しばらくして、もう一度実行してください（続きから取得します）。{_BY_HAND}"
        raise ModelFetchError(f"配布元が断りました（HTTP {error.response.status_code}）。{todo}") from error
    except (TransportError, errors.OfflineModeIsEnabled, errors.FileMetadataError) as error:
        todo = "ネットワーク、プロキシー（HTTPS_PROXY）、配布元のURL（HF_ENDPOINT）を確かめてください。"
        again = "もう一度実行すると、続きから取得します。"
        raise ModelFetchError(f"配布元から取得できません（{type(error).__name__}）。{todo}{again}{_BY_HAND}") from error
    except OSError as error:
        problem = f"「{error.filename}」に書けません（{error.strerror}）。場所と権限を確かめてください。"
        if error.errno == errno.ENOSPC:
            problem = (
                "ディスクの空きが足りません。空けてから、もう一度実行してください（続きから取得します）。"
                "別の場所は SHIRUBE_DATA で指定できます。"
            )
        elif error.errno is None:  # raised by the library if the length differs from the announced one
            problem = "ファイルの大きさが配布元の示したものと違います。もう一度実行してください。"
        raise ModelFetchError(problem) from error


_ENV = Path(".env")


def configure_model(file: Path) -> str:
    """Write the path of a GGUF file into `.env` and return what to do next. Raises LocalModelError, ModelFetchError."""
    from bot.llm.gguf import read_size  # noqa: PLC0415 - `--help` needs no pydantic

    read_size(file)
    path = file.absolute()
    try:
        # Keeps the other lines of `.env`, and a symbolic link.
        set_key(_ENV, "SHIRUBE_LLM_GGUF", str(path), follow_symlinks=True)
    except OSError as error:
        advice = f"SHIRUBE_LLM_GGUF={path} を設定してください。"
        raise ModelFetchError(f".env に書けません（{error.strerror}）。{advice}") from error
    return (
        f".env に SHIRUBE_LLM_GGUF={path} を書きました。\n"
        "`make setup-llm` で動かす部品を入れ、`python -m bot doctor` で確かめてください。\n"
    )


def download_model(data: Path, name: str, sha256: str | None, *, is_agreed: bool) -> Path:
    """Download the model `name` into the data folder once its licence is accepted. Raises ModelFetchError."""
    folder = data / "models"
    offer = find_offer(name)
    remote = RemoteModel.find(replace(offer, sha256=sha256 or offer.sha256))
    sys.stdout.write(
        f"モデル: {offer.repo} の {remote.name}（{remote.size / 1e9:.1f} GB）\n"
        f"ライセンス: {offer.licence}\n置き場所: {folder}\n"
    )
    if not is_agreed and sys.stdin.isatty():
        is_agreed = input("ライセンスに従い、取得しますか [y/N]: ").strip().lower() in {"y", "yes", "はい"}
    if not is_agreed:
        raise ModelFetchError("取得しませんでした。ライセンスに従えるときは --yes を付けてください。")
    return remote.fetch(folder)
