"""The departments in the database, as staff keep them."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, Row, and_, delete, insert, select, update

from bot.errors import ChangedMeanwhileError
from bot.office.departments import Department, checked
from bot.records.database import told_in_japanese
from bot.records.desk_tables import departments

_CHANGED = "ほかの人が先に変えたか、消しました。いまの内容を読み直してから、もう一度保存してください。"


class DepartmentRecords:
    """See `bot.office.Departments`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Department]:
        """Return every department, by name."""
        with told_in_japanese(), self._engine.connect() as connection:
            return [_department(row) for row in connection.execute(select(departments).order_by(departments.c.name))]

    def save(self, department: Department, by: str) -> Department:
        """Keep a department. Raises DepartmentError, ChangedMeanwhileError, StorageError."""
        told = checked(department)
        kept = replace(told, id=told.id or uuid4().hex, version=told.version + 1, by=by)
        row: dict[str, Any] = asdict(kept) | {"subjects": list(kept.subjects), "changed": datetime.now(UTC)}
        with told_in_japanese(), self._engine.begin() as connection:
            if not told.id:
                connection.execute(insert(departments).values(row))
            elif not connection.execute(update(departments).where(_as_read(told)).values(row)).rowcount:
                raise ChangedMeanwhileError(_CHANGED)
        return kept

    def remove(self, department: Department) -> None:
        """Take a department out. Raises ChangedMeanwhileError, StorageError."""
        with told_in_japanese(), self._engine.begin() as connection:
            if not connection.execute(delete(departments).where(_as_read(department))).rowcount:
                raise ChangedMeanwhileError(_CHANGED)


def _as_read(department: Department) -> ColumnElement[bool]:
    return and_(departments.c.id == department.id, departments.c.version == department.version)


def _department(row: Row[Any]) -> Department:
    texts = {name: getattr(row, name) for name in ("name", "telephone", "hours", "link", "id", "version", "by")}
    return Department(subjects=tuple(row.subjects), **texts)
