"""The departments that a question is passed on to, as staff keep them."""

from bot.office import Department
from bot.referral import Referral
from bot.sign_in import Person
from bot.ui.staff import render
from bot.ui.staff.context import Context
from bot.ui.staff.shelf import issuers
from bot.ui.views import Address, Done, Fields, Shown, View


def _show(context: Context, at: Address, by: Person) -> Shown:
    there, tried = context.service.departments.all(), at.one("question")
    one = next((one for one in there if one.id == at.one("id")), Department(""))
    chosen = Referral(context.service).department(tried) if tried else None
    given = {"departments": there, "one": one, "tried": tried, "chosen": chosen, "publisher": by.may_publish}
    given |= {"towns": sorted({*issuers(context.service), *(one.town for one in there if one.town)})}
    return Shown(render.fragment("departments.html", **given), f"{one.id} {one.version}")


def _save(context: Context, form: Fields, _at: Address, by: Person) -> Done:
    kept = context.service.departments.save(_of(form), by.as_publisher().name)
    return Done(f"「{kept.name}」を保存しました。次の質問から案内します。", "departments")


def _remove(context: Context, form: Fields, _at: Address, by: Person) -> Done:
    context.service.departments.remove(_of(form), by.as_publisher().name)
    return Done("外しました。", "departments")


def _of(form: Fields) -> Department:
    told = {name: form.one(name) for name in ("name", "telephone", "hours", "link", "town", "id")}
    return Department(**told, subjects=tuple(form.lines("subjects")), version=form.number("version"))


DEPARTMENTS = View(_show, {"save": _save, "remove": _remove})
