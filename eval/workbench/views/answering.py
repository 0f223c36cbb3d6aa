"""A group of questions and the answer that staff write to it: sources from search, validity, what does not hold."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from bot.auth import Person
from bot.curation.answers import CuratedAnswer, Proposal, Source
from bot.curation.groups import STATE_NAMES, GroupWithEntries, QueueEntry
from bot.errors import DeskError, ProposalError, UnknownPassageError
from bot.http.schemas import Found, FoundPassage
from bot.pages.views import ActionResult, Address, DrawnView, Fields, View, view_link
from bot.privacy.personal import mask_personal_data
from eval.errors import EvalError
from eval.workbench.bench import Bench
from eval.workbench.render import render_view

FOUND = 8
Act = Callable[[Bench, Fields, Address, Person], ActionResult]
QUOTE = "quote:"
"""What the name of a source's field begins with; behind it stands the passage's id."""
GONE = "gone:"
"""What stands in the place of a passage's id where a source is not there any more; behind it, which one it was."""


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


def _show(bench: Bench, at: Address, by: Person) -> DrawnView:
    whole = bench.desk.group(at.one("id")) if at.one("id") else None
    current = _current(bench, whole)
    searched = at.one("q") or (whole.group.question if whole else "")
    chosen = _chosen(bench, at, current)
    html = render_view(
        "answering.html",
        whole=whole,
        arrived=_alike(_readable(whole.entries, by) if whole else ()),
        state_names=STATE_NAMES,
        current=current,
        searched=searched,
        hits=_hits(bench, searched),
        chosen=chosen,
        ids=[one.id for one in chosen],
        wordings=_wordings(whole, current),
        at=at,
    )
    return DrawnView(html)


def _readable(entries: Iterable[QueueEntry], by: Person) -> list[QueueEntry]:
    """Return the entries with their comments as `by` may read them: staff note whom to call, which testers need not."""
    if by.may("editor"):
        return list(entries)
    return [
        replace(entry, comments=tuple(mask_personal_data(comment) for comment in entry.comments)) for entry in entries
    ]


def _alike(entries: Iterable[QueueEntry]) -> list[list[QueueEntry]]:
    """Return entries in which the same was asked and answered, word for word, together; in the order of the first."""
    found = defaultdict[tuple[str, str], list[QueueEntry]](list)
    for entry in entries:
        found[entry.question, entry.answer.answer].append(entry)
    return list(found.values())


def _current(bench: Bench, whole: GroupWithEntries | None) -> CuratedAnswer | None:
    """Return the newest version of what staff have answered to a group already, unless it was withdrawn."""
    if whole is None or whole.group.curated_id is None:
        return None
    newest = bench.desk.versions(whole.group.curated_id)[0]
    return None if newest.withdrawn else newest


def _chosen(bench: Bench, at: Address, current: CuratedAnswer | None) -> list[Chosen]:
    """Return the sources chosen, those of the answer first, in the order that its marks count."""
    kept = {one.id: one for one in _current_sources(bench, current)}
    wanted = at.all("source") if at.one("picked") else [*kept, *at.all("source")]
    found = []
    for passage_id in dict.fromkeys(wanted):
        with suppress(UnknownPassageError):
            found.append(kept.get(passage_id) or _picked(bench, passage_id))
    return found


def _current_sources(bench: Bench, current: CuratedAnswer | None) -> list[Chosen]:
    """Return the sources that the answer has; after a rebuild their passages may have other ids."""
    if current is None:
        return []
    told = zip(current.sources, bench.desk.sources(current.id), strict=True)
    return [
        Chosen(passage.id if passage else f"{GONE}{n}", source.section, source.quote)
        for n, (source, passage) in enumerate(told, start=1)
    ]


def _picked(bench: Bench, passage_id: str) -> Chosen:
    passage = bench.service.passage(passage_id)
    return Chosen(passage.id, passage.section, passage.text)


def _hits(bench: Bench, searched: str) -> list[FoundPassage]:
    if not searched:
        return []
    return Found.of(bench.service.search(searched, FOUND), bench.service.documents()).passages


def _wordings(whole: GroupWithEntries | None, current: CuratedAnswer | None) -> list[str]:
    """Return the questions that the answer is for: those it has, else what was asked, each once and whole by itself."""
    if current:
        return list(current.wordings)
    return list(dict.fromkeys(entry.understood or entry.question for entry in whole.entries)) if whole else []


def proposal_of(form: Fields, by: str) -> Proposal:
    """Return the proposal that a form makes. Raises EvalError for a day that is none, and for a source that is gone."""
    if any(passage_id.startswith(GONE) for passage_id in form.all("source")):
        raise EvalError("見つからない根拠が残っています。外して、代わりの箇所を根拠にしてください。")
    sources = tuple(Source(passage_id, form.one(f"{QUOTE}{passage_id}")) for passage_id in form.all("source"))
    return Proposal(
        text=form.one("text"),
        sources=sources,
        wordings=tuple(form.lines("wordings")),
        author=by,
        group_id=form.one("group") or None,
        valid_from=_day(form.one("valid_from")),
        valid_until=_day(form.one("valid_until")),
        curated_id=form.one("curated") or None,
        based_on=form.number("based_on") or None,
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise EvalError("日付は YYYY-MM-DD の形で書いてください。") from error


def _check(bench: Bench, form: Fields, _at: Address, by: Person) -> ActionResult:
    if problems := bench.desk.propose(proposal_of(form, by.name)):
        raise ProposalError(problems)
    return ActionResult("問題は見つかりませんでした。公開できます。")


def _publish(bench: Bench, form: Fields, _at: Address, by: Person) -> ActionResult:
    curated = bench.desk.publish(proposal_of(form, by.name))
    return ActionResult(
        "公開しました。これからは、この回答で答えます。", view_link("group", id=curated.group_id, published=curated.id)
    )


def _withdraw(bench: Bench, form: Fields, _at: Address, by: Person) -> ActionResult:
    curated = bench.desk.withdraw(form.one("curated"), by.name, form.one("reason"))
    return ActionResult("取り下げました。もうこの回答では答えません。", view_link("group", id=curated.group_id))


def _take(bench: Bench, _form: Fields, at: Address, by: Person) -> ActionResult:
    bench.desk.take(at.one("id"), by.name)
    return ActionResult("対応中にしました。")


def _dismiss(bench: Bench, form: Fields, at: Address, by: Person) -> ActionResult:
    if not form.one("reason"):
        raise DeskError("対応しない理由を書いてください。")
    bench.desk.dismiss(at.one("id"), by.name, form.one("reason"))
    return ActionResult("対応しないことにしました。", view_link("loop"))


def _reopen(bench: Bench, _form: Fields, at: Address, by: Person) -> ActionResult:
    bench.desk.reopen(at.one("id"), by.name)
    return ActionResult("一覧に戻しました。")


def _by_staff(act: Act) -> Act:
    """Return what an action does for those who answer for the office; others get NotPermittedError."""
    return lambda bench, form, at, by: act(bench, form, at, by.require_publisher())


ANSWERING = View(
    _show,
    {
        "check": _check,
        "publish": _by_staff(_publish),
        "withdraw": _by_staff(_withdraw),
        "take": _by_staff(_take),
        "dismiss": _by_staff(_dismiss),
        "reopen": _by_staff(_reopen),
    },
    area="loop",
)
