"""Query and passage prefixes of an encoder, read from its folder without loading the model."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Names under which a folder's `prompts` hold the two: the library's own first, then Jina's and those of others.
_QUERY = ("query", "retrieval_query", "search_query", "web_search_query", "s2p_query")
_PASSAGE = ("document", "passage", "corpus", "retrieval_passage", "retrieval_document", "search_document")


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The text before a query and before a passage; None where nothing is said of it."""

    query: str | None = None
    passage: str | None = None

    def overridden_by(self, said: "Prefixes") -> "Prefixes":
        """Return what `said` says, and these where it says nothing; blank text says that there is no prefix."""
        return Prefixes(_first_given(said.query, self.query), _first_given(said.passage, self.passage))


def _first_given(said: str | None, otherwise: str | None) -> str | None:
    return otherwise if said is None else said if said.strip() else ""


_RETRIEVE = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
# Families by their names between hyphens, as their model cards have it; the first that fits is taken. Those without
# prefixes stand here too: the card of a model names others that it was made from or is compared with.
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
    """Return what the folder `name` says of its prefixes: its `prompts`, else what its family is known to want.

    Of a name on the hub only the family is known.
    """
    folder = Path(name)
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts")
    said = _prefixes_from_prompts(prompts) if isinstance(prompts, dict) else None
    return said or next(filter(None, map(_prefixes_of_family, _names(folder))), Prefixes())


def _prefixes_from_prompts(prompts: Mapping[str, Any]) -> Prefixes | None:
    """Return the prefixes among `prompts`; None where both are empty, as the library saves what nobody has set."""
    known = {re.sub(r"[^a-z0-9]+", "_", name.lower()): text for name, text in prompts.items() if isinstance(text, str)}
    query, passage = (next((known[name] for name in names if known.get(name)), "") for names in (_QUERY, _PASSAGE))
    return Prefixes(query, passage) if query or passage else None


def _prefixes_of_family(name: str) -> Prefixes | None:
    plain = f"-{re.sub(r'[^a-z0-9]+', '-', name.lower())}-"
    return next((prefixes for family, prefixes in FAMILIES.items() if re.search(family, plain)), None)


def _names(folder: Path) -> Iterator[str]:
    """Yield what the model calls itself, what was named by people for this very model first."""
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
    except ValueError:  # what is damaged is told where the model is loaded
        return {}
    return content if isinstance(content, dict) else {}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
