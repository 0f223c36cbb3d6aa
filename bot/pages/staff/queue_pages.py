"""Pages of the queue: unanswered and disliked questions in groups, and the answers that staff write."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fastapi.responses import HTMLResponse, JSONResponse

from bot.answers.curated_records import AnswerProposal, CuratedAnswer, ProposedSource
from bot.auth import SignedInPerson
from bot.curation.queue_records import STATE_NAMES, Group, QueueEntry, State
from bot.curation.staff_desk import WAITING
from bot.errors import DeskError, ProposalError, UnknownPassageError
from bot.http.form_fields import Fields
from bot.http.schemas import SearchResults
from bot.pages.referral import Referral
from bot.pages.staff.console import OpenConsole, SentForm, console_router, done
from bot.privacy.personal import mask_personal_data
from bot.service import Service
from ingest.japanese.today import to_japan_date, today

CURATED_STATES = {
    "served": "答えています",
    "later": "まだ始まっていません",
    "expired": "期限が過ぎました",
    "review": "見直しが必要",
    "withdrawn": "取り下げました",
}
SPANS = {"0": "今日", "6": "この7日", "30": "この31日"}
"""Filters by the greatest age of the last question, in days."""
NOBODY = "担当なし"
GROUPS_PER_PAGE = 25
NEW = "new"
"""The group in the address of an answer that no question waits for."""
MAX_HITS = 8
QUOTE_PREFIX = "quote:"
"""The field of a quote is named by this and the passage id."""
MISSING_PREFIX = "gone:"
"""A source whose passage is missing has this and its number instead of a passage id."""
router = console_router()


@dataclass(frozen=True, slots=True)
class ChosenSource:
    """A source of the answer; one whose passage is missing keeps its number, so that the marks stay correct."""

    id: str
    section: str
    quote: str

    @property
    def is_gone(self) -> bool:
        """Whether its passage has changed or is missing."""
        return self.id.startswith(MISSING_PREFIX)


@router.get("/staff/queue")
def show_queue(console: OpenConsole) -> HTMLResponse:
    """Return a page of the groups that match the filters, and all curated answers."""
    fields = console.fields
    desk = console.service.desk
    service = console.service
    selected = tuple(state for state in STATE_NAMES if state in fields.all("state"))
    states: frozenset[State] = frozenset(selected) or WAITING
    referral = Referral(service)

    def subject_of(group: Group) -> str:
        department = referral.department(group.question)
        return department.name if department else NOBODY

    groups = desk.groups(states)
    if subject := fields.one("subject"):
        groups = [group for group in groups if subject_of(group) == subject]
    if (days := fields.number("since", -1)) >= 0:
        first = today() - timedelta(days=days)
        groups = [group for group in groups if group.last and to_japan_date(group.last) >= first]
    if fields.one("by"):
        groups.sort(key=lambda group: -group.size)
    return console.page(
        "queue.html",
        "改善",
        area="queue",
        **console.paging(groups, GROUPS_PER_PAGE),
        asked={name: fields.one(name) for name in ("state", "since", "subject", "by")},
        subject_of=subject_of,
        subjects=[*(department.name for department in service.departments.all()), NOBODY],
        spans=SPANS,
        state_names=STATE_NAMES,
        curated=desk.curated(),
        curated_states=CURATED_STATES,
    )


@router.get("/staff/queue/{group}")
def show_group(console: OpenConsole, group: str) -> HTMLResponse:
    """Return a group with its questions, a search for sources and the form of the answer. Raises UnknownGroupError."""
    desk = console.service.desk
    fields = console.fields
    opened = None if group == NEW else desk.group(group)
    current = None
    if opened and opened.group.curated_id:
        newest = desk.versions(opened.group.curated_id)[0]
        current = None if newest.withdrawn else newest
    wordings = list(current.wordings) if current else []
    if opened and not current:
        wordings = list(dict.fromkeys(entry.understood or entry.question for entry in opened.entries))
    search_text = fields.one("q") or (opened.group.question if opened else "")
    chosen = _chosen_sources(console.service, fields, current)
    hits = console.service.search(search_text, MAX_HITS) if search_text else []
    return console.page(
        "answering.html",
        opened.group.question if opened else "回答を書く",
        area="queue",
        opened=opened,
        here=console.link(f"queue/{group}"),
        arrived=_group_repeated(opened.entries, console.person) if opened else [],
        state_names=STATE_NAMES,
        current=current,
        searched=search_text,
        hits=SearchResults.from_hits(hits, console.service.documents()).passages,
        chosen=chosen,
        ids=[source.id for source in chosen],
        wordings=wordings,
        published=fields.one("published"),
    )


@router.post("/staff/queue/check")
def check_answer(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Check an answer without publishing it. Raises ProposalError with the problems."""
    if problems := console.service.desk.propose(parse_proposal(form, console.person.name)):
        raise ProposalError(problems)
    return done("", "問題は見つかりませんでした。公開できます。")


