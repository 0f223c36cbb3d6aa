"""View for editing the departments."""

from bot.auth import Person
from bot.office import Department
from bot.pages.staff import render
from bot.pages.staff.context import Context
from bot.pages.staff.document_list import list_issuers
from bot.pages.views import ActionResult, Address, DrawnView, Fields, View
from bot.rendering.referral import Referral


def _show(context: Context, at: Address, by: Person) -> DrawnView:
    there, tried = context.service.departments.all(), at.one("question")
    one = next((one for one in there if one.id == at.one("id")), Department(""))
    chosen = Referral(context.service).department(tried) if tried else None
    given = {"departments": there, "one": one, "tried": tried, "chosen": chosen, "publisher": by.may_publish}
    given |= {"towns": sorted({*list_issuers(context.service), *(one.town for one in there if one.town)})}
    return DrawnView(render.render_fragment("departments.html", **given), f"{one.id} {one.version}")


def _save(context: Context, form: Fields, _at: Address, by: Person) -> ActionResult:
    kept = context.service.departments.save(_parse_form(form), by.require_publisher().name)
    return ActionResult(f"「{kept.name}」を保存しました。次の質問から案内します。", "departments")


def _remove(context: Context, form: Fields, _at: Address, by: Person) -> ActionResult:
    context.service.departments.remove(_parse_form(form), by.require_publisher().name)
    return ActionResult("外しました。", "departments")


def _parse_form(form: Fields) -> Department:
    told = {name: form.one(name) for name in ("name", "telephone", "hours", "link", "town", "id")}
    return Department(**told, subjects=tuple(form.lines("subjects")), version=form.number("version"))


DEPARTMENTS = View(_show, {"save": _save, "remove": _remove})
