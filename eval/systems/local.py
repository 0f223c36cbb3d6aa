"""Opens the system under test in this process, over an index built for runs or the one in service."""

import shutil
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from bot.answering.question.office_dictionary import read_csv
from bot.answering.state import Question, Turn
from bot.errors import BotError
from bot.running.service.service import Service, open_service
from eval.dataset.sets import write_manifest
from eval.errors import RefusedError, SetFileError
from eval.scoring.statement_support import check_support
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.corpus import MANIFEST
from ingest.readers import SUFFIXES

# Number of retrieved passages stored in a row.
_STORED_HITS = 10


def build_run_index(settings: Settings, corpora: Sequence[Path], documents: Sequence[str] = ()) -> Settings:
    """Index `corpora` in a folder used only by runs, without touching the service in use; return its settings.

    `documents` are the only files of the corpora to index, by name without suffix. What has not changed since the last
    run is not indexed again. Raises IngestError, and SetFileError for a missing document.
    """
    key = "\n".join([settings.encoder, *(str(corpus.resolve()) for corpus in corpora), *documents])
    folder = settings.data / "eval" / "index" / sha256(key.encode()).hexdigest()[:16]
    isolated = settings.model_copy(update={"data": folder, "chroma_url": None, "database_url": None})
    build(isolated, [_copy_documents(folder / "corpus", corpora, documents)] if documents else corpora)
    return isolated


def _copy_documents(copy: Path, corpora: Sequence[Path], documents: Sequence[str]) -> Path:
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    written = []
    for number, name in enumerate(documents, start=1):
        candidates = (folder / f"{name}{suffix}" for folder in corpora for suffix in SUFFIXES)
        file = next((file for file in candidates if file.is_file()), None)
        if file is None:
            folders = "、".join(map(str, corpora))
            raise SetFileError(f"{folders} に文書「{name}」がありません。問いの documents を確かめてください。")
        shutil.copy(file, copy)
        manifest = file.with_name(MANIFEST)
        entries = tomllib.loads(manifest.read_text("utf-8"))["document"] if manifest.is_file() else []
        lines = file.read_text("utf-8").splitlines() if file.suffix in {".md", ".txt"} else []
        title = next((line.lstrip("# ").strip() for line in lines if line.strip()), "") or name
        default = {"file": file.name, "id": f"document-{number}", "title": title, "issuer": ""}
        written.append(next((entry for entry in entries if entry["file"] == file.name), default))
    write_manifest(copy, written)
    return copy


class LocalService:
    """A service in this process, with what it did for its last answer; not to be shared between threads."""

    in_process = True

    def __init__(self, service: Service) -> None:
        self._service = service
        self._turn: Turn | None = None
        self._calls: list[dict[str, Any]] = []

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer one question. Raises RefusedError."""
        try:
            answer = self._service.ask(Question.model_validate(body), on_turn=partial(setattr, self, "_turn"))
        except BotError as error:
            raise RefusedError(str(error)) from error
        self._calls = [asdict(call) for call in answer.calls]
        return answer.model_dump(mode="json")

    def observations(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return details of an answer: confidence, expected answer type, passages, model calls, statements.

        Each statement comes with what its sources do not support.
        """
        turn = self._turn
        assert turn is not None
        relevance = turn.relevance
        documents = [state.document for state in self._service.documents(turn.requested_day)]
        details = {
            "confidence": relevance and (relevance.correctness or relevance.confidence),
            "answer_type": turn.query.answer_type.value if turn.query else None,
            "searched": [
                {
                    "passage_id": hit.passage.id,
                    **{name: getattr(hit.passage, name) for name in ("doc_id", "section", "page")},
                    "score": round(hit.score, 4),
                    "text": hit.passage.text,
                }
                for hit in turn.hits[:_STORED_HITS]
            ],
            "calls": self._calls,
            "proposed": list(turn.texts.proposed),
            "stopped": [asdict(sentence) for sentence in turn.rejected],
            "statements": check_support(answer, self._service.passage, documents),
        }
        # An empty search is reported too: perhaps a question declined before retrieval should have been searched.
        return {name: value for name, value in details.items() if name == "searched" or value not in (None, [])}


@contextmanager
def open_service_index(
    settings: Settings, without: Collection[str] = (), dictionary: Path | None = None
) -> Iterator[LocalService]:
    """Open the index in service in `settings.data`; questions are recorded in a temporary database.

    `without` names disabled ranking adjustments; `dictionary`, a CSV file, is used as if it were beside the documents.
    """
    with TemporaryDirectory(prefix="shirube-eval-") as folder:
        url = f"sqlite:///{folder}/records.sqlite"
        # A refusal contains the office's contact, which must not match the expected words of a case.
        isolated = settings.model_copy(update={"database_url": SecretStr(url), "contact": ""})
        with open_service(isolated, disabled_adjustments=frozenset(without)) as service:
            service.wait_for_model()
            if dictionary:
                read_csv(dictionary.read_bytes())  # an unreadable one would not be used
                service.names.dictionary.files.append(dictionary)
            yield LocalService(service)
