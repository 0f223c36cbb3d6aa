"""Finds the main content of a web page and its date of last change, and marks what the page does not show."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from ingest.blocks.line_text import to_one_line
from ingest.blocks.unread_parts import HIDDEN_REASON, STRUCK_REASON
from ingest.errors import UnreadableDocumentError
from ingest.japanese.notation import ERA

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode


# The parser takes a second for 15,000 nested elements, and its time grows with their square.
_MAX_DEPTH = 2_000
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*+)[^<>]*?(/?)>")
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
        "script style noscript template svg annotation iframe object embed video audio canvas head title link meta "
        "select option datalist noembed noframes rt rp",
    )
)
_MAIN_IDS = "#main", "#contents", "#content", "#main-content", "#maincontent", "#honbun"
# An element marked as main with a smaller share of the page's text is not the main content.
_MIN_MAIN_SHARE = 0.05
_NAVIGATION_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar"})
# A box beside the text is navigation if it is mostly links, or shorter than this.
_MIN_BOX_TEXT = 10
_BOX_NAME = re.compile(r"(?:^|[\s_-])(?:menu|share|social|side-?bar)(?:$|[\s_-])", re.IGNORECASE)
# Class and id words of navigation in sites of any vendor: gnav, topic-path, sns_btn.
_NAVIGATION_NAME = re.compile(
    r"(?:^|[\s_-])(?:bread-?crumbs?|topic-?paths?|pan-?kuzu|g?nav(?:i|igation|bar)?|global-?nav(?:i)?|side-?(?:menu|nav)"
    r"|skip(?:-?(?:link|nav))?|page-?top|to-?top|sns|related-?links?|cookie)(?:$|[\s_-])",
    re.IGNORECASE,
)
_DAY = rf"(?:(?:{ERA}|R|H)?\s?(?:\d{{1,4}}|元)\s?[年./-]\s?\d{{1,2}}\s?[月./-]\s?\d{{1,2}}\s?日?)"
_CHANGE_DATE = re.compile(rf"(?:最終)?(?:更新|改定|掲載|公開|登録|作成)年?月?日(?:時)?\s*+(?:[:：]\s*+)?{_DAY}")
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
    if node.tag == "nav" or attributes.get("role") in _NAVIGATION_ROLES:
        return True
    is_content = node.tag in {"body", "main", "article", "table", "td", "th"}
    names = "" if is_content else f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if node.tag == "aside" or attributes.get("role") == "complementary" or _BOX_NAME.search(names):
        n_linked = sum(len(to_one_line(link.text())) for link in node.css("a"))
        return len(to_one_line(node.text())) - n_linked < max(_MIN_BOX_TEXT, n_linked)
    return _NAVIGATION_NAME.search(names) is not None


# Tabs and accordions hide their panels until someone opens them. That is a state of the page, not of the text: a panel
# is read under the label of its control.
DROPPED = "x-dropped"
"""Attribute of an element that is not read, with the reason; "" for a label that is read with its panel."""
LABEL = "x-label"
"""Attribute of a panel: the label of its control, "" if the control stands before it."""
OPENS = "x-opens"
"""Attribute of a control that is the heading of the panel after it."""
_CONTROLS = (
    "button, [role=button], [role=tab], [aria-controls], [aria-expanded], [data-target], [onclick], a[href^='#']"
)
_TAB_MARKS = {"data-toggle", "data-bs-toggle"}
_TARGETS = ("aria-controls", "data-target", "data-bs-target", "popovertarget", "commandfor", "href")

# Only an element's own tag, attributes and style hide it: text that a style sheet hides counts as text (decision 072).
_HIDDEN = "[hidden]:not([hidden=until-found]), dialog:not([open]), [popover]"
_HIDING = {"display": {"none"}, "visibility": {"hidden", "collapse"}}
_STRUCK = "s, del, strike"
_STRIKING = {"text-decoration": {"line-through"}, "text-decoration-line": {"line-through"}}

_Nodes = dict[int, "LexborNode"]


def mark_shown_parts(tree: "LexborHTMLParser") -> None:
    """Set the attributes `DROPPED`, `LABEL` and `OPENS` of the elements of a page."""
    handlers = [value or "" for node in tree.css("[onclick], [onchange]") for value in node.attributes.values()]
    scripts = " ".join([*(node.text() for node in tree.css("script")), *handlers])
    # A script may show what it names.
    scripted = set(re.findall(r"(?<=[\"'`#.])-?[a-zA-Z_][\w-]*", scripts))
    hidden = {
        key: node
        for key, node in _find_marked(tree, _HIDDEN, _HIDING).items()
        if scripted.isdisjoint(f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}".split())
    }
    struck = _find_marked(tree, _STRUCK, _STRIKING)
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
    for value in tree.css("dd") if tree.css_first("script") else ():
        name = _sibling(value, forward=False)
        if name is not None and name.mem_id not in hidden:
            hidden.pop(value.mem_id, None)
    length = len(to_one_line(tree.body.text())) if tree.body else 0
    for nodes, reason in ((hidden, HIDDEN_REASON), (struck, STRUCK_REASON), (moved, "")):
        for node in nodes.values():
            is_page = node.css_first("h1") is not None and 2 * len(to_one_line(node.text())) > length
            if not is_page and node.tag not in {"html", "body", "main"}:
                node.attrs[DROPPED] = reason
    for node in tree.css(f"[{DROPPED}] [{DROPPED}]"):
        del node.attrs[DROPPED]


def _find_marked(tree: "LexborHTMLParser", selector: str, declared: Mapping[str, Collection[str]]) -> _Nodes:
    found = {node.mem_id: node for node in tree.css(selector)}
    for node in tree.css("[style]"):
        declarations = (part.partition(":") for part in (node.attributes["style"] or "").lower().split(";"))
        style = {name.strip(): value.replace("!important", "").strip() for name, _, value in declarations}
        if any(word in words for name, words in declared.items() for word in style.get(name, "").split()):
            found[node.mem_id] = node
    return found


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
