"""Page of one group of questions, with the form in which staff answer it from sources that they search for."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from fastapi.responses import HTMLResponse, JSONResponse

from bot.auth import Person
from bot.curation.answers import CuratedAnswer, Proposal, Source
from bot.curation.desk_interface import Desk
from bot.curation.groups import STATE_NAMES, GroupWithEntries, QueueEntry
from bot.errors import DeskError, ProposalError, UnknownPassageError
from bot.http.form_fields import Fields
from bot.http.schemas import FoundPassage, SearchResults
from bot.pages.staff.console import OpenConsole, SentForm, console_router, done
from bot.privacy.personal import mask_personal_data
from bot.runtime.service_interface import AnswerService

NEW = "new"
"""Stands in the address for an answer that no question waits for."""
MOST_HITS = 8
QUOTE = "quote:"
"""Prefix of the field of a source's quote, before the passage's id."""
GONE = "gone:"
"""Prefix of the number of a source whose passage is gone, in the place of its id."""
router = console_router()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A source of the answer by the id of its passage; one that is gone keeps its place, and so do the marks."""

    id: str
    section: str
    quote: str

    @property
    def is_gone(self) -> bool:
        """Whether no passage says any more what it said."""
        return self.id.startswith(GONE)


@router.get("/staff/queue/{group}")
def show_group(console: OpenConsole, group: str) -> HTMLResponse:
    """Return a group with its questions, a search for sources and the form of the answer. Raises UnknownGroupError."""
    desk, fields = console.service.desk, console.fields
    opened = None if group == NEW else desk.group(group)
    current = _current_answer(desk, opened)
    searched = fields.one("q") or (opened.group.question if opened else "")
    chosen = _chosen_sources(console.service, fields, current)
    return console.page(
        "answering.html",
        opened.group.question if opened else "回答を書く",
        area="queue",
        opened=opened,
        here=console.link(f"queue/{group}"),
        arrived=_group_alike(_readable_entries(opened.entries, console.person) if opened else ()),
        state_names=STATE_NAMES,
        current=current,
        searched=searched,
        hits=_search(console.service, searched),
        chosen=chosen,
        ids=[one.id for one in chosen],
        wordings=_wordings(opened, current),
        published=fields.one("published"),
    )


