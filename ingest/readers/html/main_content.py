"""Finds the main content of a web page, and its date of last change."""

import re
from typing import TYPE_CHECKING

from ingest.blocks.line_text import to_one_line
from ingest.errors import UnreadableDocumentError
from ingest.japanese.notation import ERA
from ingest.readers.html.shown_parts import DROPPED, OPENS

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# The parser takes a second for 15,000 nested elements, and its time grows with their square.
_MAX_DEPTH = 2_000
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*?(/?)>")
_VOID_TAGS = frozenset(
    re.findall(
        r"\w+",
        "area base br col embed hr img input link meta param source track wbr p li dt dd td th tr thead tbody tfoot "
        "colgroup option optgroup rt rp html head body path circle rect line polygon",
    )
)
INVISIBLE_TAGS = frozenset(
    re.findall(
        r"\w+",
        "script style noscript template svg math iframe object embed video audio canvas head title link meta select "
        "option button textarea rt rp dialog",
    )
)
BLOCK_TAGS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center details div dd dl dt fieldset figcaption figure footer form "
        "header hr legend li main nav ol p pre section summary table ul h1 h2 h3 h4 h5 h6",
    )
)
_MAIN_IDS = "#main", "#contents", "#content", "#main-content", "#maincontent", "#honbun"
# An element marked as main with a smaller share of the page's text is not the main content.
_MIN_MAIN_SHARE = 0.05
_NAVIGATION_TAGS = frozenset({"nav", "aside"})
_NAVIGATION_ROLES = frozenset({"navigation", "complementary", "banner", "contentinfo", "search", "menu", "menubar"})
# Class and id words of navigation in sites of any vendor: gnav, topic-path, sns_btn.
_NAVIGATION_NAME = re.compile(
    r"(?:^|[\s_-])(?:bread-?crumbs?|topic-?paths?|pan-?kuzu|g?nav(?:i|igation|bar)?|global-?nav(?:i)?|menu|side-?(?:bar|menu|nav)"
    r"|skip(?:-?(?:link|nav))?|page-?top|to-?top|sns|share|social|related-?links?|cookie)(?:$|[\s_-])",
    re.IGNORECASE,
)
_DAY = rf"(?:(?:{ERA}|R|H)?\s?(?:\d{{1,4}}|元)\s?[年./-]\s?\d{{1,2}}\s?[月./-]\s?\d{{1,2}}\s?日?)"
_CHANGE_DATE = re.compile(rf"(?:最終)?(?:更新|改定|掲載|公開|登録|作成)年?月?日(?:時)?\s*[:：]?\s*{_DAY}")
# Some programs wrap a page in one form; such a form has more text than this.
_MAX_FORM_TEXT = 200


def parse_page(text: str, name: str) -> "LexborHTMLParser":
    """Return the parsed page; raises UnreadableDocumentError if its elements are nested too deeply."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 -- loaded only when a web page is read

    depth = 0
    for tag in _TAG.finditer(text):
        if tag[2].lower() not in _VOID_TAGS and not tag[3]:
            depth = max(0, depth + (-1 if tag[1] else 1))
            if depth > _MAX_DEPTH:
                raise UnreadableDocumentError(
                    f"{name}: HTML の入れ子が深すぎて読めません。ブラウザーで開き、保存し直してください。"
                )
    return LexborHTMLParser(text)


def main_part(tree: "LexborHTMLParser") -> "LexborNode":
    """Return the element marked as the main content if it has enough of the text, else the body."""
    body = tree.body
    assert body is not None  # lexbor makes one
    length = len(to_one_line(body.text()))
    for selector in ("main", "[role=main]", *_MAIN_IDS, "article"):
        nodes = tree.css(selector)
        if len(nodes) == 1 and len(to_one_line(nodes[0].text())) > _MIN_MAIN_SHARE * length:
            return nodes[0]
    return body


def last_change_text(tree: "LexborHTMLParser", main: "LexborNode") -> str:
    """Return the date of the last change that a page shows outside its main part, "" if it shows none."""
    if tree.body is None or _CHANGE_DATE.search(to_one_line(main.text(separator=" "))):
        return ""
    match = _CHANGE_DATE.search(to_one_line(tree.body.text(separator=" ")))
    return match[0] if match else ""


def is_boilerplate(node: "LexborNode") -> bool:
    """Whether an element is navigation, marked as not shown, or otherwise not content."""
    attributes = node.attributes
    if DROPPED in attributes or (node.tag in INVISIBLE_TAGS and OPENS not in attributes):
        return True
    is_form = node.tag == "form" and node.css_first("input, textarea, select") is not None
    if is_form and len(to_one_line(node.text())) <= _MAX_FORM_TEXT:
        return True
    if node.tag in _NAVIGATION_TAGS or attributes.get("role") in _NAVIGATION_ROLES:
        return True
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return node.tag not in {"body", "main", "article", "table", "td", "th"} and bool(_NAVIGATION_NAME.search(names))
