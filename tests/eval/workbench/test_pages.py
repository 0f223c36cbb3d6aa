"""The workbench in a real browser: runs, cases, judgement by hand, comparison."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.auth.cookie import NAME
from tests.accessibility import violations
from tests.bot.shown import excerpt
from tests.eval.examples import make_row
from tests.eval.workbench.at_work import Workbench, saved, three_rows, workbench

pytestmark = pytest.mark.browser
HOSTILE = "<script>document.title='乗っ取り'</script><img src=x onerror=\"document.title='乗っ取り'\">"


@dataclass(frozen=True, slots=True)
class Runs:
    """Two runs of three cases, of which the later one lost all; no other test has them."""

    before: str
    after: str

    @property
    def names(self) -> tuple[str, str]:
        """What both are called."""
        return self.before, self.after

    @property
    def blind(self) -> str:
        """The address at which they are compared blind."""
        return f"blind?one={self.before}&two={self.after}"


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Yield a workbench that all tests share: what makes a server takes seconds."""
    with workbench(tmp_path_factory.mktemp("data")) as opened:
        yield opened


@pytest.fixture
def runs(at_work: Workbench) -> Runs:
    name = uuid4().hex[:8]
    before, after = three_rows(), three_rows(passed=False, said="目標値は900人です[1]。")
    for rows in (
        before,
        after,
    ):  # only a case that may never be lost is named by the gate; of the others it tells rates
        rows[0] = replace(rows[0], case=rows[0].case.model_copy(update={"priority": 1}))
    saved(at_work.data, f"{name}-before", *before)
    saved(at_work.data, f"{name}-after", *after)
    return Runs(f"{name}-before", f"{name}-after")


def question_of(page: Page) -> str:
    """Return the id of the case that is up for a verdict."""
    return page.locator("form [name=id]").first.input_value()


def judge(page: Page, key: str) -> None:
    """Press a key and wait until the next case, or the end, is there."""
    before = page.locator("#content .view").evaluate("(view) => view.tagName")
    page.keyboard.press(key)
    page.wait_for_function("(name) => document.querySelector('#content .view').tagName !== name", arg=before)


def test_a_blind_comparison_is_done_with_the_keyboard_alone(
    seat: BrowserContext, at_work: Workbench, runs: Runs
) -> None:
    """A, B and = judge, U takes back; the runs' names are nowhere on the page until all is done."""
    page = at_work.open(seat, runs.blind)
    for done, key in enumerate("ab="):
        expect(page.locator(".progress")).to_contain_text(f"3問中{done}問")
        shown = page.locator("#content").inner_text()
        assert runs.before not in shown
        assert runs.after not in shown
        judge(page, key)
    expect(page.locator("h1")).to_have_text("A/B の結果")
    mine = page.locator("tbody tr").first.locator("td").all_inner_texts()
    assert sorted(mine[:3]) == ["1", "1", "1"] or sorted(mine[:3]) == ["0", "1", "2"]
    judge(page, "u")
    expect(page.locator(".progress")).to_contain_text("3問中2問")


def test_whose_answers_were_preferred_is_secret_until_all_are_judged(
    seat: BrowserContext, at_work: Workbench, runs: Runs
) -> None:
    """Neither the tables nor the files tell the sides of a comparison that one has begun; others see all the while."""
    page = at_work.open(seat, runs.blind)
    for key in "ab":
        judge(page, key)
    page.goto(f"{at_work.url}/workbench/#verdicts")
    expect(page.locator(f"a[href*='{runs.before}']")).to_have_text("続ける")
    expect(page.get_by_role("row").filter(has_text=runs.before)).to_have_count(0)
    told = [json.loads(line) for line in download(at_work, page, "preferences.jsonl").splitlines()]
    assert [(one["shown_as_a"], one["choice"], one["better"]) for one in told if one["run_1"] in runs.names] == [
        ("", "a", ""),
        ("", "b", ""),
    ]
    page.goto(f"{at_work.url}/workbench/#{runs.blind}")
    expect(page.locator(".progress")).to_contain_text("3問中2問")
    judge(page, "a")
    page.goto(f"{at_work.url}/workbench/#verdicts")
    expect(page.get_by_role("row").filter(has_text=runs.before)).to_have_count(1)
    told = [json.loads(line) for line in download(at_work, page, "preferences.jsonl").splitlines()]
    assert all(one["better"] in runs.names for one in told if one["run_1"] in runs.names)


