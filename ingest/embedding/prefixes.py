"""Query and passage prefixes of an encoder, read from its folder without loading the model."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Keys in a folder's `prompts`: those of sentence-transformers first, then of Jina and others.
_QUERY = ("query", "retrieval_query", "search_query", "web_search_query", "s2p_query")
_PASSAGE = ("document", "passage", "corpus", "retrieval_passage", "retrieval_document", "search_document")


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The text before a query and before a passage; None if unknown."""

    query: str | None = None
    passage: str | None = None

    def overridden_by(self, other: "Prefixes") -> "Prefixes":
        """Return the prefixes of `other`, and these if it has None; blank text is an empty prefix."""
        return Prefixes(_with_default(other.query, self.query), _with_default(other.passage, self.passage))


def _with_default(text: str | None, default: str | None) -> str | None:
    if text is None:
        return default
    return text if text.strip() else ""


_RETRIEVE = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
# Model families by name pattern, with the prefixes of their model cards; the first match is used. Families without
# prefixes are included, because a model card also names the base model and others.
FAMILIES: Mapping[str, Prefixes] = {
    r"-ruri-v3-": Prefixes("検索クエリ: ", "検索文書: "),
    r"-ruri-": Prefixes("クエリ: ", "文章: "),
    r"-glucose-.*v2-": Prefixes("query: ", "passage: "),
    r"-(e5|gte)-(.*-)?instruct-": Prefixes(_RETRIEVE, ""),
    r"-e5-": Prefixes("query: ", "passage: "),
    r"-bge-(small|base|large)-en-": Prefixes("Represent this sentence for searching relevant passages: ", ""),
    r"-bge-(small|base|large)-zh-": Prefixes("为这个句子生成表示以用于检索相关文章：", ""),
    r"-(bge|gte|glucose|plamo-embedding)-": Prefixes("", ""),
}


def folder_prefixes(name: str) -> Prefixes:
    """Return the prefixes of the model folder `name`: its `prompts`, else those of its family.

    For a name on the hub only the family is known.
    """
    folder = Path(name)
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts")
    recorded = _prefixes_from_prompts(prompts) if isinstance(prompts, dict) else None
    return recorded or next(filter(None, map(_prefixes_of_family, _names(folder))), Prefixes())


def _prefixes_from_prompts(prompts: Mapping[str, Any]) -> Prefixes | None:
    texts_by_name = {
        re.sub(r"[^a-z0-9]+", "_", name.lower()): text for name, text in prompts.items() if isinstance(text, str)
    }
    query, passage = (
        next((texts_by_name[name] for name in names if texts_by_name.get(name)), "") for names in (_QUERY, _PASSAGE)
    )
    return Prefixes(query, passage) if query or passage else None


def _prefixes_of_family(name: str) -> Prefixes | None:
    plain = f"-{re.sub(r'[^a-z0-9]+', '-', name.lower())}-"
    return next((prefixes for family, prefixes in FAMILIES.items() if re.search(family, plain)), None)


def _names(folder: Path) -> Iterator[str]:
    yield folder.absolute().name
    # The hub's cache: models--cl-nagoya--ruri-v3-310m/snapshots/<commit>
    yield from (part for part in folder.absolute().parts if part.startswith("models--"))
    yield str(_json(folder / "config.json").get("_name_or_path", ""))
    card = _text(folder / "README.md")
    yield from re.findall(r"""(?:SentenceTransformer|from_pretrained)\(\s*["']([^"']+)""", card)[:1]
    yield from re.findall(r"^base_model:\s*(?:-\s*)?(\S+)", card, re.MULTILINE)[:1]


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(_text(file) or "{}")
    except ValueError:  # damaged files are reported when the model is loaded
        return {}
    return content if isinstance(content, dict) else {}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
