"""The page of the office's departments."""

from fastapi.responses import HTMLResponse, JSONResponse

from bot.channels.pages.referral import find_department
from bot.desk.pages.console import OpenConsole, SentForm, console_router, done
from bot.desk.pages.document_pages import list_issuers
from bot.running.http.form_fields import Fields
from bot.running.office.departments import Department

router = console_router()


@router.get("/staff/departments")
def show_departments(console: OpenConsole) -> HTMLResponse:
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
        chosen=find_department(console.service, test_question) if test_question else None,
        towns=sorted({*issuers, *(department.town for department in departments if department.town)}),
    )


@router.post("/staff/departments")
def save_department(console: OpenConsole, form: SentForm) -> JSONResponse:
    saved = console.service.departments.save(_parse_form(form), console.person.require_publisher().name)
    return done(console.link("departments"), f"「{saved.name}」を保存しました。次の質問から案内します。")


@router.delete("/staff/departments")
def remove_department(console: OpenConsole, form: SentForm) -> JSONResponse:
    console.service.departments.remove(_parse_form(form), console.person.require_publisher().name)
    return done(console.link("departments"), "外しました。")


def _parse_form(form: Fields) -> Department:
    texts = {name: form.one(name) for name in ("name", "telephone", "hours", "link", "town", "id")}
    return Department(**texts, subjects=tuple(form.lines("subjects")), version=form.number("version"))
