"""The LangChain system for comparison: `python -m eval.benchmarks.speed.stock build|serve SETTINGS MATERIAL`.

Splitter and retrievers have their defaults; encoder and tokenizer are the product's, so that only the rest is compared.
(Without `preprocess_func`, BM25Retriever splits at spaces and finds nothing for Japanese questions.) BM25 is not
stored, so it is built at each start.
"""

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eval.benchmarks.speed.readings_file import read_readings
from eval.benchmarks.speed.resident import resident_mb
from eval.benchmarks.speed.serving import Operation, serve
from eval.errors import EvalError
from ingest.configuration.settings import Settings

if TYPE_CHECKING:
    from langchain_core.documents import Document

_NEEDED = ("langchain_chroma", "langchain_text_splitters", "langchain_community", "langchain_classic", "rank_bm25")


class StockMissingError(EvalError):
    """The libraries of the comparison system are not installed."""


def require_stock() -> None:
    """Raise StockMissingError unless all libraries of the comparison system are installed."""
    missing = [name.replace("_", "-") for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise StockMissingError(
            f"--stock には {'、'.join(missing)} が要ります。`make setup-bench`"
            '(または `pip install -e ".[bench]"`)で入れてください。'
        )


def main(operation: str, settings_file: str, material: str) -> None:
    """Index the material, or open the index and serve it."""
    settings = Settings(_env_file=None, **json.loads(Path(settings_file).read_text("utf-8")))
    if operation == "build":
        _build(settings, Path(material))
    else:
        serve(lambda: _open_retriever(settings, Path(material)))


def _build(settings: Settings, material: Path) -> None:
    from langchain_chroma import Chroma  # noqa: PLC0415 -- only if it is installed

    documents = _documents(material)
    started = perf_counter()
    chunks = _split(documents)
    Chroma.from_documents(chunks, _embeddings(settings), persist_directory=str(settings.data / "chroma"))
    _bm25(chunks)
    figures = {"build_s": perf_counter() - started, "rss_mb": resident_mb(), "chunks": len(chunks)}
    sys.stdout.write(json.dumps(figures) + "\n")


def _open_retriever(settings: Settings, material: Path) -> Mapping[str, Operation]:
    from langchain_chroma import Chroma  # noqa: PLC0415
    from langchain_classic.retrievers import EnsembleRetriever  # noqa: PLC0415

    store = Chroma(persist_directory=str(settings.data / "chroma"), embedding_function=_embeddings(settings))
    retrievers = [_bm25(_split(_documents(material))), store.as_retriever()]
    return {"search": EnsembleRetriever(retrievers=retrievers, weights=[0.5, 0.5]).invoke}


def _documents(material: Path) -> "list[Document]":
    from langchain_core.documents import Document  # noqa: PLC0415

    passages = [(r.document, passage) for r in read_readings(material) for passage in r.passages]
    return [Document(passage.text, metadata={"source": document.id}) for document, passage in passages]


def _split(documents: "list[Document]") -> "list[Document]":
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

    # The sizes in LangChain's documentation.
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks: list[Document] = splitter.split_documents(documents)
    return chunks


def _bm25(chunks: "list[Document]") -> Any:
    from langchain_community.retrievers import BM25Retriever  # noqa: PLC0415

    from ingest.japanese.tokenise import words  # noqa: PLC0415

    return BM25Retriever.from_documents(chunks, preprocess_func=lambda text: list(words(text)))


def _embeddings(settings: Settings) -> Any:
    from bot.langchain import ShirubeEmbeddings  # noqa: PLC0415
    from ingest.embedding import open_encoder  # noqa: PLC0415

    return ShirubeEmbeddings(open_encoder(settings))


if __name__ == "__main__":
    main(*sys.argv[1:])
