"""A small corpus and a small encoder for tests of the index."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.configuration.settings import Settings
from ingest.embedding import to_unit_length


class LetterEncoder:
    def __init__(self, name: str = "letters", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.asked: list[str] = []

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([self.encode_query(text) for text in texts], np.float32).reshape(len(texts), self.dimension)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dimension)
        for pair in pairwise(text):
            vector[int(hashlib.md5("".join(pair).encode()).hexdigest(), 16) % self.dimension] += 1
        return to_unit_length(vector)


def make_settings(folder: Path, **values: object) -> Settings:
    """Return settings with data in `folder` and the encoder of this module.

    Word vectors are not adapted, which would take more than half of a small build's time.
    """
    given = {"_env_file": None, "data": folder / "data", "encoder": "letters", "adapt": False, **values}
    return Settings(**given)  # type: ignore[arg-type]


def make_corpus(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    manifest = []
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        manifest.append(f'[[document]]\nfile = "{name}.md"\nid = "{name}"\ntitle = "{name}の文書"\n')
    (folder / "manifest.toml").write_text("\n".join(manifest), encoding="utf-8")
    return folder


PLAN = "# 計画\n\n## 期間\n\n計画の期間は令和8年度から4年間です。\n\n## 体制\n\n計画を進める本部を市役所に置きます。\n"
REPORT = "# 報告\n\n## 講座\n\n講座に1,655人が参加しました。\n\n## 窓口\n\n窓口の時間は836時間減りました。\n"