@router.post("/staff/queue/publish")
def publish_answer(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Publish an answer. Raises ProposalError with the problems."""
    console.person.require_publisher()
    curated = console.service.desk.publish(parse_proposal(form, console.person.name))
    address = console.link(f"queue/{curated.group_id}", published=curated.id)
    return done(address, "公開しました。これからは、この回答で答えます。")


@router.post("/staff/queue/withdraw")
def withdraw_answer(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Withdraw an answer."""
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
    """Open a group again."""
    console.service.desk.reopen(group, console.person.require_publisher().name)
    return done(console.link(f"queue/{group}"), "一覧に戻しました。")


@router.post("/staff/queue/{group}/dismiss")
def dismiss_group(console: OpenConsole, group: str, form: SentForm) -> JSONResponse:
    """Close a group without an answer. Raises DeskError without a reason."""
    person = console.person.require_publisher()
    reason = form.one("reason")
    if not reason:
        raise DeskError("対応しない理由を書いてください。")
    console.service.desk.dismiss(group, person.name, reason)
    return done(console.link("queue"), "対応しないことにしました。")


def _group_repeated(entries: Iterable[QueueEntry], person: SignedInPerson) -> list[list[QueueEntry]]:
    """Return the entries grouped by question and answer, in the order of the first entry of each group.

    Only editors read the personal data of comments.
    """
    groups = defaultdict[tuple[str, str], list[QueueEntry]](list)
    for entry in entries:
        comments = entry.comments if person.may("editor") else tuple(map(mask_personal_data, entry.comments))
        groups[entry.question, entry.answer.answer].append(replace(entry, comments=comments))
    return list(groups.values())


def _chosen_sources(service: Service, fields: Fields, current: CuratedAnswer | None) -> list[ChosenSource]:
    """Return the chosen sources in the order of the marks, those of the current answer first."""
    pairs = zip(current.sources, service.desk.sources(current.id), strict=True) if current else ()
    sources = [
        ChosenSource(passage.id if passage else f"{MISSING_PREFIX}{n}", source.section, source.quote)
        for n, (source, passage) in enumerate(pairs, start=1)
    ]
    existing = {source.id: source for source in sources}
    ids = fields.all("source") if fields.one("picked") else [*existing, *fields.all("source")]
    chosen = []
    for passage_id in dict.fromkeys(ids):
        with suppress(UnknownPassageError):
            if passage_id not in existing:
                passage = service.passage(passage_id)
                existing[passage_id] = ChosenSource(passage.id, passage.section, passage.text)
            chosen.append(existing[passage_id])
    return chosen


def parse_proposal(form: Fields, author: str) -> AnswerProposal:
    """Return the proposal of a form. Raises DeskError for an invalid date or a missing source."""
    if any(passage_id.startswith(MISSING_PREFIX) for passage_id in form.all("source")):
        raise DeskError("見つからない根拠が残っています。外して、代わりの箇所を根拠にしてください。")
    return AnswerProposal(
        text=form.one("text"),
        sources=tuple(
            ProposedSource(passage_id, form.one(f"{QUOTE_PREFIX}{passage_id}")) for passage_id in form.all("source")
        ),
        wordings=tuple(form.lines("wordings")),
        author=author,
        group_id=form.one("group") or None,
        valid_from=_parse_day(form.one("valid_from")),
        valid_until=_parse_day(form.one("valid_until")),
        curated_id=form.one("curated") or None,
        based_on=form.number("based_on") or None,
    )


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise DeskError("日付は YYYY-MM-DD の形で書いてください。") from error
