"""The cases of the workbench: their files, and the form in which they are written."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bot.http.form_fields import Fields
from eval.checks.case_problems import CASE_CHECKS, LocatedCase, find_case_problems
from eval.checks.corpus_text import load_indexed_text
from eval.dataset.case import Case, read_case
from eval.dataset.sets import office_folder, project_sets
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines
from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_text

PATIENCE_S = 10
# New cases of the workbench are added to this file of the folder.
WRITTEN = "workbench.jsonl"


@dataclass(frozen=True, slots=True)
class Written:
    """A case in a file; `version` is the digest of its line."""

    set: str
    case: Case
    file: Path
    version: str


class CaseFiles:
    """The cases of all sets. Raises SetFileError for a broken file."""

    def __init__(self, settings: Settings) -> None:
        self.folder = office_folder(settings)
        self._settings = settings

    def all(self) -> list[Written]:
        """Return every case of every set."""
        return [
            Written(case_set.name, read_case(line, location), file, _version(line))
            for case_set in project_sets(settings=self._settings)
            if case_set.is_in_our_format
            for file in case_set.files
            for location, line in read_numbered_lines(file)
        ]

    def find(self, case_id: str) -> Written | None:
        """Return the case of an id, which is used once over all sets; None if there is none."""
        return next((stored for stored in self.all() if stored.case.id == case_id), None)

    def writes(self, case_id: str) -> bool:
        """Whether the case of an id is in the folder that can be written."""
        stored = self.find(case_id)
        return stored is not None and self._own(stored.file)

    def problems(self, case: Case, based_on: str) -> list[str]:
        """Return the problems that `python -m eval check` reports for a case among all others, over the current index.

        `based_on` is the version that it replaces, "" for a new one. Raises SetFileError, IngestError.
        """
        others = [stored for stored in self.all() if not (based_on and stored.case.id == case.id)]
        label = "この問い"
        placed = [*(LocatedCase(str(stored.file), stored.case) for stored in others), LocatedCase(label, case)]
        in_service = load_indexed_text(["いまの文書"], self._settings)
        alone = find_case_problems([LocatedCase(label, case)], [in_service] if in_service else [])
        among_others = [problem for check in CASE_CHECKS for problem in check(placed)]
        return list(dict.fromkeys(problem.text for problem in [*alone, *among_others] if problem.location == label))

    def save(self, case: Case, based_on: str) -> Path:
        """Replace the version of a case that was read, or add a new one if `based_on` is ""; return the file.

        Raises SetFileError if the id is taken, if somebody has changed or removed the case since, or if the folder
        cannot be written; nothing has changed then.
        """
        with self._alone():
            previous = self.find(case.id)
            if based_on and (previous is None or previous.version != based_on):
                raise SetFileError(
                    f"問い「{case.id}」は、開いてからほかの人が変えました。書いた内容は残っています。"
                    "新しい内容を別の画面で開いて、書き写してください。"
                )
            if not based_on and previous is not None:
                raise SetFileError(f"id「{case.id}」はもう使われています。別の id にしてください。")
            if previous is not None and not self._own(previous.file):
                raise SetFileError("製品に付いてくる問いは書き換えられません。写して、別の id で保存してください。")
            file = previous.file if previous else self.folder / WRITTEN
            replace_text(file, _replaced(file, case, previous))
            return file

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / ".lock", timeout=PATIENCE_S):
                yield
        except Timeout as error:
            raise SetFileError("ほかの人が問いを保存しています。少し待ってから、もう一度保存してください。") from error
        except OSError as error:
            raise SetFileError(
                f"問いのフォルダーに書き込めません（{error.strerror}）。管理者に伝えてください。"
            ) from error

    def _own(self, file: Path) -> bool:
        return file.resolve().is_relative_to(self.folder.resolve())


def _replaced(file: Path, case: Case, previous: Written | None) -> str:
    """Return the text of a file with the line of a case replaced, or added at the end.

    Lines end at a line feed only, as for `read_numbered_lines`. Raises SetFileError if the case would not read back the
    same.
    """
    lines = file.read_text("utf-8-sig").removesuffix("\n").split("\n") if file.is_file() else []
    line = json.dumps(case.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
    if read_case(line, str(file)) != case:
        raise SetFileError("この問いは、書いたとおりには読み戻せません。変わった文字があれば除いてください。")
    if previous is None:
        lines.append(line)
    else:
        lines = [line if _version(old_line) == previous.version else old_line for old_line in lines]
    return "".join(f"{line}\n" for line in lines)


def _version(line: str) -> str:
    return sha256(line.strip().encode()).hexdigest()


# One group a line, its alternatives apart by this: no case has it in its words.
OR = " | "


def form_values(case: dict[str, Any]) -> dict[str, str]:
    """Return the values of the fields for a case as JSON, which may be incomplete."""
    return {
        "id": case.get("id", ""),
        "kind": case.get("kind", ""),
        "turns": "\n".join(map(_join_lines, case.get("turns", ()))),
        "must": "\n".join(OR.join(group) for group in case.get("must", ())),
        "must_not": "\n".join(case.get("must_not", ())),
        "cite": "\n".join(case.get("cite", ())),
        "behave": case.get("behave", "answer"),
        "as_of": str(case.get("as_of") or ""),
        "style": case.get("style", "standard"),
        "audience": case.get("audience", "citizen"),
        "tags": "、".join(case.get("tags", ())),
        "priority": str(case.get("priority", 2)),
        "provenance": case.get("provenance", "written"),
        "note": case.get("note", ""),
    }


def survives_form(case: Case) -> bool:
    """Whether the form can represent a case: a turn with a line break or a word with "|" is lost in it."""
    try:
        return case_from_form(Fields(form_values(case.model_dump(mode="json")).items())) == case
    except SetFileError:
        return False


def _join_lines(turn: str) -> str:
    return " ".join(line.strip() for line in turn.splitlines() if line.strip())


def case_from_form(form: Fields) -> Case:
    """Return the case that a form makes. Raises SetFileError, which names each field that is wrong."""
    values: dict[str, Any] = {name: form.one(name) for name in ("id", "kind", "behave", "style", "audience", "note")}
    values |= {name: form.lines(name) for name in ("turns", "must_not", "cite")}
    values["must"] = [[words.strip() for words in line.split("|") if words.strip()] for line in form.lines("must")]
    values["tags"] = [tag.strip() for tag in form.one("tags").replace(",", "、").split("、") if tag.strip()]
    values |= {"priority": form.number("priority", 2), "provenance": form.one("provenance") or "written"}
    values["as_of"] = form.one("as_of") or None
    return read_case(json.dumps(values, ensure_ascii=False), "この問い")
