"""Makes pages of a municipal site, ordinary updates of them, and what sites serve in their place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from random import Random

from tests.ingest import pdf_files

_SUBJECTS = (
    "粗大ごみの収集", "保育所の入所", "水道料金の減免", "自転車駐車場", "図書館の団体貸出", "防災士の養成",
    "高齢者の配食", "空き店舗の活用", "結婚新生活の支援", "犬の登録", "浄化槽の設置", "市民農園の利用",
    "林道の通行", "公民館の予約", "スポーツ施設の開放", "乳幼児の健診",
    "住宅の耐震診断", "地域おこしの活動", "消防団の入団", "墓地の使用",
)  # fmt: skip
_WHO = ("市民", "世帯主", "保護者", "事業者", "自治会", "利用者", "団体の代表者", "申請者")
_WHAT = ("申請書", "確認書類", "見積書", "同意書", "写真", "納税の証明書", "口座の写し", "計画書", "名簿", "図面")
_WHERE = ("本庁の窓口", "支所", "郵送", "電子申請", "出張所", "総合センター", "担当の課")
_WHEN = ("四月の初め", "毎月の末日", "年度の終わり", "開庁日の午前中", "夏の期間", "土曜と日曜を除く日", "着手する前")
_WHY = (
    "負担を軽くするため",
    "安全を守るため",
    "混雑を避けるため",
    "公平に行うため",
    "環境を守るため",
    "記録を残すため",
)
_FORMS: tuple[str, ...] = (
    "{subject}について、{who}は{when}までに{what}を{where}に出してください。",
    "{what}の内容に誤りがあるときは、{where}で{when}に直すことができます。",
    "{why}、{who}一人につき{n}件までとし、{where}で受け付けます。",
    "手数料は一件{m}円で、{who}が{where}で納めます。",
    "昨年は{m}件の届け出があり、そのうち{n}件が{where}からのものでした。",
    "{when}に{subject}の説明会を開きます。定員は{m}人で、{what}は要りません。",
    "{who}が転出するときは、{what}を添えて{where}に知らせる必要があります。",
    "対象となるのは、市内に{n}年以上住み、{what}を持つ{who}です。",
    "{why}、{subject}の規則を見直し、{when}から新しい{what}を使います。",
    "結果は{n}日ほどで{who}に郵便で届き、{where}でも確かめられます。",
)
_HEADINGS = (
    "対象となる方",
    "手続き",
    "費用",
    "受付の期間",
    "注意すること",
    "問い合わせ",
    "これまでの実績",
    "関係する制度",
)
_OTHER_WORDS = ("residents apply counter before march fee document centre", "居民 申请 窗口 费用 资料 中心 市政府 通知")
_MENU = "".join(
    f"<li><a href='/{n}'>{name}</a></li>" for n, name in enumerate(("くらし", "子育て", "しごと", "市政", "観光"))
)


@dataclass(frozen=True, slots=True)
class Page:
    """A document of the site: its title and sections, each a heading with paragraphs."""

    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    subject: str = ""


def make_page(random: Random) -> Page:
    """Return a document about a random subject, with a year in its title."""
    subject = random.choice(_SUBJECTS)
    headings = random.sample(_HEADINGS, random.randint(3, 6))
    sections = tuple((one, tuple(_paragraph(random, subject) for _ in range(random.randint(2, 4)))) for one in headings)
    return Page(f"{subject}のご案内（令和{random.randint(5, 7)}年度）", sections, subject)


def _paragraph(random: Random, subject: str) -> str:
    pick = random.choice
    forms = random.sample(_FORMS, random.randint(2, 3))
    return "".join(
        form.format(
            subject=subject, who=pick(_WHO), what=pick(_WHAT), where=pick(_WHERE), when=pick(_WHEN), why=pick(_WHY),
            n=random.randint(2, 60), m=random.randint(100, 9000),
        )
        for form in forms
    )  # fmt: skip


def render(page: Page, suffix: str) -> bytes:
    """Return a page as a file of a format."""
    if suffix == ".html":
        main = f"<h1>{page.title}</h1>" + "".join(
            f"<h2>{heading}</h2>" + "".join(f"<p>{text}</p>" for text in texts) for heading, texts in page.sections
        )
        return _frame(page.title, main)
    lines = [line for heading, texts in page.sections for line in (f"## {heading}", *texts)]
    if suffix == ".csv":
        rows = [f"{heading},{text}" for heading, texts in page.sections for text in texts]
        return "\n".join(["項目,内容", *rows, ""]).encode()
    if suffix == ".pdf":
        shown = [page.title, *(line[at : at + 40] for line in lines for at in range(0, len(line), 40))]
        pages = [shown[at : at + 40] for at in range(0, len(shown), 40)]
        return pdf_files.pdf(*(pdf_files.page(*pdf_files.lines(*texts)) for texts in pages))
    return "\n\n".join([f"# {page.title}", *lines, ""]).encode()


def _frame(title: str, main: str) -> bytes:
    return (
        f"<!DOCTYPE html><html lang='ja'><head><meta charset='utf-8'><title>{title}｜青波市</title></head><body>"
        f"<header><nav><ul>{_MENU}</ul></nav></header><main>{main}</main>"
        "<footer>青波市役所　〒000-0000　青波市中央一丁目</footer></body></html>\n"
    ).encode()


def _with_paragraphs(page: Page, random: Random, share: float) -> Page:
    """Return a page with about this share of its paragraphs written anew."""
    return replace(
        page,
        sections=tuple(
            (heading, tuple(_paragraph(random, page.subject) if random.random() < share else text for text in texts))
            for heading, texts in page.sections
        ),
    )


def _with_figures(page: Page, random: Random) -> Page:
    def update(text: str) -> str:
        return "".join(str(random.randint(1, 9)) if letter.isdigit() else letter for letter in text)

    return replace(page, sections=tuple((heading, tuple(map(update, texts))) for heading, texts in page.sections))


def _with_year(page: Page, random: Random) -> Page:
    year = page.title.partition("令和")[2][0]
    return replace(_with_paragraphs(page, random, 0.3), title=page.title.replace(f"令和{year}", f"令和{int(year) + 1}"))


def _longer(page: Page, random: Random) -> Page:
    return replace(
        page,
        sections=tuple(
            (heading, (*texts, *(_paragraph(random, page.subject) for _ in range(-(-len(texts) // 3)))))
            for heading, texts in page.sections
        ),
    )


def _shorter(page: Page, random: Random) -> Page:
    counter = count(random.randrange(3))
    sections = ((heading, tuple(text for text in texts if next(counter) % 3)) for heading, texts in page.sections)
    return replace(page, sections=tuple((heading, texts) for heading, texts in sections if texts))


UPDATES: Mapping[str, Callable[[Page, Random], Page]] = {
    "paragraphs": lambda page, random: _with_paragraphs(page, random, 0.4),
    "figures": _with_figures,
    "new year": _with_year,
    "longer": _longer,
    "shorter": _shorter,
    "new year, figures, paragraphs": lambda page, random: _with_figures(_with_year(page, random), random),
}
"""Ordinary updates of a page, by what changes."""


def _error_page(_page: Page, _suffix: str, random: Random) -> bytes:
    texts = (
        "<h1>お探しのページは見つかりませんでした</h1><p>移動したか、削除された可能性があります。トップページからお探しください。</p>",
        "<h1>青波市</h1><p>ただいまアクセスが集中しています。時間をおいて、もう一度お試しください。</p>",
        "<h1>404 Not Found</h1><p>The requested URL was not found on this server.</p>",
        "<h1>青波市公式サイト</h1><p>申し訳ありませんが、システムの点検のため、このサービスは停止しています。</p>",
    )
    return _frame("青波市", random.choice(texts))


def _start_page(_page: Page, _suffix: str, random: Random) -> bytes:
    news = "".join(f"<li>{_paragraph(random, random.choice(_SUBJECTS))}</li>" for _ in range(random.randint(3, 20)))
    return _frame("青波市公式サイト", f"<h1>ようこそ青波市へ</h1><h2>新着のお知らせ</h2><ul>{news}</ul>")


def _sign_in_page(page: Page, _suffix: str, _random: Random) -> bytes:
    field = "<form method='post'><input name='user'><input type='password' name='word'><button>次へ</button></form>"
    return _frame(page.title, f"<h1>職員用の入口</h1><p>利用者の番号と合言葉を入れてください。</p>{field}")


def _truncated(page: Page, suffix: str, random: Random) -> bytes:
    whole = render(page, suffix)
    return whole[: int(len(whole) * random.uniform(0.3, 0.85))]


def _other_document(page: Page, suffix: str, random: Random) -> bytes:
    others = (make_page(random) for _ in range(50))
    return render(next(other for other in others if other.subject != page.subject), suffix)


def _other_language(page: Page, suffix: str, random: Random) -> bytes:
    words = random.choice(_OTHER_WORDS).split()
    texts = (" ".join(random.choices(words, k=40)) for _ in range(12))
    return render(replace(page, sections=(("", tuple(texts)),)), suffix)


def _empty(page: Page, _suffix: str, random: Random) -> bytes:
    return random.choice((b"", b"\n \n", _frame(page.title, "")))


ALTERATIONS: Mapping[str, Callable[[Page, str, Random], bytes]] = {
    "error page": _error_page,
    "start page": _start_page,
    "sign-in page": _sign_in_page,
    "truncated": _truncated,
    "other document": _other_document,
    "other language": _other_language,
    "empty": _empty,
}
"""What a site may serve in place of a page, by its kind."""
