"""Decides from the declarations of a web page, without its layout, which of its elements nobody can see.

An element is unseen only where a rule or its own style hides it (display, visibility, opacity, size or colour of the
letters) and no other declaration that it has, in whatever state or window, may show it. Which of two rules is the
stronger is not decided: text in doubt is read.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import tinycss2
from tinycss2 import color4
from tinycss2.ast import AtRule, Declaration, Node, QualifiedRule

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# A page with longer sheets is read as if it had none: half of the rules hide what the other half shows.
_MAX_SHEET_LENGTH = 500_000
_MIN_OPACITY = 0.02
_SAME_COLOR = 6 / 255
_ZERO = r"[+-]?0*(?:\.0*)?(?:px|r?em|pt|%)?"
_HIDING = {
    "display": re.compile("none"),
    "visibility": re.compile("hidden|collapse"),
    "opacity": re.compile(r"0*(?:\.0[01]?\d*)?%?"),
    "font-size": re.compile(_ZERO),
}
_RELATIVE_SIZE = re.compile(r"[\d.]+(?:em|ex|ch|%)|smaller|larger|inherit")
# What may paint letters in another colour than theirs.
_PAINTING = frozenset({"text-shadow", "text-stroke", "text-fill-color", "background-clip", "mix-blend-mode", "filter"})
_NAMES = frozenset({*_HIDING, *_PAINTING, "color", "background", "text-decoration", "animation"})
_SHORTHAND = re.compile(
    r"^-webkit-|(?<=^animation)-name$|(?<=^text-decoration)-line$|(?<=^background)-(?:color|image)$"
)
# Boxes that are moved may lie behind text of any colour.
_MOVES = re.compile(r"position\s*:\s*(?:absolute|fixed|sticky|relative)|transform|translate|grid-area|margin[^;}]*-\d")
BLOCK_TAGS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center details dialog div dd dl dt fieldset figcaption figure footer "
        "form header hr legend li main nav ol p pre section summary table ul h1 h2 h3 h4 h5 h6",
    )
)
# States and parts of elements, for which a rule may hold or not.
_PSEUDO = re.compile(r"::?[a-z-]+(?:\((?:[^()]|\([^()]*\))*\))?|\[open\]", re.IGNORECASE)
# What a script may change with a class.
_SWITCHED = frozenset({"display", "visibility", "opacity"})
# The browser's own sheet, and attributes (named as the value) that show.
_HINTS = (
    ("[hidden]:not([hidden=until-found]), dialog:not([open]), [popover]", "display", "none"),
    ("s, del, strike", "text-decoration", "line-through"),
    *(("a[href]", "color", "#00e"), ("mark", "background", "#ff0"), ("mark", "color", "#000")),
    *(("font[color]", "color", "color"), ("body[text]", "color", "text"), ("[bgcolor]", "background", "bgcolor")),
    ("[background]", "background", "url(x)"),
)

_Nodes = dict[int, "LexborNode"]
_Color = tuple[float, ...] | None


class _Values(NamedTuple):
    """The values of a property of an element: those that hold, and those that may in another state."""

    certain: list[str]
    possible: list[str]

    def hide(self, name: str) -> bool:
        return bool(self.certain) and all(map(_HIDING[name].fullmatch, self.all))

    @property
    def all(self) -> list[str]:
        return [*self.certain, *self.possible]


class _Sheets:
    def __init__(self, tree: "LexborHTMLParser") -> None:
        self._tree = tree
        self.nodes: _Nodes = {}
        self._rules: dict[int, dict[str, _Values]] = defaultdict(lambda: defaultdict(lambda: _Values([], [])))
        handlers = [value or "" for node in tree.css("[onclick], [onchange]") for value in node.attributes.values()]
        scripts = tree.css("script")
        self._is_scripted = bool(scripts or handlers)
        self.script_names = frozenset(
            re.findall(r"(?<=[\"'`#.])-?[a-zA-Z_][\w-]*", " ".join([*(node.text() for node in scripts), *handlers]))
        )
        self._sheets = tree.css("style:not(noscript *):not([type]), style[type='text/css' i]")
        self.is_evaluated = sum(len(node.text()) for node in self._sheets) <= _MAX_SHEET_LENGTH
        try:
            for node in self._sheets if self.is_evaluated else ():
                rules = tinycss2.parse_stylesheet(node.text(), skip_comments=True, skip_whitespace=True)
                self._add_rules(rules, node.attributes.get("media") or "all", is_certain=True)
        except (RecursionError, ValueError):
            self.is_evaluated = False
            self._rules.clear()
        for selector, name, value in _HINTS:
            for node in tree.css(selector):
                self._add(node, name, (node.attributes.get(value) or value).lower(), is_certain=True)
        for node in tree.css("[style]"):
            for name, value in _own_values(node.attributes["style"] or "").items():
                self._rules[node.mem_id][name].certain.clear()
                self._add(node, name, value, is_certain=True)

    @property
    def has_moved_boxes(self) -> bool:
        styles = (node.attributes["style"] or "" for node in self._tree.css("[style]"))
        return any(map(_MOVES.search, [*(node.text() for node in self._sheets), *styles]))

    def values(self, node: "LexborNode") -> dict[str, _Values]:
        return self._rules[node.mem_id]

    def _add_rules(self, rules: Iterable[Node], media: str, *, is_certain: bool) -> None:
        media = media.strip().lower()
        is_certain &= media in {"", "all", "screen"}
        for rule in rules if not media.startswith("print") else ():
            contents = list(_contents(rule)) if isinstance(rule, AtRule | QualifiedRule) else []
            if isinstance(rule, AtRule) and not rule.lower_at_keyword.endswith("keyframes"):
                name = rule.lower_at_keyword
                inner = tinycss2.serialize(rule.prelude) if name == "media" else f"@{name}"
                self._add_rules(contents, inner, is_certain=is_certain)
            elif isinstance(rule, QualifiedRule):
                self._add_rule(tinycss2.serialize(rule.prelude).replace("&", ""), contents, is_certain=is_certain)
                self._add_rules(contents, "@nested", is_certain=False)

    def _add_rule(self, selector: str, contents: Iterable[Node], *, is_certain: bool) -> None:
        from selectolax.lexbor import SelectolaxError  # noqa: PLC0415 -- loaded only when a web page is read

        without_states = _PSEUDO.sub("", selector)
        is_certain &= without_states == selector
        declared = _read_declarations(contents)
        with suppress(SelectolaxError):  # a browser ignores a selector that it does not know, too
            for node in self._tree.css(without_states) if declared and without_states.strip() else ():
                for name, value in declared.items():
                    is_fixed = is_certain and not (self._is_scripted and name in _SWITCHED)
                    self._add(node, name, value, is_certain=is_fixed)

    def _add(self, node: "LexborNode", name: str, value: str, *, is_certain: bool) -> None:
        self.nodes[node.mem_id] = node
        values = self._rules[node.mem_id][name]
        (values.certain if is_certain else values.possible).append(value)


def _contents(rule: AtRule | QualifiedRule) -> list[Node]:
    return list(tinycss2.parse_blocks_contents(rule.content or (), skip_comments=True, skip_whitespace=True))


@lru_cache
def _own_values(text: str) -> dict[str, str]:
    try:
        items = tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True)
        return _read_declarations(items)
    except (RecursionError, ValueError):
        return {}


def _read_declarations(items: Iterable[Node]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        if not isinstance(item, Declaration):
            continue
        name = _SHORTHAND.sub("", item.lower_name)
        value = re.sub(r"\s+", " ", tinycss2.serialize(item.value).replace("/**/", "")).strip().lower()
        if name == "font" and (size := re.search(r"(?:^|\s)([\d.]+[a-z%]*)(?:\s*/|\s+\D)", value)):
            name, value = "font-size", size[1]
        if name in _NAMES:
            found[name] = value
    return found


@lru_cache
def _color(value: str) -> _Color:
    color = color4.parse_color(value)
    is_known = isinstance(color, color4.Color) and color.space in {"srgb", "hsl", "hwb"}
    return tuple(color.to("srgb")) if is_known else None


class _Style(NamedTuple):
    """What an element inherits; `box` and `veil` are the elements that hide it by their box and by visibility, or 0."""

    box: int = 0
    veil: int = 0
    has_no_size: bool = False
    is_painted: bool = False
    color: _Color = (0.0, 0.0, 0.0, 1.0)
    back: _Color = (1.0, 1.0, 1.0, 1.0)

    def is_unseen(self, tag: str) -> bool:
        if self.box or self.veil:
            return True
        if tag in {"img", "input"}:
            return False
        if self.has_no_size or self.color is None or self.is_painted:
            return self.has_no_size
        is_on_same = self.back is not None and all(
            abs(a - b) <= _SAME_COLOR for a, b in zip(self.color[:3], self.back[:3], strict=True)
        )
        return self.color[3] < _MIN_OPACITY or is_on_same


def _inherit(node: "LexborNode", values: dict[str, _Values], outer: _Style, script_names: frozenset[str]) -> _Style:
    names = f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}".split()
    is_scripted = not script_names.isdisjoint(names)

    def hides(name: str) -> bool:
        return name in values and values[name].hide(name)

    style = outer._replace(is_painted=outer.is_painted or not _PAINTING.isdisjoint(values))
    if not is_scripted and (hides("display") or (hides("opacity") and "animation" not in values)):
        style = style._replace(box=node.mem_id)
    if "visibility" in values:
        style = style._replace(veil=node.mem_id if hides("visibility") and not is_scripted else 0)
    if "font-size" in values:
        is_relative = all(map(_RELATIVE_SIZE.fullmatch, values["font-size"].all))
        style = style._replace(has_no_size=hides("font-size") or (is_relative and style.has_no_size))
    if "color" in values:
        found = {outer.color if value == "inherit" else _color(value) for value in values["color"].all}
        style = style._replace(color=found.pop() if len(found) == 1 else None)
    if "background" in values:
        grounds = {_ground(value, outer.back) for value in values["background"].all}
        style = style._replace(back=grounds.pop() if len(grounds) == 1 else None)
    return style


# The colour behind the text, None where it is not known.
def _ground(value: str, outer: _Color) -> _Color:
    colors = [color for word in re.findall(r"[\w#-]+(?:\([^()]*\))?", value) if (color := _color(word))]
    if re.search(r"url\(|gradient\(|image|element\(|var\(", value):
        return None
    ground = colors[0] if colors else (0.0, 0.0, 0.0, 0.0)
    return ground if ground[3] == 1 else None if ground[3] else outer


def find_unseen(tree: "LexborHTMLParser") -> tuple[_Nodes, _Nodes, bool]:
    """Return by `mem_id` the elements that are unseen and struck out; False if sheets were too large.

    An element with something seen in it is not unseen.
    """
    sheets = _Sheets(tree)
    # A sheet in another file may set any background.
    is_back_unknown = tree.css_first("link[rel~=stylesheet]") is not None or sheets.has_moved_boxes
    styles = {0: _Style(back=None) if is_back_unknown else _Style()}
    hidden: _Nodes = {}
    struck: _Nodes = {}
    for node in tree.root.traverse() if tree.root else ():
        outer = node.parent
        style = styles.get(outer.mem_id if outer else 0, styles[0])
        if node.mem_id in sheets.nodes:
            values = sheets.values(node)
            style = _inherit(node, values, style, sheets.script_names)
            if any("line-through" in value for value in values.get("text-decoration", _Values([], [])).certain):
                struck[node.mem_id] = node
        styles[node.mem_id] = style
        if style.is_unseen(node.tag or ""):
            hidden[node.mem_id] = node
        elif node.tag != "br":
            while outer is not None and outer.mem_id in hidden:
                del hidden[outer.mem_id]
                outer = outer.parent
    outermost = {
        key: node
        for key, node in hidden.items()
        if key in (styles[key].box, styles[key].veil) or not node.parent or node.parent.mem_id not in hidden
    }
    return outermost, struck, sheets.is_evaluated
