"""Page of the monthly usage reports and the open data exports, and the report itself."""

from datetime import date, timedelta
from pathlib import Path

from fastapi.responses import HTMLResponse

from bot.http.problems import UserFacingError
from bot.pages.referral import Referral
from bot.pages.staff.console import OpenConsole, console_router
from bot.rendering.html.assets import join_assets
from bot.service import Service
from bot.usage import MIN_COUNT, Count, MonthlyUsage, count_month
from bot.usage.month import month_bounds, period_bounds
from ingest.japanese.today import today

EXPORTS = (
    ("statistics", "月ごとの数", "月、結果、尋ねた人、評価、文書ごとの件数"),
    ("questions", "質問", f"{MIN_COUNT}回以上尋ねられた質問と回数、答えられた回数"),
    ("answers", "質問と回答", f"{MIN_COUNT}回以上尋ねられた質問か、職員が書いた回答の、いちばん新しい文と出典"),
)
# A report is printed and loads nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
router = console_router()
_STYLE = join_assets(Path(__file__).parent / "static", "base.css", "report.css")


@router.get("/staff/numbers")
def show_numbers(console: OpenConsole) -> HTMLResponse:
    """Return the months with reports, and the exports."""
    months = _months(console.service.usage.days())
    return console.page("numbers.html", "報告と公開", area="numbers", months=months, exports=EXPORTS, least=MIN_COUNT)


def _months(days: tuple[date, date] | None) -> list[str]:
    if days is None:
        return []
    first = days[0].replace(day=1)
    month = days[1].replace(day=1)
    months = []
    while month >= first:
        months.append(f"{month:%Y-%m}")
        month = (month - timedelta(days=1)).replace(day=1)
    return months


@router.get("/staff/report")
def show_report(console: OpenConsole, month: str = "") -> HTMLResponse:
    """Return the report of a month (YYYY-MM), by default of this one. Raises UserFacingError for an invalid month."""
    try:
        first, last = month_bounds(date.fromisoformat(f"{month}-01") if month else today())
    except ValueError as error:
        raise UserFacingError(422, "月を YYYY-MM の形で書いてください（例: 2026-11）。") from error
    usage = month_report(console.service, first, last)
    name = console.settings.service_name
    html = console.render(
        "report.html", month=usage, name=name, least=MIN_COUNT, made=today(), share=_bar_percent, style=_STYLE
    )
    return HTMLResponse(html, headers={"content-security-policy": POLICY, "x-content-type-options": "nosniff"})


def month_report(service: Service, first: date, last: date) -> MonthlyUsage:
    """Count the questions of a month; subjects are the departments responsible for them."""
    referral = Referral(service)

    def subject(question: str) -> str | None:
        department = referral.department(question)
        return department.name if department and department.subjects else None

    return count_month(first, last, service.usage.questions(*period_bounds(first, last)), subject)


def _bar_percent(count: Count, counts: list[Count]) -> float:
    return 100 * (count.n or 0) / max(*(other.n or 0 for other in counts), 1)