@router.post("/staff/queue/check")
def check_answer(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Check an answer as it is written; nothing is kept. Raises ProposalError with what is wrong."""
    if problems := console.service.desk.propose(parse_proposal(form, console.person.name)):
        raise ProposalError(problems)
    return done("", "問題は見つかりませんでした。公開できます。")


@router.post("/staff/queue/publish")
def publish_answer(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Serve an answer from now on. Raises ProposalError with what is wrong."""
    console.person.require_publisher()
    curated = console.service.desk.publish(parse_proposal(form, console.person.name))
    at = console.link(f"queue/{curated.group_id}", published=curated.id)
    return done(at, "公開しました。これからは、この回答で答えます。")


@router.post("/staff/queue/withdraw")
def withdraw_answer(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Serve an answer no more."""
    person = console.person.require_publisher()
    curated = console.service.desk.withdraw(form.one("curated"), person.name, form.one("reason"))
    return done(console.link(f"queue/{curated.group_id}"), "取り下げました。もうこの回答では答えません。")


@router.post("/staff/queue/{group}/take")
def take_group(console: OpenConsole, group: str) -> JSONResponse:
    """Put a group in work."""
    console.service.desk.take(group, console.person.require_publisher().name)
    return done(console.link(f"queue/{group}"), "対応中にしました。")


@router.post("/staff/queue/{group}/reopen")
def reopen_group(console: OpenConsole, group: str) -> JSONResponse:
    """Put a group back among the open ones."""
    console.service.desk.reopen(group, console.person.require_publisher().name)
    return done(console.link(f"queue/{group}"), "一覧に戻しました。")


@router.post("/staff/queue/{group}/dismiss")
def dismiss_group(console: OpenConsole, group: str, form: SentForm) -> JSONResponse:
    """Close a group without an answer. Raises DeskError without a reason."""
    person, reason = console.person.require_publisher(), form.one("reason")
    if not reason:
        raise DeskError("対応しない理由を書いてください。")
    console.service.desk.dismiss(group, person.name, reason)
    return done(console.link("queue"), "対応しないことにしました。")


def _readable_entries(entries: Iterable[QueueEntry], person: Person) -> list[QueueEntry]:
    """Return the entries with their comments as a person may read them: staff note whom to call, masked for testers."""
    if person.may("editor"):
        return list(entries)
    return [
        replace(entry, comments=tuple(mask_personal_data(comment) for comment in entry.comments)) for entry in entries
    ]


def _group_alike(entries: Iterable[QueueEntry]) -> list[list[QueueEntry]]:
    """Return entries with the same question and answer together, in the order of the first of each."""
    alike = defaultdict[tuple[str, str], list[QueueEntry]](list)
    for entry in entries:
        alike[entry.question, entry.answer.answer].append(entry)
    return list(alike.values())


def _current_answer(desk: Desk, opened: GroupWithEntries | None) -> CuratedAnswer | None:
    """Return the newest version of what staff have answered to a group already, unless it was withdrawn."""
    if opened is None or opened.group.curated_id is None:
        return None
    newest = desk.versions(opened.group.curated_id)[0]
    return None if newest.withdrawn else newest


def _chosen_sources(service: AnswerService, fields: Fields, current: CuratedAnswer | None) -> list[Chosen]:
    """Return the sources chosen, those of the answer first, in the order that its marks count."""
    kept = {one.id: one for one in _current_sources(service.desk, current)} if current else {}
    wanted = fields.all("source") if fields.one("picked") else [*kept, *fields.all("source")]
    chosen = []
    for passage_id in dict.fromkeys(wanted):
        with suppress(UnknownPassageError):
            chosen.append(kept.get(passage_id) or _passage_source(service, passage_id))
    return chosen


def _current_sources(desk: Desk, current: CuratedAnswer) -> list[Chosen]:
    """Return the sources that the answer has; after a rebuild their passages may have other ids."""
    pairs = zip(current.sources, desk.sources(current.id), strict=True)
    return [
        Chosen(passage.id if passage else f"{GONE}{n}", source.section, source.quote)
        for n, (source, passage) in enumerate(pairs, start=1)
    ]


def _passage_source(service: AnswerService, passage_id: str) -> Chosen:
    passage = service.passage(passage_id)
    return Chosen(passage.id, passage.section, passage.text)


def _search(service: AnswerService, searched: str) -> list[FoundPassage]:
    return (
        SearchResults.from_hits(service.search(searched, MOST_HITS), service.documents()).passages if searched else []
    )


def _wordings(opened: GroupWithEntries | None, current: CuratedAnswer | None) -> list[str]:
    """Return the questions that the answer is for: those it has, else what was asked, each once and complete."""
    if current:
        return list(current.wordings)
    return list(dict.fromkeys(entry.understood or entry.question for entry in opened.entries)) if opened else []


def parse_proposal(form: Fields, author: str) -> Proposal:
    """Return the proposal that a form makes. Raises DeskError for a day that is none, and for a source that is gone."""
    if any(passage_id.startswith(GONE) for passage_id in form.all("source")):
        raise DeskError("見つからない根拠が残っています。外して、代わりの箇所を根拠にしてください。")
    return Proposal(
        text=form.one("text"),
        sources=tuple(Source(passage_id, form.one(f"{QUOTE}{passage_id}")) for passage_id in form.all("source")),
        wordings=tuple(form.lines("wordings")),
        author=author,
        group_id=form.one("group") or None,
        valid_from=_parse_day(form.one("valid_from")),
        valid_until=_parse_day(form.one("valid_until")),
        curated_id=form.one("curated") or None,
        based_on=form.number("based_on") or None,
    )


def _parse_day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise DeskError("日付は YYYY-MM-DD の形で書いてください。") from error
