"""Finds the main content of a web page and its date of last change, and marks what the page does not show."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ingest.blocks.line_text import to_one_line
from ingest.blocks.unread_parts import HIDDEN_REASON, STRUCK_REASON
from ingest.errors import UnreadableDocumentError
from ingest.japanese.notation import ERA

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


# Tabs and accordions hide their panels until someone opens them. That is a state of the page, not of the text: a panel
# is read under the label of its control.
DROPPED = "x-dropped"
"""Attribute of an element that is not read, with the reason; "" for a label that is read with its panel."""
LABEL = "x-label"
"""Attribute of a panel: the label of its control, "" if the control stands before it."""
OPENS = "x-opens"
"""Attribute of a control that is the heading of the panel after it."""
# Selectors of a longer sheet are not compared with a page.
_MAX_STYLE_LENGTH = 500_000
_NO_STYLE = re.compile(r"/\*.*?\*/|@[^{};@]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_SHOWS = re.compile(r"display\s*:\s*[a-z]|visibility\s*:\s*visible", re.IGNORECASE)
_STRIKES = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
# A rule for a state of the page: a chosen tab, an element under the mouse.
_STATE = re.compile(r":(?:checked|target|hover|focus(?:-within|-visible)?|active)\b")
_CONTROLS = "button, [role=button], [role=tab], [aria-controls], [aria-expanded], [data-target], a[href^='#']"
_TAB_MARKS = {"data-toggle", "data-bs-toggle"}
_TARGETS = ("aria-controls", "data-target", "data-bs-target", "href")

_Nodes = dict[int, "LexborNode"]


def mark_shown_parts(tree: "LexborHTMLParser") -> None:
    """Set the attributes `DROPPED`, `LABEL` and `OPENS` of the elements of a page."""
    hidden, struck = _find_unshown(tree)
    moved: _Nodes = {}
    panels: _Nodes = {}
    for control, panel in _find_panels(tree, hidden):
        hidden.pop(panel.mem_id, None)
        is_before = any(element.mem_id == panel.mem_id for element in _elements_after(control))
        if is_before:
            control.attrs[OPENS] = ""
        else:
            moved[control.mem_id] = control
        if panel.mem_id not in panels or is_before:
            panel.attrs[LABEL] = "" if is_before else to_one_line(control.text())
        panels[panel.mem_id] = panel
    for value in tree.css("dd"):
        name = _sibling(value, forward=False)
        if name is not None and name.mem_id not in hidden:
            hidden.pop(value.mem_id, None)
    for nodes, reason in ((hidden, HIDDEN_REASON), (struck, STRUCK_REASON), (moved, "")):
        for node in nodes.values():
            if node.tag not in {"html", "body", "main"} and node.css_first("h1") is None:
                node.attrs[DROPPED] = reason
    for node in tree.css(f"[{DROPPED}] [{DROPPED}]"):
        del node.attrs[DROPPED]


def _find_unshown(tree: "LexborHTMLParser") -> tuple[_Nodes, _Nodes]:
    hidden = {node.mem_id: node for node in tree.css("[hidden]")}
    struck = {node.mem_id: node for node in tree.css("s, del, strike")}
    styled = [(node, node.attributes["style"] or "") for node in tree.css("[style]")]
    for node, style in [*_style_rules(tree), *styled]:
        if _HIDES.search(style):
            hidden[node.mem_id] = node
        elif _SHOWS.search(style):
            hidden.pop(node.mem_id, None)
        if _STRIKES.search(style):
            struck[node.mem_id] = node
    hidden |= {node.mem_id: node for node in tree.css("[aria-hidden=true]")}
    return hidden, struck


def _style_rules(tree: "LexborHTMLParser") -> Iterator[tuple["LexborNode", str]]:
    from selectolax.lexbor import SelectolaxError  # noqa: PLC0415 -- loaded only when a web page is read

    sheet = "".join(node.text() for node in tree.css("style"))[:_MAX_STYLE_LENGTH]
    for selector, style in _RULE.findall(_NO_STYLE.sub("", sheet)):
        if not (_HIDES.search(style) or _SHOWS.search(style) or _STRIKES.search(style)):
            continue
        with suppress(SelectolaxError):  # selectors that the parser does not know
            is_opened = not _HIDES.search(style) and _SHOWS.search(style)
            nodes = tree.css(_STATE.sub("", selector) if is_opened else selector)
            yield from ((node, style) for node in nodes)


def _find_panels(tree: "LexborHTMLParser", hidden: _Nodes) -> Iterator[tuple["LexborNode", "LexborNode"]]:
    named = {node.attributes["id"]: node for node in tree.css("[id]")}
    tabs: list[LexborNode] = []
    panels = {node.mem_id: node for node in tree.css("[role=tabpanel]")}
    for control in tree.css(_CONTROLS):
        attributes = control.attributes
        target = next(filter(None, map(attributes.get, _TARGETS)), "").removeprefix("#")
        following = (element for element in _elements_after(control) if element.mem_id in hidden)
        panel = named.get(target) or next(following, None)
        is_tab = attributes.get("role") == "tab" or not attributes.keys().isdisjoint(_TAB_MARKS)
        is_opened = panel is not None and (panel.mem_id in hidden or panel.mem_id in panels or is_tab)
        if panel is not None and is_opened and control.mem_id not in {node.mem_id for node in panel.css(_CONTROLS)}:
            panels.pop(panel.mem_id, None)
            yield control, panel
        elif is_tab:
            tabs.append(control)
    if len(tabs) == len(panels):
        yield from zip(tabs, panels.values(), strict=True)
    for node in panels.values():
        hidden.pop(node.mem_id, None)


# The elements after a control, or after the heading or name that holds nothing else.
def _elements_after(control: "LexborNode") -> Iterator["LexborNode"]:
    element = control
    text = to_one_line(control.text())
    while True:
        if (following := _sibling(element, forward=True)) is not None:
            yield following
        parent = element.parent
        if parent is None or parent.tag in {"body", "html"} or to_one_line(parent.text()) != text:
            return
        element = parent


def _sibling(node: "LexborNode", *, forward: bool) -> "LexborNode | None":
    sibling = node.next if forward else node.prev
    while sibling is not None and not sibling.is_element_node:
        sibling = sibling.next if forward else sibling.prev
    return sibling
