"""Pages of staff's answers: the rows of each file, the form of one with its preview, and files as a whole."""

from pathlib import Path

from fastapi import UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import TypeAdapter, ValidationError

from bot.desk.curation.faq_desk import STATES, ProposedRows
from bot.desk.pages.console import OpenConsole, SentForm, console_router, done
from bot.desk.pages.document_pages import for_readers, list_issuers
from bot.desk.pages.staged import delete_staged, stage_file, staged_path
from bot.errors import DeskError, StagedError
from bot.spreadsheet import CSV, restore_formula
from ingest.japanese import nfkc
from ingest.readers.faq_file import (
    ANSWER,
    AUTHOR,
    COLUMNS,
    FIRST,
    LAST,
    OFFICE,
    QUESTION,
    SUFFIXES,
    SUPERSEDES,
    TELEPHONE,
    WORDINGS,
    FaqRow,
    read_faq,
)

UPLOAD = "/staff/faq/upload"
MAX_UPLOAD_MB = 5
ROWS_PER_PAGE = 25
_PROPOSED = TypeAdapter(ProposedRows)
_COLUMNS = {"question": QUESTION, "answer": ANSWER, "wordings": WORDINGS, "first": FIRST, "last": LAST,
            "supersedes": SUPERSEDES, "office": OFFICE, "telephone": TELEPHONE}  # fmt: skip
router = console_router()


@router.get("/staff/faq")
def show_rows(console: OpenConsole) -> HTMLResponse:
    fields, desk = console.fields, console.faq
    files = desk.files()
    chosen = next((one for one in files if one.id == fields.one("file")), files[0] if files else None)
    wanted = fields.one("state")
    states = desk.states(chosen.id, contradicts=wanted == "contradicts") if chosen else []
    words = nfkc(fields.one("q")).split()
    shown = [
        one
        for one in states
        if wanted in {"", one.state} and all(word in nfkc(" ".join(one.row.cells.values())) for word in words)
    ]
    if fields.one("by"):
        shown.sort(key=lambda one: one.row.cell(LAST) or "9")
    return console.page(
        "faq.html",
        "質問と回答",
        area="faq",
        **console.paging(shown, ROWS_PER_PAGE),
        files=files,
        chosen=chosen,
        state_names=STATES,
        asked={name: fields.one(name) for name in ("q", "state", "by")},
        suffixes=SUFFIXES,
        largest_mb=MAX_UPLOAD_MB,
    )


@router.get("/staff/faq.csv")
def download_file(console: OpenConsole) -> Response:
    file = console.fields.one("file")
    headers = {"content-disposition": f'attachment; filename="{Path(file).name}.csv"'}
    return Response(console.faq.content(file), media_type=CSV, headers=headers)


@router.get("/staff/faq/row")
def show_row(console: OpenConsole) -> HTMLResponse:
    console.person.require_publisher()
    fields = console.fields
    file, key, question = (fields.one(name) for name in ("file", "key", "question"))
    row = next((row for row in console.faq.rows(file) if row.key == key), None) if key else None
    if key and row is None:
        raise DeskError("この行は見つかりません。一覧から選び直してください。")
    proposed = ProposedRows(file, (row or FaqRow(0, {QUESTION: question}),), based_on=row, waiting=question)
    return _row_page(console, proposed)


@router.post("/staff/faq/row")
def check_row(console: OpenConsole, form: SentForm) -> JSONResponse:
    console.person.require_publisher()
    file, key = form.one("file"), form.one("key")
    based_on = FaqRow.from_json(form.one("based_on")) if key else None
    cells = {**(based_on.cells if based_on else {}), **{column: form.one(name) for name, column in _COLUMNS.items()}}
    cells[AUTHOR] = console.person.name
    proposed = ProposedRows(
        file,
        (FaqRow(0, cells),),
        issuer=form.one("issuer"),
        based_on=based_on,
        tried=tuple(form.lines("tried")),
        waiting=form.one("waiting"),
        adds_case=bool(form.one("case")),
    )
    staged = stage_file(console.settings, "row.json", _PROPOSED.dump_json(proposed))
    return done(console.link(f"faq/staged/{staged}"), "確かめました。まだ公開していません。")


@router.post(UPLOAD)
def upload_file(console: OpenConsole, file: UploadFile, target: str = "", office: str = "") -> JSONResponse:
    console.person.require_publisher()
    name = Path(file.filename or "").name
    if Path(name).suffix.lower() not in SUFFIXES:
        raise StagedError(f"{' か '.join(SUFFIXES)} のファイルを渡してください。")
    uploaded = stage_file(console.settings, name, file.file.read())
    with for_readers(console.settings):
        rows = read_faq(staged_path(console.settings, uploaded))
    delete_staged(console.settings, uploaded)
    restored = tuple(FaqRow(row.line, {key: restore_formula(cell) for key, cell in row.cells.items()}) for row in rows)
    proposed = ProposedRows(target, restored, title=office, is_file=True)
    staged = stage_file(console.settings, "rows.json", _PROPOSED.dump_json(proposed))
    return done(console.link(f"faq/staged/{staged}"), f"{len(rows):,}行を読みました。まだ公開していません。")


@router.get("/staff/faq/staged/{key}")
def show_staged(console: OpenConsole, key: str) -> HTMLResponse:
    console.person.require_publisher()
    return _row_page(console, _load_proposed(console, key), key)


@router.post("/staff/faq/staged/{key}")
def publish_rows(console: OpenConsole, form: SentForm, key: str) -> JSONResponse:
    person = console.person.require_publisher()
    proposed = _load_proposed(console, key)
    with for_readers(console.settings):
        ids = console.faq.publish(proposed, person.name, confirmed=bool(form.one("confirmed")))
    delete_staged(console.settings, key)
    if proposed.waiting:
        console.service.open_questions.note_answer(proposed.waiting, person.name)
    console.service.follow()
    address = console.link("faq", file=ids[0].rpartition("-")[0])
    return done(address, "公開しました。次の質問から、この回答で答えます。")


@router.post("/staff/faq/remove")
def remove_row(console: OpenConsole, form: SentForm) -> JSONResponse:
    person = console.person.require_publisher()
    with for_readers(console.settings):
        console.faq.remove(form.one("file"), form.one("key"), person.name)
    console.service.follow()
    return done(console.link("faq", file=form.one("file")), "消しました。もうこの回答では答えません。")


def _load_proposed(console: OpenConsole, key: str) -> ProposedRows:
    try:
        return _PROPOSED.validate_json(staged_path(console.settings, key).read_bytes())
    except ValidationError as error:
        raise StagedError("この回答は、もうありません。一覧から開き直してください。") from error


def _row_page(console: OpenConsole, proposed: ProposedRows, staged: str = "") -> HTMLResponse:
    desk = console.faq
    row = proposed.rows[0] if proposed.rows else FaqRow(0, {})
    issuers = list_issuers(console.service)
    return console.page(
        "faq_row.html",
        "回答を確かめる" if staged else "回答を直す" if proposed.based_on else "回答を書く",
        area="faq",
        proposed=proposed,
        row={name: row.cell(column) for name, column in _COLUMNS.items()},
        key=staged,
        check=desk.check(proposed) if staged else None,
        files=desk.files(),
        issuers=issuers if len(issuers) > 1 else (),
        columns=COLUMNS,
    )
