"""Pages of the dictionary: its entries, the effects of a change before it is saved, and import from a file."""

from dataclasses import replace
from typing import get_args

from fastapi import UploadFile
from fastapi.responses import HTMLResponse, JSONResponse

from bot.curation.dictionary.csv_file import MAX_BYTES
from bot.curation.dictionary.effects import MAX_ASKED
from bot.curation.dictionary.entries import KINDS, MAX_ENTRIES, normalise_entry
from bot.errors import ChangedMeanwhileError, DictionaryError
from bot.http.form_fields import Fields
from bot.pages.staff.console import Console, OpenConsole, SentForm, console_router, done
from bot.pages.staff.staged import load_file, stage_file
from bot.question.dictionary import DictionaryEntry, Kind
from bot.state import Status
from ingest.errors import IngestError

ENTRIES_PER_PAGE = 50
IMPORT = "/staff/dictionary/import"
STAGED_NAME = "dictionary.csv"
OUTCOMES = {
    Status.ANSWERED: "答える",
    Status.PARTIAL: "近い箇所を示す",
    Status.CLARIFY: "聞き返す",
    Status.NO_ANSWER: "見つからない",
    Status.OUT_OF_SCOPE: "対象外とする",
}
"""What becomes of a question, as staff read it."""
router = console_router()


@router.get("/staff/dictionary")
def show_dictionary(console: OpenConsole) -> HTMLResponse:
    """Return the entries that match the search, one in the form, and proposals if they are asked for."""
    fields = console.fields
    dictionary = console.service.dictionary
    entries = dictionary.entries()
    searched = normalise_entry(DictionaryEntry(fields.one("q"), "")).pair[0]
    matching = [entry for entry in entries if searched in "\n".join(entry.pair)]
    stored = next((entry for entry in entries if entry.id == fields.one("id")), DictionaryEntry("", ""))
    sent_entry = _parse_entry(fields) if fields.one("name") else stored
    edited = replace(sent_entry, id=stored.id, version=sent_entry.version or stored.version)
    wants_proposals = bool(fields.one("proposals")) and console.person.may_publish
    return console.page(
        "dictionary.html",
        "言葉の辞書",
        area="dictionary",
        total=len(entries),
        most=MAX_ENTRIES,
        **console.paging(matching, ENTRIES_PER_PAGE),
        searched=fields.one("q"),
        one=edited,
        kinds=KINDS,
        proposals=dictionary.proposals() if wants_proposals else None,
        largest_mb=MAX_BYTES // 1_000_000,
    )


@router.get("/staff/dictionary/effects")
def show_effects(console: OpenConsole) -> HTMLResponse:
    """Return the page with the past questions that saving or removing an entry changes, and its button.

    An entry that somebody has changed meanwhile is shown beside the one that was sent. Raises DictionaryError.
    """
    console.person.require_publisher()
    fields = console.fields
    dictionary = console.service.dictionary
    sent_entry = _parse_entry(fields)
    is_removal = bool(fields.one("remove"))
    stored = next((one for one in dictionary.entries() if sent_entry.id and one.id == sent_entry.id), None)
    conflict = None if stored is None or stored.version == sent_entry.version else stored
    is_gone = bool(sent_entry.id) and stored is None
    effects, problem = None, ""
    try:
        find_effects = dictionary.effects_of_removal if is_removal and not is_gone else dictionary.effects
        effects = find_effects(sent_entry)
    except (DictionaryError, IngestError) as error:
        problem = str(error)
    return console.page(
        "dictionary_effects.html",
        "外すとどうなるか" if is_removal else "保存する前に",
        area="dictionary",
        problem=problem,
        one=sent_entry,
        stored=stored,
        conflict=conflict,
        is_gone=is_gone,
        is_removal=is_removal,
        kinds=KINDS,
        effects=effects,
        most_asked=MAX_ASKED,
        outcomes=OUTCOMES,
        is_in_documents=bool(effects) and dictionary.is_in_documents(sent_entry.official),
        is_name_in_documents=bool(effects) and dictionary.is_in_documents(sent_entry.name),
    )


@router.post("/staff/dictionary/check")
def check_entry(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Return the address of the page with the effects of the entry in the form. Raises DictionaryError."""
    console.person.require_publisher()
    console.service.dictionary.check(entry := _parse_entry(form))
    return done(_effects_link(console, entry), "")


@router.post("/staff/dictionary")
def save_entry(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Add an entry, or change the one whose id the form has; a conflict is shown with both versions."""
    person = console.person.require_publisher()
    entry = _parse_entry(form)
    try:
        saved = console.service.dictionary.save(entry, person.name)
    except ChangedMeanwhileError as error:
        return done(_effects_link(console, entry), str(error))
    return done(console.link("dictionary"), f"「{saved.name}」を保存しました。次の質問から使います。")


@router.delete("/staff/dictionary")
def remove_entry(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Remove the entry whose id the form has; a conflict is shown."""
    person = console.person.require_publisher()
    entry = _parse_entry(form)
    try:
        console.service.dictionary.remove(entry, person.name)
    except ChangedMeanwhileError as error:
        return done(_effects_link(console, entry, remove=1), str(error))
    return done(console.link("dictionary"), f"「{entry.name}」を外しました。")


@router.post(IMPORT)
def upload_file(console: OpenConsole, file: UploadFile) -> JSONResponse:
    """Store an uploaded file and return the address of its preview. Raises CsvProblemsError."""
    console.person.require_publisher()
    content = file.file.read(MAX_BYTES + 1)
    console.service.dictionary.plan(content)
    return done(console.link("dictionary/import", key=stage_file(console.settings, STAGED_NAME, content)), "")


@router.get(IMPORT)
def show_import(console: OpenConsole) -> HTMLResponse:
    """Return the page with the changes of an uploaded file, and the button that makes them."""
    console.person.require_publisher()
    key = console.fields.one("key")
    removes = bool(console.fields.one("removes"))
    plan = console.service.dictionary.plan(load_file(console.settings, key), removes=removes)
    return console.page(
        "dictionary_import.html",
        "取り込む前に",
        area="dictionary",
        plan=plan,
        key=key,
        removes=removes,
        kinds=KINDS,
    )


@router.put(IMPORT)
def import_file(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Import the uploaded file whose key the form has. Raises CsvProblemsError, ChangedMeanwhileError."""
    person = console.person.require_publisher()
    content = load_file(console.settings, form.one("key"))
    plan = console.service.dictionary.import_csv(content, person.name, removes=bool(form.one("removes")))
    counts = f"{len(plan.added)}件を加え、{len(plan.changed)}件を直し、{len(plan.removed)}件を外しました。"
    return done(console.link("dictionary"), f"{counts}次の質問から使います。")


def _parse_entry(form: Fields) -> DictionaryEntry:
    kind: Kind = next((kind for kind in get_args(Kind) if kind == form.one("kind")), "common")
    entry = DictionaryEntry(
        form.one("name"), form.one("official"), kind, form.one("note"), form.one("id"), form.number("version")
    )
    return normalise_entry(entry)


def _effects_link(console: Console, entry: DictionaryEntry, **more: object) -> str:
    fields = {name: getattr(entry, name) for name in ("id", "version", "name", "official", "kind", "note")}
    return console.link("dictionary/effects", **fields, **more)
