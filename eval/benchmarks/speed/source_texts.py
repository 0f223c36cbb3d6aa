"""Reads texts to index, from evaluation sets or any text files."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines


@dataclass(frozen=True, slots=True)
class TitledText:
    """A text with its title and the questions about it, mostly none."""

    title: str
    text: str
    questions: tuple[str, ...] = ()


def read_sources(folder: Path) -> list[TitledText]:
    """Return the texts below `folder` in file order: the sets of `FORMATS`, and .md and .txt files.

    Raises SetFileError if there are none or one is invalid.
    """
    files = [(file, read) for pattern, read in FORMATS.items() for file in sorted(folder.glob(pattern))]
    sources = [source for file, read in files for source in read(file) if source.text.strip()]
    if not sources:
        raise SetFileError(f"{folder}: 文章がありません。次のどれかを置いてください: {'、'.join(FORMATS)}")
    return sources


def _article_reader(title: str, text: str) -> Callable[[Path], Iterator[TitledText]]:
    def read(file: Path) -> Iterator[TitledText]:
        for place, line in read_numbered_lines(file):
            try:
                entry = json.loads(line)
                yield TitledText(str(entry.get(title) or ""), str(entry[text]))
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                raise SetFileError(f"{place}: 「{text}」のある JSON の1行ではありません({error})。") from error

    return read


def _read_squad(file: Path) -> Iterator[TitledText]:
    try:
        articles: list[Mapping[str, Any]] = json.loads(file.read_text("utf-8"))["data"]
        for article in articles:
            for paragraph in article["paragraphs"]:
                questions = tuple(str(question["question"]) for question in paragraph["qas"])
                yield TitledText(str(article.get("title", "")), str(paragraph["context"]), questions)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetFileError(f"{file}: SQuAD の形の JSON ではありません({error})。") from error


def _read_text_file(file: Path) -> Iterator[TitledText]:
    try:
        yield TitledText(file.stem, file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise SetFileError(f"{file}: 読めません({error})。UTF-8 のファイルを置いてください。") from error


FORMATS: Mapping[str, Callable[[Path], Iterator[TitledText]]] = {
    "bulletins/articles.jsonl": _article_reader("title", "body"),
    "kiryu/speeches.jsonl": _article_reader("meeting", "text"),
    "localgovfaq/corpus.jsonl": _article_reader("title", "text"),
    "kanazawa/corpus.jsonl": _article_reader("title", "text"),
    "jsquad/*.json": _read_squad,
    "jaquad/*.json": _read_squad,
    "*.md": _read_text_file,
    "*.txt": _read_text_file,
}