def test_verdicts_outlive_a_reload_and_a_restart(seat: BrowserContext, at_work: Workbench, runs: Runs) -> None:
    """What was judged stays judged, on this server and on another one over the same data."""
    page = at_work.open(seat, runs.blind)
    judge(page, "a")
    page.reload(wait_until="domcontentloaded")
    expect(page.locator(".progress")).to_contain_text("3問中1問")
    judge(page, "b")
    with workbench(at_work.data) as again:
        expect(again.open(seat, runs.blind).locator(".progress")).to_contain_text("3問中2問")


def test_the_order_is_another_for_each_scorer_and_the_same_for_one(
    seat: BrowserContext, at_work: Workbench, runs: Runs
) -> None:
    """Two tabs of one scorer show the same case with the same sides."""
    first, second = (at_work.open(seat, runs.blind) for _ in range(2))
    told = [(question_of(page), page.locator(".beside").inner_text()) for page in (first, second)]
    assert told[0] == told[1]


def test_keys_rest_while_somebody_types_or_converts(seat: BrowserContext, at_work: Workbench, runs: Runs) -> None:
    """A letter in a comment is a letter; so is the key that ends a 変換 anywhere on the page."""
    page = at_work.open(seat, runs.blind)
    comment = page.get_by_label("コメント")
    comment.focus()
    page.keyboard.type("ab=u1")
    expect(comment).to_have_value("ab=u1")
    page.locator("h1").focus()
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', isComposing: true, bubbles: true}))"
    )
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', ctrlKey: true, bubbles: true}))")
    page.wait_for_timeout(500)
    expect(page.locator(".progress")).to_contain_text("3問中0問")


def test_a_comment_that_is_not_saved_yet_outlives_a_reload(
    seat: BrowserContext, at_work: Workbench, runs: Runs
) -> None:
    """It is in its box again, and goes with the verdict."""
    page = at_work.open(seat, runs.blind)
    page.get_by_label("コメント").fill("根拠が違う")
    page.reload(wait_until="domcontentloaded")
    expect(page.get_by_label("コメント")).to_have_value("根拠が違う")
    page.locator("h1").focus()
    judge(page, "a")
    expect(page.get_by_label("コメント")).to_have_value("")
    rows = download(at_work, page, "preferences.jsonl")
    assert '"comment": "根拠が違う"' in rows


def download(at_work: Workbench, page: Page, name: str) -> str:
    """Return a file of verdicts, as this browser gets it."""
    cookie = next(one["value"] for one in page.context.cookies() if one["name"] == NAME)
    with httpx2.Client(trust_env=False, cookies={NAME: cookie}) as client:
        return client.get(f"{at_work.url}/workbench/{name}").raise_for_status().text


def test_an_answer_gets_three_marks_with_three_keys(seat: BrowserContext, at_work: Workbench, runs: Runs) -> None:
    """1–5 mark from above, U begins anew, Enter saves, ← goes back also from a mark; no automatic score until then."""
    page = at_work.open(seat, f"scoring?run={runs.before}")
    assert "自動採点" not in page.locator("#content").inner_text()
    first = question_of(page)
    for key in ("1", "u", "4", "5", "3"):
        page.keyboard.press(key)
    judge(page, "Enter")
    expect(page.locator(".progress")).to_contain_text("3問中1問")
    assert question_of(page) != first
    page.locator("[data-mark] input").first.check()
    judge(page, "ArrowLeft")
    assert question_of(page) == first
    assert [one.get_attribute("value") for one in page.locator("[data-mark] input:checked").all()] == ["4", "5", "3"]
    expect(page.get_by_role("heading", name=re.compile("自動採点"))).to_be_visible()
    for key in ("u", "2", "1", "4"):  # what was saved is corrected by the same keys
        page.keyboard.press(key)
    judge(page, "Enter")
    expect(page.locator(".progress")).to_contain_text("3問中1問")
    kept = [json.loads(line) for line in download(at_work, page, "scores.jsonl").splitlines()]
    marks = [tuple(one[name] for name in ("correctness", "grounds", "clarity")) for one in kept if one["counts"]]
    assert (2, 1, 4) in marks
    assert (4, 5, 3) not in marks


