"""Pages of the office: its departments, the monthly reports, and the open data."""

from datetime import date
from pathlib import Path

from fastapi.responses import HTMLResponse, JSONResponse

from bot.http.form_fields import Fields
from bot.http.problems import UserFacingError
from bot.office import Department
from bot.pages.referral import Referral
from bot.pages.staff.console import OpenConsole, SentForm, console_router, done
from bot.pages.staff.document_pages import list_issuers
from bot.rendering.html.markup import join_assets
from bot.service import Service
from bot.usage.month import MIN_COUNT, Count, MonthlyUsage, count_month, month_bounds, period_bounds
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
    months = []
    if days := console.service.usage.days():
        first, last = (12 * day.year + day.month - 1 for day in days)
        months = [f"{month // 12}-{month % 12 + 1:02}" for month in range(last, first - 1, -1)]
    return console.page("numbers.html", "報告と公開", area="numbers", months=months, exports=EXPORTS, least=MIN_COUNT)


@router.get("/staff/report")
def show_report(console: OpenConsole, month: str = "") -> HTMLResponse:
    """Return the report of a month (YYYY-MM), by default of this one. Raises UserFacingError for an invalid month."""
    try:
        first, last = month_bounds(date.fromisoformat(f"{month}-01") if month else today())
    except ValueError as error:
        raise UserFacingError(422, "月を YYYY-MM の形で書いてください（例: 2026-11）。") from error
    usage = month_report(console.service, first, last)
    name = console.settings.service_name

    def share(count: Count, counts: list[Count]) -> float:
        return 100 * (count.n or 0) / max(*(other.n or 0 for other in counts), 1)

    html = console.render(
        "report.html", month=usage, name=name, least=MIN_COUNT, made=today(), share=share, style=_STYLE
    )
    return HTMLResponse(html, headers={"content-security-policy": POLICY, "x-content-type-options": "nosniff"})


def month_report(service: Service, first: date, last: date) -> MonthlyUsage:
    """Count the questions of a month; subjects are the departments responsible for them."""
    referral = Referral(service)

    def subject(question: str) -> str | None:
        department = referral.department(question)
        return department.name if department and department.subjects else None

    return count_month(first, last, service.usage.questions(*period_bounds(first, last)), subject)


@router.get("/staff/departments")
def show_departments(console: OpenConsole) -> HTMLResponse:
    """Return the departments, with one in the form, and the department that a test question is referred to."""
    departments = console.service.departments.all()
    test_question = console.fields.one("question")
    edited = next(
        (department for department in departments if department.id == console.fields.one("id")), Department("")
    )
    issuers = list_issuers(console.service)
    return console.page(
        "departments.html",
        "課と窓口",
        area="departments",
        departments=departments,
        one=edited,
        tried=test_question,
        chosen=Referral(console.service).department(test_question) if test_question else None,
        towns=sorted({*issuers, *(department.town for department in departments if department.town)}),
    )


@router.post("/staff/departments")
def save_department(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Add a department, or change the one whose id the form has."""
    saved = console.service.departments.save(_parse_form(form), console.person.require_publisher().name)
    return done(console.link("departments"), f"「{saved.name}」を保存しました。次の質問から案内します。")


@router.delete("/staff/departments")
def remove_department(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Remove the department whose id the form has."""
    console.service.departments.remove(_parse_form(form), console.person.require_publisher().name)
    return done(console.link("departments"), "外しました。")


def _parse_form(form: Fields) -> Department:
    texts = {name: form.one(name) for name in ("name", "telephone", "hours", "link", "town", "id")}
    return Department(**texts, subjects=tuple(form.lines("subjects")), version=form.number("version"))
