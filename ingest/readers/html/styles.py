"""Decides from the declarations of a web page, without its layout, which of its elements nobody can see.

An element is unseen only where its declarations and those of its ancestors leave no doubt. What may appear in another
state of the page (hover, focus, a chosen tab), in a window of another width, by an animation, or by a script that
names it counts as seen.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from time import process_time
from typing import TYPE_CHECKING, Any

import tinycss2
from tinycss2 import color4
from tinycss2.ast import AtRule, Declaration, Node, QualifiedRule

from ingest.blocks.line_text import to_one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# A page with longer or slower sheets is read as if it had none: half of a cascade hides what the other half shows.
_MAX_SHEET_LENGTH = 2_000_000
_MAX_SELECTOR_LENGTH = 10_000
_MAX_MATCHING_S = 5
# Lexbor tries all ways to match `a b c`, too many in trees as deep or wide as these.
_DEEP, _WIDE = ">".join("*" * 80), "*:nth-child(1000)"
_WINDOW_WIDTHS = (1280, 390)  # px
_FAR = 999  # px; a smaller shift may be an effect
_WIDEST = 2_000  # px, of an element in the flow of the page
_LETTER, _MIN_LETTER = 16.0, 2.0  # px
_MIN_OPACITY = 0.02
_SAME_COLOR = 6 / 255

_UNITS = {"": 1.0, "px": 1.0, "rem": 16, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 37.8, "mm": 3.78, "vw": 3.9, "vh": 7}

_SIDES = ("top", "right", "bottom", "left")
_NESTED = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_ZERO = r"[+-]?(?:0+(?:\.0*)?|\.0+)(?:[a-z]+|%)?"
_LENGTH = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?(?:[a-z]+|%)?"
_LENGTHS = "width height max-width max-height min-width min-height font-size text-indent top right bottom left "
_LENGTHS += " ".join(f"{box}-{side}" for box in ("margin", "padding") for side in _SIDES)
_OTHERS = """clip clip-path transform translate scale filter grid-area color text-fill-color background-color
    background-image background-clip text-shadow text-stroke text-decoration animation mix-blend-mode direction"""
# A declaration with another value does not count (CSS Syntax 3, 9).
_VALUES = {
    "display": r"(?:none|contents|inline|list-item|ruby|flow-root|flow|(?:inline-)?(?:block|flex|grid|table)"
    r"|table-(?:row|cell|caption|column|(?:row|header|footer|column)-group)|-webkit-(?:inline-)?(?:box|flex)| )+",
    "visibility": r"visible|hidden|collapse",
    "content-visibility": r"visible|hidden|auto",
    "opacity": _LENGTH,
    "position": r"static|relative|absolute|fixed|(?:-webkit-)?sticky",
    "overflow": r"(?:visible|hidden|clip|scroll|auto|overlay| )+",
    **dict.fromkeys(_LENGTHS.split(), rf"{_LENGTH}(?: [a-z-]+)*|[a-z-]+|[a-z-]+\(.*\)"),
    **dict.fromkeys(_OTHERS.split(), ".*"),
}
_MOVING = frozenset({"position", "transform", "translate", "grid-area", *(f"margin-{side}" for side in _SIDES)})
_PREFIX = re.compile(r"^-webkit-|(?<=^overflow)-[xy]$|(?<=^animation)-name$|(?<=^text-decoration)-line$")
_INHERIT = frozenset({"inherit", "unset", "revert", "revert-layer"})
_VAR = re.compile(rf"var\(\s*(--[^\s,()]+)\s*(?:,((?:[^()]|{_NESTED})*))?\)")
# What makes a box vanish with everything in it.
_VANISHING = {
    "display": re.compile("none"),
    "content-visibility": re.compile("hidden"),
    "opacity": re.compile(r"-.*|0*(?:\.0[01]?\d*)?|[01](?:\.\d*)?%"),
    "filter": re.compile(r".*opacity\(\s*0*(?:\.0*)?%?\s*\).*"),
    "transform": re.compile(rf".*(?:scale[xy]?\(\s*{_ZERO}\s*[,)]|rotate[xy]\(\s*90deg).*"),
    "scale": re.compile(rf"{_ZERO}(?: .*)?"),
    "clip-path": re.compile(
        rf"inset\(\s*(?:5\d|[6-9]\d|100)(?:\.\d+)?%(?: .*)?\)|(?:circle|ellipse)\(\s*{_ZERO}(?: .*)?\)"
        rf"|polygon\((?:{_ZERO} {_ZERO}(?: ?, ?|(?=\))))+\)"
    ),
}
_EMPTY_RECTANGLE = re.compile(r"rect\((?:\s*[01](?:px|em)?[\s,]*){4}\)")
BLOCK_TAGS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center details dialog div dd dl dt fieldset figcaption figure footer "
        "form header hr legend li main nav ol p pre section summary table ul h1 h2 h3 h4 h5 h6",
    )
)

_FOCUSABLE = ":is(a[href],button,input,select,textarea,summary,[tabindex],[contenteditable])"
# States that a reader brings about, and what can have them.
_STATES = {
    ":focus-within": f":is({_FOCUSABLE},:has({_FOCUSABLE}))",
    **dict.fromkeys((":focus-visible", ":focus"), _FOCUSABLE),
    ":checked": ":is(input,option)",
    ":target": "[id]",
    "[open]": ":is(details,dialog)",
    ":hover": "",
    ":active": "",
}
_STATE = re.compile(rf"(:not\(\s*)?({'|'.join(map(re.escape, _STATES))})(?![\w-])(?(1)\s*\))", re.IGNORECASE)
# Nobody can point at a box that takes no room on the screen.
_ENDS_POINTED = re.compile(r":(?:hover|active)\b[^\s>+~]*$", re.IGNORECASE)
_POINTED_NAMES = frozenset({"opacity", "color", "background-color", "background-image"})
# What a script may add to an element, or take from it.
_TOGGLE = re.compile(r"(:not\(\s*)?(?:\.(-?[a-zA-Z_][\w-]*)|\[([\w-]+)[^\]]*\])(?(1)\s*\))")
_PSEUDO_ELEMENT = re.compile(r"::?(before|after|first-line|first-letter)$|::[\w-]+(?:\([^()]*\))?$", re.IGNORECASE)
_PSEUDO_CLASS = re.compile(rf":[a-z-]+(?:{_NESTED})?", re.IGNORECASE)
_COMBINATOR = re.compile(r"(?<![\s>+~(,])\s+(?![\s>+~),])|~(?!=)|:has\(")
# Weaker than every rule: the browser's own sheet, and attributes (named as the value) that show.
_HINTS = (
    ("[hidden]:not([hidden=until-found]), dialog:not([open]), [popover]", "display", "none"),
    ("s, del, strike", "text-decoration", "line-through"),
    *(("a[href]", "color", "#00e"), ("mark", "background-color", "#ff0"), ("mark", "color", "#000")),
    *(("font[color]", "color", "color"), ("body[text]", "color", "text"), ("[bgcolor]", "background-color", "bgcolor")),
    *(("[background]", "background-image", "background"), ("[dir=rtl]", "direction", "rtl")),
)

_Nodes = dict[int, "LexborNode"]
_Values = dict[str, list[str]]
_Key = tuple[bool, bool, tuple[int, int, int], int]
"""Whether it is important, whether it is an attribute, specificity, order."""
_Declared = tuple[_Key, str, str]
_Style = dict[str, Any]
"""Inherited values by property, None where they are not known, and what hides the box."""
_FIRST: _Style = {"font-size": _LETTER, "text-indent": 0.0, "color": (0.0, 0.0, 0.0, 1.0), "text-fill-color": ""}
_FIRST |= {"visibility": "visible", "text-shadow": "none", "direction": "ltr", "box": "", "origin": 0}


class _Cascade:
    def __init__(self, tree: "LexborHTMLParser") -> None:
        self._tree = tree
        self._certain: dict[int, dict[str, tuple[_Key, str]]] = defaultdict(dict)
        self._possible: dict[int, list[_Declared]] = defaultdict(list)
        self._keyframes: set[str] = set()
        self._n_rules = 0
        self._start_s = process_time()
        self._is_deep, self._is_wide = tree.css_first(_DEEP) is not None, tree.css_first(_WIDE) is not None
        handlers = (value or "" for node in tree.css("[onclick], [onchange]") for value in node.attributes.values())
        scripts = " ".join([*(node.text() for node in tree.css("script")), *handlers])
        self.script_names = frozenset(re.findall(r"(?<=[\"'`#.])-?[a-zA-Z_][\w-]*", scripts))
        self._has_script_file = tree.css_first("script[src]") is not None
        self.nodes: _Nodes = {}
        self.covered: set[int] = set()  # elements over whose background something else may lie
        sheets = tree.css("style:not(noscript *):not([type]), style[type='text/css' i]")
        self.is_evaluated = sum(len(node.text()) for node in sheets) <= _MAX_SHEET_LENGTH
        try:
            for node in sheets if self.is_evaluated else ():
                rules = tinycss2.parse_stylesheet(node.text(), skip_comments=True, skip_whitespace=True)
                self._add_rules(rules, "", _match_media(node.attributes.get("media") or "all"))
        except (RecursionError, ValueError):
            self.is_evaluated = False
        if not self.is_evaluated:
            self._certain.clear()
            self._possible.clear()
        for node in tree.css("[style]"):
            self._add([node], _attribute_pairs(node.attributes["style"] or ""), is_certain=True)
        for selector, name, value in _HINTS:
            for node in tree.css(selector):
                self.nodes[node.mem_id] = node
                text = (node.attributes.get(value) or value).lower()
                self._certain[node.mem_id].setdefault(name, ((False, False, (-1, 0, 0), 0), text))
        for node in [node for key, node in self.nodes.items() if not _MOVING.isdisjoint(self._certain[key])]:
            values = self.declared(node, {})
            is_painted = node.tag == "img" or next(node.iter(), None) or not _POINTED_NAMES.isdisjoint(values)
            outer = node.parent if is_painted and _is_moved(values) and not _hidden_box(node, values) else None
            while outer is not None:
                self.covered.add(outer.mem_id)
                outer = None if "position" in self._certain.get(outer.mem_id, ()) else outer.parent

    # By property the value that holds, then those that may. An animation may change all but `display`.
    def declared(self, node: "LexborNode", style: _Style) -> _Values:
        certain = self._certain.get(node.mem_id, {})
        values = {name: [value] for name, (_, value) in certain.items()}
        for key, name, value in self._possible.get(node.mem_id, ()):
            if name not in certain or key > certain[name][0]:
                values.setdefault(name, ["initial"]).append(value)
        if not self._keyframes.isdisjoint(" ".join(values.get("animation", ())).split()):
            values = {name: found for name, found in values.items() if name == "display"}
        style |= {name: found[0] if len(found) == 1 else None for name, found in values.items() if name[:2] == "--"}
        return {name: [_resolve(value, style) for value in found] for name, found in values.items()}

    # `is_met` is None where it depends on the window, or is not evaluated.
    def _add_rules(self, rules: Iterable[Node], outer: str, is_met: bool | None) -> None:  # noqa: FBT001
        self.is_evaluated &= len(outer) <= _MAX_SELECTOR_LENGTH
        pairs: list[tuple[bool, str, str]] = []
        for rule in rules if is_met is not False and self.is_evaluated else ():
            if isinstance(rule, Declaration):
                pairs += [(rule.important, *pair) for pair in _longhands(rule)]
            elif isinstance(rule, QualifiedRule):
                parts = _split_list(tinycss2.serialize(rule.prelude))
                nested = [part if "&" in part else f"& {part}" for part in parts] if outer else parts
                self._add_rules(_contents(rule), ",".join(nested).replace("&", f":is({outer})"), is_met)
            elif isinstance(rule, AtRule) and rule.lower_at_keyword.endswith("keyframes"):
                self._keyframes.add(tinycss2.serialize(rule.prelude).strip().lower())
            elif isinstance(rule, AtRule) and rule.content:
                prelude = tinycss2.serialize(rule.prelude).strip()
                known = re.fullmatch(r"\(\s*([a-z-]+)\s*:[^()]*\)", prelude)
                is_true = _match_media(prelude) if rule.lower_at_keyword == "media" else bool(known) or None
                self._add_rules(_contents(rule), outer, False if is_true is False else is_met and is_true)
        if pairs and outer:
            self._n_rules += 1
            self._add_rule(outer, pairs, is_certain=is_met is True)

    def _add_rule(self, selector: str, pairs: list[tuple[bool, str, str]], *, is_certain: bool) -> None:
        parts = [(part, self._select(part)) for part in _split_list(selector)]
        is_certain &= all(nodes is not None or _STATE.search(part) for part, nodes in parts)
        for part, nodes in parts:
            order = False, _specificity(part), self._n_rules
            declared = [((important, *order), name, value) for important, name, value in pairs]
            if pseudo := _PSEUDO_ELEMENT.search(part):
                if pseudo[1] and any(name == "background-color" for _, name, _ in pairs):
                    self.covered |= {node.mem_id for node in self._select(part[: pseudo.start()]) or ()}
                continue
            self._add(nodes or (), declared, is_certain=is_certain)
            if _ENDS_POINTED.search(part):
                declared = [declaration for declaration in declared if declaration[1] in _POINTED_NAMES]
            for relaxed, is_undone in self._other_states(part, is_known=nodes is not None):
                ended = [((True, True, *order[1:]), name, "initial") for _, name, _ in declared]
                self._add(self._select(relaxed) or (), ended if is_undone else declared, is_certain=False)

    # Selectors of the elements for which a rule holds in another state of the page, or (True) no longer holds.
    def _other_states(self, selector: str, *, is_known: bool) -> Iterator[tuple[str, bool]]:
        states = list(_STATE.finditer(selector))
        if states:
            yield _STATE.sub(lambda state: "" if state[1] else _STATES[state[2].lower()], selector), False
        elif not is_known:
            yield _PSEUDO_CLASS.sub("", selector), False
        for state in states:
            start, end = _STATE.sub("", selector[: state.start()]), _STATE.sub("", selector[state.end() :])
            if state[1]:
                yield f"{start}{_STATES[state[2].lower()]}{end}", True
        for toggle in _TOGGLE.finditer(selector):
            start, end = selector[: toggle.start()], selector[toggle.end() :]
            is_bare = re.search(r"(?:^|[\s>+~(,])$", start) and re.match(r"$|[\s>+~),]", end)
            name = toggle[2] or toggle[3]
            if self._has_script_file or name in self.script_names:
                stem = re.sub(r"[-_]+[^-_]+$", "", name)  # `slide` of `slide-active`
                other = "" if not is_bare else "*" if (start + end).strip() else f".{stem}"
                yield f"{start}{other}{end}", bool(toggle[1])

    def _add(self, nodes: "Iterable[LexborNode]", declared: list[_Declared], *, is_certain: bool) -> None:
        for node in nodes:
            self.nodes[node.mem_id] = node
            self._possible[node.mem_id] += () if is_certain else declared
            values = self._certain[node.mem_id]
            for key, name, value in declared if is_certain else ():
                if name not in values or values[name][0] <= key:
                    values[name] = key, value

    # None if the parser does not know the selector.
    def _select(self, selector: str) -> "list[LexborNode] | None":
        from selectolax.lexbor import SelectolaxError  # noqa: PLC0415 -- loaded only when a web page is read

        is_slow = (self._is_deep or (self._is_wide and "~" in selector)) and len(_COMBINATOR.findall(selector)) > 1
        self.is_evaluated &= not is_slow and process_time() - self._start_s <= _MAX_MATCHING_S
        try:
            return self._tree.css(selector) if self.is_evaluated else []
        except SelectolaxError:
            return None


def _contents(rule: AtRule | QualifiedRule) -> list[Node]:
    return list(tinycss2.parse_blocks_contents(rule.content or (), skip_comments=True, skip_whitespace=True))


@lru_cache
def _attribute_pairs(text: str) -> list[_Declared]:
    try:
        items = tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True)
        found = [(item, pair) for item in items if isinstance(item, Declaration) for pair in _longhands(item)]
    except (RecursionError, ValueError):
        return []
    return [((item.important, True, (0, 0, 0), 0), *pair) for item, pair in found]


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in re.findall(rf"(?:[^,(\[]|{_NESTED}|\[[^\]]*\])+", text) if part.strip()]


def _specificity(selector: str) -> tuple[int, int, int]:
    counted = re.sub(rf":where{_NESTED}|:(?:is|not|has)(?=\()", "", selector)
    types = re.findall(r"(?:^|[\s>+~(,])[a-zA-Z]|::", counted)
    return counted.count("#"), len(re.findall(r"\.(?!\d)|\[|(?<!:):[a-zA-Z]", counted)), len(types)


# None if it depends on the window or on the reader's device.
def _match_media(text: str) -> bool | None:
    found = set()
    for width in _WINDOW_WIDTHS:
        results = []
        for query in text.lower().split(","):
            features = re.split(r"\band\b", re.sub(r"^(?:not|only)\s", "", query.strip()))
            met = [_match_feature(feature.strip(), width) for feature in features]
            is_met = False if False in met else None if None in met else True
            results.append(None if is_met is None else is_met != query.strip().startswith("not "))
        found.add(True if True in results else None if None in results else False)
    return found.pop() if len(found) == 1 else None


def _match_feature(text: str, width: int) -> bool | None:
    if text in {"", "all", "screen"} or re.fullmatch(r"\(prefers-[a-z-]+\s*:\s*(?:no-preference|light)\s*\)", text):
        return True
    limit = re.fullmatch(r"\(\s*(?:(min|max)-width\s*:|width\s*([<>])=?)\s*([\d.]+[a-z]*)\s*\)", text)
    size = _pixels(limit[3]) if limit else None
    if limit is None or size is None:
        return False if re.fullmatch(r"[a-z-]+", text) else None
    return width >= size if limit[1] == "min" or limit[2] == ">" else width <= size


def _longhands(item: Declaration) -> Iterator[tuple[str, str]]:
    value = re.sub(r"\s+", " ", tinycss2.serialize(item.value).replace("/**/", "")).strip()
    if item.name.startswith("--"):
        yield item.name, value
        return
    name = _PREFIX.sub("", item.lower_name)
    value = value.lower()
    words = [value] if "var(" in value else value.split()
    if name in {"margin", "padding", "inset"} and words:
        for number, side in enumerate(_SIDES):
            word = words[number] if number < len(words) else words[number % 2 if len(words) > 1 else 0]
            yield (side if name == "inset" else f"{name}-{side}"), word
    elif name == "font" and (size := re.search(rf"(?:^|\s)({_LENGTH})(?:\s*/|\s+\D)", value)):
        yield "font-size", size[1]
    elif name == "background":
        colors = [value] if "var(" in value else re.findall(rf"[\w#-]+(?:{_NESTED})?", value)
        yield "background-image", value if re.search(r"url\(|gradient\(|image|element\(", value) else "none"
        yield "background-color", next((word for word in colors if "var(" in word or _color(word)), "transparent")
        yield "background-clip", "text" if "text" in words else "border-box"
    elif name in {"grid-row", "grid-column"}:
        yield "grid-area", value
    elif name in _VALUES and (value in _INHERIT or re.fullmatch(rf"initial|.*var\(.*|{_VALUES[name]}", value)):
        yield name, value


# "?" if it is not known.
def _resolve(value: str, style: _Style) -> str:
    for _ in range(8 if "var(" in value else 0):
        value = _VAR.sub(lambda match: style.get(match[1], match[2]) or "?", value)[:_FAR]
    return "?" if "?" in value else value.lower()


# None for a share of something, a sum, or a keyword.
def _pixels(value: str, letter: float = _LETTER, percent: float | None = None) -> float | None:
    match = re.fullmatch(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)([a-z]*|%)(?: (?:hanging|each-line))*", value)
    if match is None or (not match[2] and float(match[1])):
        return None
    unit = {"em": letter, "ex": letter / 2, "ch": letter / 2, "%": percent}.get(match[2], _UNITS.get(match[2]))
    return None if unit is None else float(match[1]) * unit


@lru_cache
def _color(value: str) -> tuple[float, ...] | None:
    color = color4.parse_color(value)
    is_known = isinstance(color, color4.Color) and color.space in {"srgb", "hsl", "hwb"}
    return tuple(color.to("srgb")) if is_known else None


def find_unseen(tree: "LexborHTMLParser") -> tuple[_Nodes, _Nodes, _Nodes, bool]:
    """Return by `mem_id` the elements that are closed, unseen and struck out; False if sheets were too large.

    A control may open a closed element. Unseen text beside something seen moves into an element of its own.
    """
    cascade = _Cascade(tree)
    # A sheet in another file may set any background.
    first = {**_FIRST, "back": None if tree.css_first("link[rel~=stylesheet]") else (1.0, 1.0, 1.0)}
    styles: dict[int, _Style] = {}
    hidden: _Nodes = {}
    struck: _Nodes = {}
    mixed: set[int] = set()
    for node in tree.root.traverse() if tree.root else ():
        outer = node.parent
        style = outer_style = styles.get(outer.mem_id if outer else 0, first)
        if node.mem_id in cascade.nodes:
            style = style.copy()
            values = cascade.declared(node, style)
            _inherit(node, values, style, cascade)
            if "line-through" in values.get("text-decoration", [""])[0]:
                struck[node.mem_id] = node
        if node.mem_id in cascade.covered:
            style = {**style, "back": None}
        styles[node.mem_id] = style
        if style is outer_style and node.tag not in {"img", "input"} and style["text-indent"] == 0:
            is_unseen = outer is not None and outer.mem_id in hidden
        else:
            is_unseen = _is_unseen(node, style)
        if is_unseen:
            hidden[node.mem_id] = node
        elif node.tag != "br":
            while outer is not None and outer.mem_id in hidden and outer.mem_id not in mixed:
                mixed.add(outer.mem_id)
                outer = outer.parent
    parts = [part for key in mixed for part in _separate_text(tree, hidden.pop(key))]
    closed = {key: node for key, node in hidden.items() if styles[key]["origin"] == key}
    unseen = {k: n for k, n in hidden.items() if k not in closed and (not n.parent or n.parent.mem_id not in hidden)}
    return closed, unseen | {part.mem_id: part for part in parts}, struck, cascade.is_evaluated


def _separate_text(tree: "LexborHTMLParser", node: "LexborNode") -> "Iterator[LexborNode]":
    for text in [child for child in node.iter(include_text=True) if child.is_text_node]:
        if (text.text_content or "").strip():
            text.insert_before(tree.create_node("span"))
            if (part := text.prev) is not None:
                part.insert_child(text)
                text.decompose()
                yield part


def _is_unseen(node: "LexborNode", style: _Style) -> bool:
    if style["box"] or style["visibility"] in {"hidden", "collapse"}:
        return True
    if node.tag in {"img", "input"}:
        return False
    if style["font-size"] is not None and style["font-size"] < _MIN_LETTER:
        return True
    if (style["text-indent"] or 0) <= -_FAR and node.css_first("br") is None:  # a second line is not indented
        return bool(len(to_one_line(node.text(deep=False))) * _LETTER <= -style["text-indent"])
    color, back = style["text-fill-color"] or style["color"], style["back"] or (9.0, 9.0, 9.0)
    if color is None or None in {style["text-fill-color"], style["text-shadow"]} or style["text-shadow"] != "none":
        return False
    return color[3] < _MIN_OPACITY or all(abs(a - b) <= _SAME_COLOR for a, b in zip(color[:3], back, strict=False))


def _computed(name: str, value: str, outer: Any, letter: float) -> Any:
    if value in _INHERIT or (value, name) == ("currentcolor", "color"):
        return outer
    if value == "initial":
        return _FIRST[name]
    if name in {"font-size", "text-indent"}:
        return _pixels(value, letter, letter / 100 if name == "font-size" else None)
    return _color(value) if name in {"color", "text-fill-color"} else value


def _inherit(node: "LexborNode", values: _Values, style: _Style, cascade: _Cascade) -> None:
    letter = _LETTER if style["font-size"] is None else style["font-size"]
    visibility = style["visibility"]
    for name in _FIRST.keys() & values.keys():
        found = {_computed(name, value, style[name], letter) for value in values[name]}
        style[name] = found.pop() if len(found) == 1 else None
    if values.keys() <= {"color", "text-decoration"}:
        return
    grounds = {_color(value) for value in values.get("background-color", ["transparent"])}
    ground = grounds.pop() if len(grounds) == 1 else None
    if not {"none", "initial"}.issuperset(values.get("background-image", ())):
        style |= {"back": None, "text-indent": 0.0}  # the picture may show the text
    elif ground is None or ground[3]:
        style["back"] = ground if ground and ground[3] == 1 else None
    elif "mix-blend-mode" in values or _is_moved(values):
        style["back"] = None
    if "text" in values.get("background-clip", ()) or "text-stroke" in values:
        style["text-shadow"] = None
    escaping = {"moved": {"fixed"}, "clipped": {"fixed", "absolute"}}.get(style["box"], set())
    if not escaping.isdisjoint(values.get("position", ())):
        style["box"] = ""
    box = _hidden_box(node, values, is_leftward=style["direction"] == "rtl")
    if box or ("visibility" in values and style["visibility"] in {"hidden", "collapse"}):
        names = f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}".split()
        if cascade.script_names.isdisjoint(names):
            style |= {"box": box or style["box"], "origin": node.mem_id}
        else:
            style["visibility"] = visibility


def _is_moved(values: _Values) -> bool:
    if _MOVING.isdisjoint(values):
        return False
    positions = set(values.get("position", ()))
    return (
        not positions.isdisjoint({"absolute", "fixed", "sticky"})
        or ("relative" in positions and not values.keys().isdisjoint(_SIDES))
        or any(values.get(name, ["none"]) != ["none"] for name in ("transform", "translate", "grid-area"))
        or any((_pixels(value) or 0) < 0 for side in _SIDES for value in values.get(f"margin-{side}", ()))
    )


# Why nothing in the box of an element is seen: "whole", or "moved" and "clipped" if a positioned box in it may be.
def _hidden_box(node: "LexborNode", values: _Values, *, is_leftward: bool = False) -> str:
    def every(name: str, test: Callable[[str], Any]) -> bool:
        return name in values and all(map(test, values[name]))

    is_loose = every("position", {"absolute", "fixed"}.__contains__)
    is_vanished = any(every(name, _VANISHING[name].fullmatch) for name in _VANISHING.keys() & values.keys())
    if is_vanished or (is_loose and every("clip", _EMPTY_RECTANGLE.fullmatch)):
        return "whole"
    names = {"transform", "translate"} | (set() if "padding-left" in values else {"margin-left", "margin-top"})
    if is_loose or every("position", "relative".__eq__):
        names |= set(_SIDES)
    for name in names & values.keys() - ({"left", "margin-left"} if is_leftward else set()):
        is_opposite = name in {"right", "bottom"} and not every("position", "fixed".__eq__)
        parts = [re.split("[, ()]+", value) for value in values[name]]
        shifts = [[-px if is_opposite else px for part in value if (px := _pixels(part))] for value in parts]
        if all(shift and min(shift) <= -_FAR for shift in shifts):
            if name in {"top", "bottom", "margin-top"}:
                length = float(len(to_one_line(node.text())))
            elif name == "margin-left" or (is_loose and "width" not in values):
                length = max(len(to_one_line(line)) for line in node.text(separator="\n").split("\n")) * _LETTER
            else:
                length = _WIDEST
            if all(min(shift) <= -length for shift in shifts):
                return "moved"
    if not every("overflow", lambda value: not {"hidden", "clip"}.isdisjoint(value.split())):
        return ""
    display = values.get("display", ["block" if is_loose or node.tag in BLOCK_TAGS - {"table"} else "inline"])
    sizes = [values[name] for name in ("width", "height", "max-width", "max-height") if name in values]
    is_empty = any(all((-1 if (px := _pixels(value)) is None else px) in {0, 1} for value in size) for size in sizes)
    has_room = any(_pixels(value) != 0 for side in _SIDES for value in values.get(f"padding-{side}", ()))
    has_minimum = has_room or not values.keys().isdisjoint({"min-width", "min-height"})
    has_size = not any(value == "inline" or value.startswith(("table", "?")) for value in display)
    return "clipped" if is_empty and has_size and not has_minimum else ""