def test_marks_that_are_missing_are_asked_for(seat: BrowserContext, at_work: Workbench, runs: Runs) -> None:
    """Nothing is kept, and what was marked stays marked."""
    page = at_work.open(seat, f"scoring?run={runs.before}")
    page.keyboard.press("5")
    page.get_by_role("button", name="保存して次へ").click()
    expect(page.locator("[data-mark] input:checked")).to_have_count(1)
    assert runs.before not in download(at_work, page, "scores.jsonl")


def test_two_scorers_see_how_far_they_agree(seat: BrowserContext, at_work: Workbench, runs: Runs) -> None:
    """The table names both, kappa and n; the files hold all verdicts."""
    for who in ("安奈", "文太"):
        page = at_work.open(seat, f"scoring?run={runs.before}", who)
        for mark in "531":
            for _ in range(3):
                page.keyboard.press(mark)
            judge(page, "Enter")
        expect(page.locator(".lead")).to_contain_text("採点が終わりました")
    page = at_work.open(seat, f"verdicts?run={runs.before}")
    table = page.get_by_role("group", name="採点した人どうしの一致")
    expect(table).to_contain_text("安奈 と 文太")
    expect(table.locator("tbody tr").first).to_contain_text("100.0%")
    given = [json.loads(line) for line in download(at_work, page, "scores.jsonl").splitlines()]
    assert [one["scorer"] for one in given if one["run"] == runs.before] == ["安奈"] * 3 + ["文太"] * 3
    assert download(at_work, page, "scores.csv").startswith("\ufeffrun,set,case")


def test_the_lines_of_an_excerpt_stand_one_below_the_other(seat: BrowserContext, at_work: Workbench) -> None:
    """What an element of its own parts is not parted by an empty line as well."""
    row, name = three_rows()[0], uuid4().hex[:8]
    answer = {**(row.answer or {}), "blocks": [excerpt(text="一行目です。\n二行目です。", best="一行目").model_dump()]}
    saved(at_work.data, name, replace(row, answer=answer))
    page = at_work.open(seat, f"case?run={name}&set={row.set}&id={row.case.id}")
    one, other = (line.bounding_box() for line in page.locator(".excerpt blockquote p").all())
    assert one
    assert other
    assert other["y"] - (one["y"] + one["height"]) < one["height"] / 2


def test_a_planted_regression_keeps_the_run_back(seat: BrowserContext, at_work: Workbench, runs: Runs) -> None:
    """Each lost case stands with both answers and reasons, and the gate says that the run does not pass."""
    page = at_work.open(seat, f"compare?one={runs.before}&two={runs.after}")
    expect(page.get_by_role("heading", name="公開の基準")).to_contain_text("満たさない")
    lost = page.get_by_role("region", name="失った問い: 3問")
    expect(lost.locator("details").first).to_contain_text(re.compile("1,500人.*900人", re.DOTALL))
    assert "first" in page.locator(".findings").first.inner_text()


def test_the_cases_of_a_run_are_narrowed_and_searched(seat: BrowserContext, at_work: Workbench) -> None:
    """By result and by words; the address holds what was asked for."""
    rows = [make_row(f"case-{n}", passed=bool(n % 2)) for n in range(60)]
    saved(at_work.data, "many", *rows)
    page = at_work.open(seat, "cases?run=many")
    expect(page.locator("tbody tr")).to_have_count(25)
    page.get_by_role("link", name="次へ").click()
    expect(page.locator(".count")).to_contain_text("26〜50問目")
    page.get_by_label("結果").select_option("不合格")
    page.get_by_label("言葉").fill("CASE-1")
    page.get_by_role("button", name="絞り込む").click()
    expect(page.locator(".count")).to_contain_text("60問のうち5問")
    page.reload(wait_until="domcontentloaded")
    expect(page.locator(".count")).to_contain_text("60問のうち5問")


