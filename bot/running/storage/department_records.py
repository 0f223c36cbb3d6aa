"""Database access for the departments."""

from collections.abc import Callable
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, delete, insert, select, update

from bot.errors import ChangedMeanwhileError
from bot.running.office.departments import Department, describe_change, validate_department
from bot.running.storage.tables import departments

_CHANGED = "ほかの人が先に変えたか、消しました。いまの内容を読み直してから、もう一度保存してください。"


class DepartmentRecords:
    """The table of departments, safe to share between threads and processes. Every method raises StorageError.

    `audit` records who changed a department, and how.
    """

    def __init__(self, engine: Engine, audit: Callable[[str, str], None]) -> None:
        self._engine = engine
        self._audit = audit

    def all(self) -> list[Department]:
        with self._engine.connect() as connection:
            return [_department(row) for row in connection.execute(select(departments).order_by(departments.c.name))]

    def save(self, department: Department, by: str) -> Department:
        """Save a department, as a new one if its id is empty, and return it as saved.

        Raises DeskError if it is invalid, ChangedMeanwhileError if somebody else has changed it.
        """
        valid = validate_department(department)
        saved = replace(valid, id=valid.id or uuid4().hex, version=valid.version + 1, by=by)
        row: dict[str, Any] = asdict(saved) | {"subjects": list(saved.subjects), "changed": datetime.now(UTC)}
        with self._engine.begin() as connection:
            previous = _read(connection, valid) if valid.id else None
            if previous is None:
                connection.execute(insert(departments).values(row))
            elif not connection.execute(update(departments).where(_is_same_version(valid)).values(row)).rowcount:
                raise ChangedMeanwhileError(_CHANGED)
        self._audit(by, describe_change(previous, saved))
        return saved

    def remove(self, department: Department, by: str) -> None:
        """Delete a department. Raises ChangedMeanwhileError if somebody else has changed it."""
        with self._engine.begin() as connection:
            previous = _read(connection, department)
            if not connection.execute(delete(departments).where(_is_same_version(department))).rowcount:
                raise ChangedMeanwhileError(_CHANGED)
        self._audit(by, describe_change(previous, None))


def _read(connection: Connection, department: Department) -> Department:
    row = connection.execute(select(departments).where(_is_same_version(department))).first()
    if row is None:
        raise ChangedMeanwhileError(_CHANGED)
    return _department(row)


def _is_same_version(department: Department) -> ColumnElement[bool]:
    return and_(departments.c.id == department.id, departments.c.version == department.version)


def _department(row: Row[Any]) -> Department:
    values = {field.name: getattr(row, field.name) for field in fields(Department)}
    return Department(**values | {"subjects": tuple(row.subjects)})
