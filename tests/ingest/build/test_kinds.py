"""Kinds of content are compiled at build; one that fails is named, and its document is searched."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.build import kinds
from ingest.build.build import build
from ingest.documents import Document
from ingest.errors import IngestError
from ingest.index.artefacts import read_artefact
from ingest.index.index import open_index
from ingest.index.passages import PassageStore
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings


@dataclass(frozen=True)
class Installed:
    value: object
    module: str = "tests.ingest.small_corpus"

    def load(self) -> object:
        return self.value


class Notices:
    name = "notices"

    def compile(self, _store: PassageStore, document: Document) -> bytes | None:
        if document.id == "plan":
            raise ZeroDivisionError
        return document.title.encode()


def test_a_kind_that_fails_is_named_and_its_document_is_searched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kinds, "entry_points", lambda **_group: [Installed([Notices()])])
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)
    settings = make_settings(tmp_path)
    for _ in ("new", "unchanged"):
        report = build(settings, [corpus], encoder=LetterEncoder())
        assert ["「planの文書」は一部（notices: ZeroDivisionError）" in str(one) for one in report.findings] == [True]
    with open_index(settings) as index:
        assert {document.id for document in index.documents} == {"plan", "report"}
        assert read_artefact(index.folder, "notices", "report") == "reportの文書".encode()
        assert read_artefact(index.folder, "notices", "plan") is None


def test_a_program_without_its_kinds_builds_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kinds, "entry_points", lambda **_group: [])
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    with pytest.raises(IngestError, match="make setup"):
        build(make_settings(tmp_path), [corpus], encoder=LetterEncoder())