def test_a_case_shows_why_it_failed(seat: BrowserContext, at_work: Workbench, runs: Runs) -> None:
    """Question, answer, and each finding with its reason."""
    page = at_work.open(seat, f"case?run={runs.after}&set=own&id=first")
    expect(page.locator("h1")).to_have_text("目標は何人ですか?")
    expect(page.locator(".findings").first).to_contain_text("のどれも無い")
    expect(page.locator(".said").first).to_contain_text("900人")


@pytest.mark.parametrize(
    "address", ["case?run=none&set=a&id=b", "case?set=kanazawa&id=none", "nowhere", "compare?one=x&two=y"]
)
def test_what_is_not_there_is_told(seat: BrowserContext, at_work: Workbench, address: str) -> None:
    """An address that is out of date says what to do, in Japanese."""
    page = at_work.open(seat, address)
    expect(page.locator("h1")).to_have_text("開けませんでした")


def test_what_people_write_is_never_run(seat: BrowserContext, at_work: Workbench) -> None:
    """Markup in an answer or a comment is shown as text."""
    saved(at_work.data, "hostile", make_row("first", passed=False, text=f"{HOSTILE}[1]"))
    page = at_work.open(seat, "case?run=hostile&set=own&id=first")
    expect(page.locator(".said").first).to_have_text(f"{HOSTILE}[1]")
    assert "乗っ取り" not in page.title()
    assert page.locator("#content :is(script, img)").count() == 0


def test_a_stranger_gets_neither_page_nor_files(at_work: Workbench) -> None:
    """Verdicts name people: they are for those who have signed in."""
    with httpx2.Client(trust_env=False, follow_redirects=False) as client:
        for path in ("/workbench/", "/workbench/scores.csv", "/workbench/config", "/workbench/report/any"):
            assert client.get(at_work.url + path).status_code in {303, 401}


def test_the_report_of_a_run_opens_beside(seat: BrowserContext, at_work: Workbench, runs: Runs) -> None:
    """It is the file of the command, runs its own script only, and of an unknown run says what to do."""
    page = at_work.open(seat, f"compare?one={runs.before}&two={runs.after}")
    with page.expect_popup() as opening:
        page.get_by_role("link", name=re.compile("^報告書を開く")).click()
    expect(opening.value.locator("body")).to_contain_text("目標は何人ですか?")
    unknown = page.request.get(f"{at_work.url}/workbench/report/none")
    assert (unknown.status, "一覧から" in unknown.json()["detail"]) == (404, True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(
    seat: BrowserContext, at_work: Workbench, runs: Runs, scheme: Literal["light", "dark"]
) -> None:
    """No view violates a rule of axe-core, and on a phone none is wider than the screen."""
    page = at_work.open(seat, phone=True, scheme=scheme)
    views = (
        "runs",
        f"cases?run={runs.after}",
        f"case?run={runs.after}&set=own&id=first",
        "edit",
        f"compare?one={runs.before}&two={runs.after}",
        f"scoring?run={runs.before}",
        runs.blind,
        f"models?run={runs.before}&run={runs.after}",
        "verdicts",
    )
    found = {}
    for view in views:
        page.goto(f"{at_work.url}/workbench/#{view}")
        page.wait_for_function("(at) => document.querySelector('#content .view')?.dataset.at === at", arg=view)
        found[view] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found[view] += [("wider than the screen", [])] if wide else []
    assert found == {view: [] for view in views}


def test_nothing_comes_from_outside(seat: BrowserContext, at_work: Workbench) -> None:
    """Every request of a visit goes to the server itself."""
    page = at_work.open(seat)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.reload(wait_until="domcontentloaded")
    expect(page.locator("#content h1")).to_be_visible()
    assert requests
    assert [url for url in requests if not url.startswith((at_work.url, "data:"))] == []
