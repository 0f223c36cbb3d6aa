"""Small indexes of passages or files that a test writes out."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingest.build.build import build, index_documents
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument, Passage
from ingest.index.index import Index, open_index
from tests.ingest.small_corpus import LetterEncoder, make_settings

ENCODER = LetterEncoder()


def document(doc_id: str, *texts: str | tuple[str, str]) -> ParsedDocument:
    pairs = [text if isinstance(text, tuple) else ("", text) for text in texts]
    passages = [
        Passage(f"{doc_id}#{row}", doc_id, "text", (heading,) if heading else (), text, (row + 1,))
        for row, (heading, text) in enumerate(pairs)
    ]
    return ParsedDocument(Document(doc_id, "", file=doc_id), tuple(passages))


@contextmanager
def opened(folder: Path, readings: Sequence[ParsedDocument], *, adapt: bool = False) -> Iterator[Index]:
    settings = make_settings(folder, adapt=adapt)
    index_documents(settings, readings, encoder=ENCODER)
    with open_index(settings) as index:
        yield index


def built(folder: Path, texts: Mapping[str, str], manifest: str = "") -> Settings:
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, text in texts.items():
        (corpus / f"{name}.md").write_text(text, "utf-8")
    if manifest:
        (corpus / "manifest.toml").write_text(manifest, "utf-8")
    settings = Settings(_env_file=None, data=folder / "data", corpus=corpus)
    build(settings, [corpus])
    return settings
