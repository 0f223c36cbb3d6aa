"""The page of the office's dictionary: one table, a form for a row, and the CSV file."""

from fastapi import UploadFile
from fastapi.responses import HTMLResponse, JSONResponse

from bot.answering.question.dictionary import fold_name
from bot.answering.question.office_dictionary import KINDS, MAX_BYTES, MAX_CHARS, DictionaryEntry, make_entry
from bot.desk.pages.console import OpenConsole, SentForm, console_router, done
from bot.running.http.form_fields import Fields
from ingest.configuration.audit import record_event

ENTRIES_PER_PAGE = 50
FILE = "/staff/dictionary/file"
router = console_router()


@router.get("/staff/dictionary")
def show_dictionary(console: OpenConsole) -> HTMLResponse:
    fields = console.fields
    names = console.service.names
    table = names.dictionary.read()
    of_documents = {
        make_entry(alias, document.title, "文書の呼び名"): document.id
        for state in console.service.documents()
        for document in [state.document]
        for alias in document.aliases
    }
    searched = fold_name(fields.one("q"))
    matching = [entry for entry in (*table.entries, *of_documents) if searched in "\n".join(entry.pair)]

    def notice(entry: DictionaryEntry) -> str:
        if entry in of_documents or entry.kind == KINDS[-1]:
            return ""
        missing = "" if names.is_in_documents(entry.official) else "正式な名前が、いまの文書に見当たりません。"
        return table.problem(entry) or missing

    key = fields.one("key")
    chosen = next((entry for entry in table.entries if key and entry.key == key), None)
    return console.page(
        "dictionary.html",
        "言葉の辞書",
        area="dictionary",
        **console.paging(matching, ENTRIES_PER_PAGE),
        searched=fields.one("q"),
        of_documents=of_documents,
        notice=notice,
        unreadable=table.unreadable,
        key=chosen.key if chosen else "",
        one=chosen or DictionaryEntry("", ""),
        kinds=[(kind, kind) for kind in KINDS],
        most=MAX_CHARS,
        largest_mb=MAX_BYTES // 1_000_000,
    )


@router.post("/staff/dictionary")
def save_row(console: OpenConsole, form: SentForm) -> JSONResponse:
    entry = make_entry(*(form.one(name) for name in ("name", "official", "kind", "note")))
    return _change(console, form, entry, f"「{entry.name}」→「{entry.official}」（{entry.kind}）を保存しました")


@router.delete("/staff/dictionary")
def remove_row(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Remove the row whose key the form has; one of a corpus folder stays, out of use. Raises ChangedMeanwhileError."""
    return _change(console, form, None, f"「{form.one('name')}」→「{form.one('official')}」を外しました")


def _change(console: OpenConsole, form: Fields, entry: DictionaryEntry | None, change: str) -> JSONResponse:
    person = console.person.require_publisher()
    console.service.names.dictionary.change(form.one("key"), entry)
    record_event(console.settings, person.name, "dictionary", (), change)
    return done(console.link("dictionary"), f"{change}。次の質問から使います。")


@router.post(FILE)
def import_file(console: OpenConsole, form: SentForm, file: UploadFile) -> JSONResponse:
    person = console.person.require_publisher()
    n = console.service.names.dictionary.import_csv(file.file.read(), removes=bool(form.one("removes")))
    change = f"CSV を取り込み、{n:,}行にしました"
    record_event(console.settings, person.name, "dictionary", (), change)
    return done(console.link("dictionary"), f"{change}。次の質問から使います。")
