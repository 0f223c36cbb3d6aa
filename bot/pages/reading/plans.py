"""Routes under `/plans`: targets of the plans and their results as page, CSV and JSON."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from threading import Lock
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from bot.guardrails.prompt_injection import has_injection
from bot.http.site import site_url
from bot.languages import Language, catalogue, format_date
from bot.pages.reading.documents import passage_url
from bot.pages.reading.page_responses import PageRoute, page_response
from bot.rendering.html.date_format import format_document_date, format_fiscal_year
from bot.rendering.html.display_preferences import request_preferences
from bot.runtime.service_interface import AnswerService, DocumentState
from bot.spreadsheet import CSV, to_csv
from bot.tables import Tables
from bot.tables.target import Goal, GoalVerdict, find_goals
from ingest.japanese import fiscal_year
from ingest.japanese.today import today

# Targets on one page.
_A_PAGE = 200
COLUMNS = ("文書", "分野", "指標", "目標", "実績", "判定", "時点", "年度", "効力", "出典")


@dataclass(frozen=True, slots=True)
class Indicator:
    """A target where it stands: the state of its document, the `field` that its table is about, its fiscal `year`.

    `n` is the number of its table in the document.
    """

    state: DocumentState
    field: str
    goal: Goal
    year: int | None
    n: int

    @property
    def in_force(self) -> bool:
        """Whether its document counts: it has not been replaced, and no period of its own has ended."""
        return self.state.in_force is not False and self.state.superseded_by is None

    @property
    def address(self) -> str:
        """Where it stands for good."""
        return passage_url(self.goal.row.passage)

    def when(self, language: Language = "ja") -> str:
        """As of when the result is told: by the table, else by the day on which the document was published."""
        return self.goal.when or format_document_date(self.state.document, language)

    def said(self, language: Language = "ja") -> str:
        """Return the verdict in words, with the day that is still to come."""
        due, words = self.goal.due, catalogue(language)["verdicts"]
        until = ""
        if due and due >= today() and self.goal.verdict is GoalVerdict.UNDERWAY:
            until = words["until"].format(day=format_date(due.isoformat(), language))
        return f"{words[self.goal.verdict]}{until}"


class IndicatorCache:
    """The targets of the documents in service, read once for each state of them. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._key: tuple[object, ...] = ()
        self._found: tuple[Indicator, ...] = ()

    def of(self, service: AnswerService, day: date) -> tuple[Indicator, ...]:
        """Return all of them: those in force first, by document, in the order of its tables. Raises NoIndexError."""
        states = service.documents(day)
        key = (service.generation, day, tuple(states))
        with self._lock:
            if key != self._key:
                self._found, self._key = _read_indicators(service, states, day), key
            return self._found


router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class IndicatorFilter:
    """What of the targets somebody wants to see: those of a field, of a year, of documents that were replaced too."""

    field: str
    year: str
    all: bool

    @property
    def query(self) -> str:
        """The choice as a part of an address."""
        chosen = {"field": self.field, "year": self.year, "all": "1" if self.all else ""}
        return urlencode({name: value for name, value in chosen.items() if value})

    def among(self, found: Sequence[Indicator]) -> list[Indicator]:
        """Return what is chosen."""
        return [
            one
            for one in found
            if (self.all or one.in_force)
            and (not self.field or one.field == self.field)
            and (not self.year or str(one.year or "") == self.year)
        ]


def read_filter(
    field: Annotated[str, Query(max_length=300)] = "",
    year: Annotated[str, Query(max_length=4)] = "",
    all: Annotated[str, Query(max_length=1)] = "",  # noqa: A002 -- its name in the address
) -> IndicatorFilter:
    """Return what the address chooses."""
    return IndicatorFilter(field, year, all == "1")


_Choice = Annotated[IndicatorFilter, Depends(read_filter)]


@router.get("/plans")
def plans(request: Request, choice: _Choice, at: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    """Show the targets."""
    every = _request_indicators(request)
    open_to_all = IndicatorFilter("", "", choice.all).among(every)
    found = choice.among(every)
    shown = found[_A_PAGE * (at - 1) : _A_PAGE * at]
    sums = Counter(one.goal.verdict.value for one in found)
    language, years = request_preferences(request).language, {one.year for one in open_to_all if one.year}
    return page_response(
        request,
        "plans.html",
        choice=choice,
        fields=[(field, field) for field in dict.fromkeys(one.field for one in open_to_all)],
        years=[(str(year), format_fiscal_year(year, language)) for year in sorted(years, reverse=True)],
        sums={one.value: sums[one.value] for one in GoalVerdict if sums[one.value]},
        tables=[(held, len({one.when() for one in held}) == 1) for held in _group_by_table(shown)],
        count=len(found),
        older=sum(not one.in_force for one in every),
        onward=f"/plans?{choice.query}&at={at + 1}" if len(found) > _A_PAGE * at else "",
    )


@router.get("/plans.csv")
def as_table(request: Request, choice: _Choice) -> Response:
    """Return the targets as CSV."""
    rows = [list(_to_record(one, request).values()) for one in choice.among(_request_indicators(request))]
    return Response(to_csv(COLUMNS, rows), media_type=CSV, headers={"content-disposition": 'filename="plans.csv"'})


@router.get("/plans.json")
def as_json(request: Request, choice: _Choice) -> Response:
    """Return the targets as JSON."""
    found = choice.among(_request_indicators(request))
    sums = Counter(one.goal.verdict.value for one in found)
    rows = [
        dict(zip(_KEYS, _to_record(one, request).values(), strict=True))
        | {"verdict": one.goal.verdict.value, "doc_id": one.state.document.id}
        for one in found
    ]
    return JSONResponse({"sums": {verdict.value: sums[verdict.value] for verdict in GoalVerdict}, "indicators": rows})


_KEYS = ("document", "field", "indicator", "target", "result", "said", "when", "year", "in_force", "source")


def _group_by_table(shown: Sequence[Indicator]) -> list[list[Indicator]]:
    return [list(held) for _, held in groupby(shown, lambda one: (one.state.document.id, one.n))]


def _request_indicators(request: Request) -> tuple[Indicator, ...]:
    indicators: IndicatorCache = request.app.state.indicators
    return indicators.of(request.app.state.service, today())


def _to_record(one: Indicator, request: Request) -> dict[str, Any]:
    goal, source = one.goal, f"{site_url(request)}{one.address}"
    told = (
        one.state.document.title,
        one.field,
        goal.row.label,
        goal.target,
        goal.result,
        one.said(),
        one.when(),
        one.year,
    )
    return dict(zip(COLUMNS, (*told, "現行" if one.in_force else "旧", source), strict=True))


def _read_indicators(service: AnswerService, states: Sequence[DocumentState], day: date) -> tuple[Indicator, ...]:
    found = [one for state in states for one in _document_indicators(service, state, day)]
    return tuple(sorted(found, key=lambda one: not one.in_force))


def _document_indicators(service: AnswerService, state: DocumentState, day: date) -> list[Indicator]:
    document = state.document
    passages = service.passages(document.id)
    tables = Tables(passages, has_injection)
    found = dict.fromkeys(table for passage in passages if (table := tables.find_table(passage)))
    ends = document.period.end if document.period and document.kind == "plan" else None
    told = [int(part) for part in document.published.split("-") if part.isdigit()]
    published = fiscal_year(date(told[0], told[1], 1)) if len(told) > 1 else told[0] if told else None
    return [
        Indicator(state, table.section or document.title, goal, goal.year or published, n)
        for n, table in enumerate(found)
        for goal in find_goals(table, day, ends)
    ]
