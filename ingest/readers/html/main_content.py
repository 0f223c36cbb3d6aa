"""Finds the main content of a web page, and its date of last change."""

import re
from typing import TYPE_CHECKING

from ingest.errors import UnreadableDocumentError
from ingest.readers.line_writer import one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# The parser takes a second for 15,000 elements inside each other, and time by their square.
_DEEPEST = 2_000
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*?(/?)>")
_UNCLOSED = frozenset(
    re.findall(
        r"\w+",
        "area base br col embed hr img input link meta param source track wbr p li dt dd td th tr thead tbody tfoot "
        "colgroup option optgroup rt rp html head body path circle rect line polygon",
    )
)
UNSEEN = frozenset(
    re.findall(
        r"\w+",
        "script style noscript template svg math iframe object embed video audio canvas head title link meta select "
        "option button textarea rt rp dialog",
    )
)
BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center details div dd dl dt fieldset figcaption figure footer form "
        "header hr legend li main nav ol p pre section summary table ul h1 h2 h3 h4 h5 h6",
    )
)
_MAIN = ("main", "[role=main]", "#main", "#contents", "#content", "#main-content", "#maincontent", "#honbun", "article")
# A part that is named as the main one and holds less of the page's text than this is none.
_FEWEST = 0.05
_ASIDE_TAGS = frozenset({"nav", "aside"})
_ASIDE_ROLES = frozenset({"navigation", "complementary", "banner", "contentinfo", "search", "menu", "menubar"})
# Words of which names of menus and the like are made, in sites of any maker: gnav, topic-path, sns_btn.
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:bread-?crumbs?|topic-?paths?|pan-?kuzu|g?nav(?:i|igation|bar)?|global-?nav(?:i)?|menu|side-?(?:bar|menu|nav)"
    r"|skip(?:-?(?:link|nav))?|page-?top|to-?top|sns|share|social|related-?links?|cookie)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DAY = r"(?:(?:令和|平成|R|H)?\s?(?:\d{1,4}|元)\s?[年./-]\s?\d{1,2}\s?[月./-]\s?\d{1,2}\s?日?)"
_CHANGED = re.compile(rf"(?:最終)?(?:更新|改定|掲載|公開|登録|作成)年?月?日(?:時)?\s*[:：]?\s*{_DAY}")
_META_CHANGED = (
    "dcterms.modified",
    "article:modified_time",
    "last-modified",
    "date",
    "dcterms.issued",
    "article:published_time",
)
_ISO_DAY = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})")
# A form with more text than this holds a page, as some programs make them.
_LONGEST_ASKING = 200


def parse_page(text: str, name: str) -> "LexborHTMLParser":
    """Return the tree of a page; raises UnreadableDocumentError where its elements lie too deep inside each other."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 -- who reads no web page need not load it

    depth = 0
    for tag in _TAG.finditer(text):
        if tag[2].lower() not in _UNCLOSED and not tag[3]:
            depth = max(0, depth + (-1 if tag[1] else 1))
            if depth > _DEEPEST:
                raise UnreadableDocumentError(
                    f"{name}: HTML の入れ子が深すぎて読めません。ブラウザーで開き、保存し直してください。"
                )
    return LexborHTMLParser(text)


def main_part(tree: "LexborHTMLParser") -> "LexborNode":
    """Return the one part that says it is the main one and holds some of the text, else the whole body."""
    body = tree.body
    assert body is not None  # lexbor makes one
    length = len(one_line(body.text()))
    for selector in _MAIN:
        found = tree.css(selector)
        if len(found) == 1 and len(one_line(found[0].text())) > _FEWEST * length:
            return found[0]
    return body


def last_change_text(tree: "LexborHTMLParser", main: "LexborNode") -> str:
    """Return what a page says, outside its main part or to programs alone, of the day on which it was changed."""
    if _CHANGED.search(one_line(main.text(separator=" "))):
        return ""
    body = tree.body
    if body and (said := _CHANGED.search(one_line(body.text(separator=" ")))):
        return said[0]
    metas = {
        (
            node.attributes.get("name") or node.attributes.get("property") or node.attributes.get("http-equiv") or ""
        ).lower(): node
        for node in tree.css("meta[content]")
    }
    for name in _META_CHANGED:
        if name in metas and (day := _ISO_DAY.match((metas[name].attributes["content"] or "").strip())):
            return f"更新日：{int(day[1])}年{int(day[2])}月{int(day[3])}日"
    return ""


def is_boilerplate(node: "LexborNode") -> bool:
    """Whether an element is no part of what a page is about, or not to be seen."""
    attributes = node.attributes
    if node.tag in UNSEEN or "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(attributes.get("style") or ""):
        return True
    if node.tag == "form" and _is_visitor_form(node):
        return True
    if node.tag in _ASIDE_TAGS or attributes.get("role") in _ASIDE_ROLES:
        return True
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return node.tag not in {"body", "main", "article", "table", "td", "th"} and bool(_ASIDE.search(names))


def _is_visitor_form(form: "LexborNode") -> bool:
    """Whether a form only asks a reader something: what they look for, or how they liked the page."""
    return form.css_first("input, textarea, select") is not None and len(one_line(form.text())) <= _LONGEST_ASKING
