"""Marks what a page does not show, what it strikes through, and the panels that its controls open.

Tabs and accordions hide their panels until someone opens them. That is a state of the page, not of the text: a panel is
read under the label of its control.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ingest.blocks.line_text import to_one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

DROPPED = "x-dropped"
"""Attribute of an element that is not read, with the reason; "" for a label that is read with its panel."""
LABEL = "x-label"
"""Attribute of a panel: the label of its control, "" if the control stands before it."""
OPENS = "x-opens"
"""Attribute of a control that is the heading of the panel after it."""
STRUCK_REASON = "取り消し線"
HIDDEN_REASON = "画面に表示されない部分"
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
