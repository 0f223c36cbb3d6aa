"""Routes under `/plans`: targets of the plans and their results as page, CSV and JSON."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from bot.answering.languages import Language, catalogue, format_date
from bot.answering.rendering.date_format import format_document_date, format_fiscal_year
from bot.channels.html.display_preferences import request_preferences
from bot.channels.pages.reading.document_routes import passage_url
from bot.channels.pages.reading.page_responses import PageRoute, page_response
from bot.desk.plans.goals import Goal, GoalVerdict, find_goals
from bot.desk.plans.tables import find_tables
from bot.running.http.limits import enforce_rate_limit
from bot.running.http.site import site_url
from bot.running.server_state import server_state
from bot.running.service.document_state import DocumentState
from bot.running.service.service import Service
from bot.spreadsheet import CSV, to_csv
from ingest.japanese import fiscal_year
from ingest.japanese.today import today

_INDICATORS_PER_PAGE = 200
# The columns of the CSV, with the keys of the JSON in the same order.
_KEYS_BY_COLUMN = {
    "文書": "document",
    "分野": "field",
    "指標": "indicator",
    "目標": "target",
    "実績": "result",
    "判定": "said",
    "時点": "when",
    "年度": "year",
    "効力": "in_force",
    "出典": "source",
}
router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(enforce_rate_limit)])


@dataclass(frozen=True, slots=True)
class Indicator:
    """A target of a document with its result; the `year` is the fiscal year of the result, else of publication.

    `field` is the heading of its table, else the title of the document. Tables are numbered from 0 in a document.
    """

    state: DocumentState
    field: str
    goal: Goal
    year: int | None
    table_number: int

    @property
    def in_force(self) -> bool:
        """Whether its document is neither superseded nor expired."""
        return self.state.in_force is not False and self.state.superseded_by is None

    @property
    def address(self) -> str:
        return passage_url(self.goal.row.passage)

    def format_time(self, language: Language = "ja") -> str:
        """Return the time of the result as in the table, else the day of publication."""
        return self.goal.when or format_document_date(self.state.document, language)

    def format_verdict(self, language: Language = "ja") -> str:
        """Return the verdict in words, with the due date if it is still to come."""
        words = catalogue(language)["verdicts"]
        due = self.goal.due
        until = ""
        if due and due >= today() and self.goal.verdict is GoalVerdict.UNDERWAY:
            until = words["until"].format(day=format_date(due.isoformat(), language))
        return f"{words[self.goal.verdict]}{until}"


@dataclass(frozen=True, slots=True)
class IndicatorFilter:
    """The field and the year of the targets to show, "" for any; `all` includes documents that are not in force."""

    field: Annotated[str, Query(max_length=300)] = ""
    year: Annotated[str, Query(max_length=4)] = ""
    all: bool = False

    @property
    def query(self) -> str:
        chosen = {"field": self.field, "year": self.year, "all": "1" if self.all else ""}
        return urlencode({name: value for name, value in chosen.items() if value})

    def select(self, indicators: Sequence[Indicator]) -> list[Indicator]:
        return [
            one
            for one in indicators
            if (self.all or one.in_force)
            and (not self.field or one.field == self.field)
            and (not self.year or str(one.year or "") == self.year)
        ]


_Choice = Annotated[IndicatorFilter, Depends()]


@router.get("/plans")
def plans(
    request: Request, choice: _Choice, number: Annotated[int, Query(alias="at", ge=1, le=10_000)] = 1
) -> Response:
    indicators = _request_indicators(request)
    selectable = IndicatorFilter(all=choice.all).select(indicators)
    selected = choice.select(indicators)
    has_more = len(selected) > _INDICATORS_PER_PAGE * number
    shown = selected[_INDICATORS_PER_PAGE * (number - 1) : _INDICATORS_PER_PAGE * number]
    by_table = groupby(shown, lambda indicator: (indicator.state.document.id, indicator.table_number))
    tables = [list(group) for _, group in by_table]
    language = request_preferences(request).language
    years = sorted({indicator.year for indicator in selectable if indicator.year}, reverse=True)
    return page_response(
        request,
        "plans.html",
        choice=choice,
        fields=[(field, field) for field in dict.fromkeys(indicator.field for indicator in selectable)],
        years=[(str(year), format_fiscal_year(year, language)) for year in years],
        sums={verdict: count for verdict, count in _count_verdicts(selected).items() if count},
        tables=[(table, len({indicator.format_time() for indicator in table}) == 1) for table in tables],
        count=len(selected),
        older=sum(not indicator.in_force for indicator in indicators),
        onward=f"/plans?{choice.query}&at={number + 1}" if has_more else "",
    )


@router.get("/plans.csv")
def plans_csv(request: Request, choice: _Choice) -> Response:
    selected = choice.select(_request_indicators(request))
    rows = [list(_to_record(indicator, request).values()) for indicator in selected]
    content = to_csv(tuple(_KEYS_BY_COLUMN), rows)
    return Response(content, media_type=CSV, headers={"content-disposition": 'filename="plans.csv"'})


@router.get("/plans.json")
def plans_json(request: Request, choice: _Choice) -> Response:
    selected = choice.select(_request_indicators(request))
    rows = [
        _to_record(indicator, request)
        | {"verdict": indicator.goal.verdict.value, "doc_id": indicator.state.document.id}
        for indicator in selected
    ]
    return JSONResponse({"sums": _count_verdicts(selected), "indicators": rows})


def _count_verdicts(indicators: Sequence[Indicator]) -> dict[str, int]:
    counts = Counter(indicator.goal.verdict.value for indicator in indicators)
    return {verdict.value: counts[verdict.value] for verdict in GoalVerdict}


def _request_indicators(request: Request) -> tuple[Indicator, ...]:
    service, day = server_state(request.app).service, today()
    return _read_indicators(service, service.generation, day, tuple(service.documents(day)))


@lru_cache(maxsize=1)
def _read_indicators(
    service: Service, generation: str | None, day: date, states: tuple[DocumentState, ...]
) -> tuple[Indicator, ...]:
    del generation  # part of the key, as the same documents may have been read otherwise
    found = [one for state in states for one in _document_indicators(service, state, day)]
    return tuple(sorted(found, key=lambda one: not one.in_force))


def _to_record(indicator: Indicator, request: Request) -> dict[str, Any]:
    goal = indicator.goal
    values = (
        indicator.state.document.title,
        indicator.field,
        goal.row.label,
        goal.target,
        goal.result,
        indicator.format_verdict(),
        indicator.format_time(),
        indicator.year,
        "現行" if indicator.in_force else "旧",
        f"{site_url(request)}{indicator.address}",
    )
    return dict(zip(_KEYS_BY_COLUMN.values(), values, strict=True))


def _document_indicators(service: Service, state: DocumentState, day: date) -> list[Indicator]:
    document = state.document
    plan_end = document.period.end if document.period and document.kind == "plan" else None
    parts = [int(part) for part in document.published.split("-") if part.isdigit()]
    year = fiscal_year(date(parts[0], parts[1], 1)) if parts[1:] else parts[0] if parts else None
    return [
        Indicator(state, table.section or document.title, goal, goal.year or year, number)
        for number, table in enumerate(find_tables(service.passages(document.id), document.title))
        for goal in find_goals(table, day, plan_end)
    ]
