"""Writes the answers and the dictionary that versions before 0.38 kept in the database into files."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Engine, inspect, text

from bot.errors import DeskError
from bot.spreadsheet import to_csv
from bot.state.citation_marks import remove_marks
from bot.storage.tables import metadata
from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_file
from ingest.documents import Document
from ingest.metadata.document_states import added_entries
from ingest.metadata.document_table import change_documents, read_documents
from ingest.metadata.manifest import examine
from ingest.readers.faq_file import ANSWER, AUTHOR, FIRST, LAST, QUESTION, UPDATED, WORDINGS, FaqRow, write_faq

COMMAND = "export-staff-answers"
FILE_ID = "staff-answers"
"""The id of the file of questions and answers."""
_TABLES = ("curated_versions", "dictionary_versions")
# A table whose rows are in a file now is kept under a name that begins so.
_EXPORTED = "exported_"
_KINDS = {"common": "通称", "former": "旧称", "abbreviation": "略称"}
_NEWEST = "SELECT * FROM {0} v WHERE number = (SELECT max(number) FROM {0} w WHERE w.{1} = v.{1}) ORDER BY number"


def unexported(engine: Engine) -> list[str]:
    """Return the tables of earlier versions whose rows are in no file yet."""
    tables = set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        return [
            name
            for name in _TABLES
            if name in tables - metadata.tables.keys()
            and connection.execute(text(f"SELECT count(*) FROM {name}")).scalar()  # noqa: S608
        ]


def refuse_unexported(engine: Engine) -> None:
    """Raise DeskError if answers or a dictionary of an earlier version would be silently left out."""
    if unexported(engine):
        raise DeskError(
            "前の版で職員が書いた回答か言葉の辞書が、データベースに残っています。"
            f"`python -m bot {COMMAND}` でファイルに移し、`python -m ingest build` のあとで始めてください。"
        )


def export_staff_answers(engine: Engine, settings: Settings) -> dict[str, int]:
    """Write the newest version of each answer and entry that was not withdrawn; return how many by file.

    Answers become an added document, which the next build indexes; the dictionary is beside the manifest.
    """
    counts = {}
    for table in unexported(engine):
        key = "curated_id" if table == _TABLES[0] else "entry_id"
        with engine.begin() as connection:
            rows = [dict(row) for row in connection.execute(text(_NEWEST.format(table, key))).mappings()]
            if table == _TABLES[0]:
                counts[f"{FILE_ID}.csv"] = _write_answers(settings, [row for row in rows if not row["withdrawn"]])
            else:
                counts["dictionary.csv"] = _write_dictionary(settings, [row for row in rows if not row["removed"]])
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {_EXPORTED}{table}"))
    return counts


def _write_answers(settings: Settings, versions: Sequence[dict[str, Any]]) -> int:
    documents = {
        entry.id: entry
        for entry in examine(settings.corpus, added=added_entries(settings, read_documents(settings))).documents
    }
    rows = []
    for version in versions:
        sources, wordings = (_json(version[name]) for name in ("sources", "wordings"))
        first, last = _period(version, [documents[one["doc_id"]] for one in sources if one["doc_id"] in documents])
        cells = {
            QUESTION: wordings[0],
            ANSWER: remove_marks(version["text"]),
            WORDINGS: "\n".join(wordings[1:]),
            FIRST: first,
            LAST: last,
            AUTHOR: version["author"],
            UPDATED: str(version["created"])[:10],
            "出典": "／".join(f"{one['doc_id']} {one['section']}" for one in sources),
        }
        rows.append(FaqRow(0, cells))
    if rows:
        with change_documents(settings) as table:
            row = table.row(FILE_ID)
            row.state, row.file = "added", table.store_file(f"{FILE_ID}.csv", write_faq(rows))
            row.entry = {"title": "職員の回答", "kind": "faq"}
    return len(rows)


def _period(version: dict[str, Any], cited: Sequence[Document]) -> tuple[str, str]:
    """Return the days of a version; without them it was served as long as the documents that it cites."""
    periods = [document.period for document in cited if document.period]
    first = version["valid_from"] or max((period.start for period in periods), default="")
    last = version["valid_until"] or min((period.end for period in periods if period.end < date.max), default="")
    return str(first or ""), str(last or "")


def _write_dictionary(settings: Settings, entries: Sequence[dict[str, Any]]) -> int:
    target = settings.data / "dictionary.csv"
    if target.exists():
        raise DeskError(
            f"「{target}」がもうあります。別の名前にしてから、もう一度実行し、あとで中身を合わせてください。"
        )
    rows = [(one["name"], one["official"], _KINDS.get(one["kind"], one["kind"]), one["note"]) for one in entries]
    content = to_csv(("呼び名", "正式な名前", "種類", "メモ"), rows)
    replace_file(target, lambda temporary: temporary.write_bytes(content))
    return len(rows)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
