"""Reads training texts: SQuAD files (half is held out) and JSON Lines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingest.errors import IngestError

_BODY_KEYS = ("body", "text")


@dataclass(frozen=True, slots=True)
class TrainingText:
    """A text with its title, which may be empty, and questions that it answers."""

    title: str
    body: str
    questions: tuple[str, ...] = ()


def is_training_article(title: str) -> bool:
    """Whether an article is in the training half: the first byte of the title's SHA-256 in UTF-8 is even."""
    return sha256(title.encode()).digest()[0] % 2 == 0


def read_squad(file: Path) -> list[TrainingText]:
    """Return the paragraphs and questions of the training half of a SQuAD file.

    Raises IngestError if the file is unreadable or not SQuAD JSON.
    """
    try:
        articles = json.loads(file.read_text(encoding="utf-8"))["data"]
        return [
            TrainingText(
                article["title"], paragraph["context"], tuple(question["question"] for question in paragraph["qas"])
            )
            for article in articles
            if is_training_article(article["title"])
            for paragraph in article["paragraphs"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IngestError(
            f"{file}: SQuAD 形式の JSON として読めません（{type(error).__name__}: {error}）。"
            "--squad には data[].title・paragraphs[].context・qas[].question のあるファイルを指定してください。"
        ) from error


def read_texts(file: Path) -> list[TrainingText]:
    """Return the rows of a JSON Lines file: `body` or else `text`, and an optional `title`.

    Raises IngestError, with the line, for an unreadable file or a row without text.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise IngestError(
            f"{file}: 読めません（{error}）。--texts に UTF-8 の JSON Lines を指定してください。"
        ) from error
    return list(_rows(file, lines))


def _rows(file: Path, lines: list[str]) -> Iterator[TrainingText]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = _object(line)
        body = next((row[key] for key in _BODY_KEYS if isinstance(row.get(key), str)), None)
        if body is None:
            raise IngestError(
                f"{file} の {number} 行目: 本文がありません。1行に1つ、body か text（と、あれば title）のある"
                " JSON のオブジェクトを書いてください。"
            )
        yield TrainingText(str(row.get("title") or ""), body)


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
