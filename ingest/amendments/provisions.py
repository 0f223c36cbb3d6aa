"""The provisions of an ordinance or outline as a tree: articles, paragraphs, items, appendices."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from ingest.amendments.addresses import LEVELS, ROOTS, Address, Step, read_number
from ingest.amendments.document_lines import DocumentLine, Quote, quotes_of
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.notation import COUNT, KANJI_ONE_TO_TEN

# Characters; a longer line after a number is text, not a caption.
_LONGEST_CAPTION = 40
_CAPTION = re.compile(r"^\(([^()]{1,40})\)$")
# In a comparison table these stand in brackets for the text, and are no caption.
_MARK = "(?:略|省略|同左|同右|新設|削除|削る)"
_ARTICLE = re.compile(
    rf"^(?P<label>第\s?{COUNT}\s?条(?:の{COUNT})*)\s*(?P<caption>\((?!{_MARK}\))[^()]{{1,40}}\))?(?:\s+|$|(?<=\))|(?=\({_MARK}\)))"
)
_CHAPTER = re.compile(rf"^(?P<label>第\s?{COUNT}\s?(?P<kind>[編章節款])(?:の{COUNT})*)(?:\s+|$)")
_OUTLINE = re.compile(rf"^(?P<label>第\s?{COUNT}(?:の{COUNT})*)\s+(?=\S)")
_PARAGRAPH = re.compile(r"^(?P<label>\d{1,2}(?:の\d+)*)(?:[.．、]\s*|\s+)(?=\S)")
_ITEM = re.compile(
    rf"^(?P<label>\(\d{{1,2}}\)(?:の\d+)*|[{KANJI_ONE_TO_TEN}]{{1,3}}(?:の[{KANJI_ONE_TO_TEN}]+)*(?=\s))\s*(?=\S)"
)
_SUBITEM = re.compile(r"^(?P<label>[ア-ン])(?:[.．、]\s*|\s+)(?=\S)")
_DEEPER = re.compile(r"^(?P<label>\([ア-ン]\))\s*(?=\S)")
_SUPPLEMENT = re.compile(r"^附\s?則\s*(?:\((?P<rest>.*)\)\s*)?$")
_APPENDIX = re.compile(
    rf"^(?P<label>(?:別表|別記|別紙)\s?(?:第?\s?{COUNT}(?:の{COUNT})*)?|(?:別記)?様式(?:第\s?{COUNT}\s?号?(?:の{COUNT})*)"
    rf"|第\s?{COUNT}\s?号(?:の{COUNT})*様式|別記様式)\s*(?P<rest>\([^。]{{1,40}}\).{{0,40}}|\s[^。]{{1,40}})?$"
)
_new_key = count(1).__next__


@dataclass(frozen=True, slots=True)
class Provision:
    """A provision: its label as printed, caption, own text, and the provisions in it.

    `key` stays the same when it is renumbered. `quotes` are where the base document or the amendment has it.
    """

    step: Step
    label: str = ""
    caption: str = ""
    text: str = ""
    children: tuple["Provision", ...] = ()
    quotes: tuple[Quote, ...] = ()
    key: int = field(default_factory=_new_key)

    def walk(self) -> Iterator["Provision"]:
        """Yield this provision and all in it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """Yield the printed lines of the provision."""
        is_above = self.step.kind == "条" or self.caption.startswith("（")
        if self.caption and is_above:
            yield self.caption if self.caption.startswith("（") else f"（{self.caption}）"
        own = self.text.split("\n")
        has_own_label = self.step.kind == "条" and self.children[:1] and not self.children[0].label
        if has_own_label:
            below = list(self.children[0].lines(depth))
            yield "　".join([self.label, *below[:1]])
            yield from below[1:]
        elif self.label or self.text:
            if self.caption and not is_above:
                yield "　" * depth + "　".join(filter(None, (self.label, self.caption)))
                own = ["", *own] if self.text else own
            else:
                yield "　" * depth + "　".join(filter(None, (self.label, own[0])))
            yield from ("　" * depth + line for line in own[1:])
        for child in self.children[1 if has_own_label else 0 :]:
            is_nested = child.step.kind in {"号", "ア", "(ア)"}
            yield from child.lines(depth + 1 if is_nested else depth)

    @property
    def content(self) -> str:
        """The printed text, for display and comparison."""
        return "\n".join(self.lines())

    @property
    def own_content(self) -> str:
        """The text without the label of an article and its caption."""
        return "\n".join(child.content for child in self.children) if self.step.kind == "条" else self.text


def parse_provisions(lines: Sequence[DocumentLine], title: str = "") -> Provision:
    """Return the provisions of a document's lines as the children of one provision without a label.

    Lines before the first provision are children of kind 行, too.
    """
    builder = _TreeBuilder()
    for line in lines:
        builder.add(line)
    return builder.finish(title)


@dataclass(slots=True)
class _Node:
    """A provision while its lines are read."""

    step: Step
    label: str = ""
    caption: str = ""
    texts: list[str] = field(default_factory=list)
    lines: list[DocumentLine] = field(default_factory=list)
    children: list["_Node"] = field(default_factory=list)
    is_outline: bool = False

    def freeze(self) -> Provision:
        self._move_caption()
        children = tuple(child.freeze() for child in self.children)
        return Provision(self.step, self.label, self.caption, "\n".join(self.texts), children, quotes_of(self.lines))

    def _move_caption(self) -> None:
        """Make a first line that is no sentence the caption: 第3条 申請の期限 over the text."""
        first = self.children[0] if self.step.kind == "条" and self.children else self
        kinds = {"条", "第", "章", "節", *(["項"] if self.is_outline else [])}
        if self.caption or (first.label and first is not self) or self.step.kind not in kinds:
            return
        has_more = len(first.texts) > 1 or (first.texts and bool(first.children or self.children[1:]))
        if has_more or (self.step.kind not in {"条", "項"} and first.texts):
            line = first.texts[0]
            if "。" not in line and len(line) <= _LONGEST_CAPTION and not re.search(r"[はがをに、]$|削除", line):
                self.caption = line
                del first.texts[0]


class _TreeBuilder:
    def __init__(self) -> None:
        self._root = _Node(Step("本則", ""))
        self._stack = [self._root]
        self._caption: DocumentLine | None = None

    def add(self, line: DocumentLine) -> None:
        """Add a line: a provision where it begins with a number, else text of the provision before."""
        text = line.normal
        if _CAPTION.match(text):
            self._flush_caption()
            if not self._inside("別表", "様式"):
                self._caption = line
                return
        if not (line.cells or self._open(line, text)):
            self._add_text(line)
        elif line.cells:
            self._add_row(line)

    def finish(self, title: str) -> Provision:
        """Return the tree."""
        self._flush_caption()
        root = self._root.freeze()
        return replace(root, caption=title)

    def _open(self, line: DocumentLine, text: str) -> bool:
        return any(read(line, text) for read in (self._read_part, self._read_article, self._read_numbered))

    def _read_part(self, line: DocumentLine, text: str) -> bool:
        if match := _SUPPLEMENT.match(text):
            earlier = sum(child.step.kind == "附則" for child in self._root.children)
            self._push(
                self._root, _Node(Step("附則", str(earlier + 1) if earlier else ""), "附則", match["rest"] or ""), line
            )
            return True
        appendix = _APPENDIX.match(text)
        if appendix and not self._is_listed_in_appendix(appendix["label"]):
            label = appendix["label"]
            number = re.search(rf"{COUNT}(?:の{COUNT})*", label.replace("号の", "の"))
            kind = "様式" if "様式" in label else "別表"
            step = Step(kind, read_number(number[0]) if number else "")
            self._push(self._root, _Node(step, label, (appendix["rest"] or "").strip()), line)
            return True
        return False

    def _is_listed_in_appendix(self, label: str) -> bool:
        return any(child.label == label for child in self._root.children)

    def _read_article(self, line: DocumentLine, text: str) -> bool:
        if self._inside("別表", "様式"):
            return False
        if match := _CHAPTER.match(text):
            if self._inside("附則"):
                return False
            node = _Node(
                Step("章" if match["kind"] in "編章" else "節", read_number(_digits(match["label"]))), match["label"]
            )
            self._push(self._root, node, line, self._rest(line, match))
            return True
        if match := _ARTICLE.match(text):
            container = self._container()
            node = _Node(Step("条", read_number(_digits(match["label"]))), _label(line.text, match["label"]))
            node.caption = (match["caption"] or "").strip("()")
            if not node.caption and self._caption is not None:
                node.caption = nfkc(self._caption.text).strip("() ")
                node.lines.append(self._caption)
                self._caption = None
            self._flush_caption()
            self._push(container, node, line)
            if rest := self._rest(line, match):
                self._add_text(replace(line, text=rest))
            return True
        if not self._has_articles() and (match := _OUTLINE.match(text)):
            node = _Node(Step("第", read_number(_digits(match["label"]))), match["label"])
            self._push(self._container(), node, line, self._rest(line, match))
            return True
        return False

    def _read_numbered(self, line: DocumentLine, text: str) -> bool:
        for kind, pattern in (("項", _PARAGRAPH), ("号", _ITEM), ("ア", _SUBITEM), ("(ア)", _DEEPER)):
            match = pattern.match(text)
            if match is None:
                continue
            step = Step(
                kind,
                match["label"]
                if kind in {"ア", "(ア)"}
                else read_number(match["label"].replace("(", "").replace(")", "")),
            )
            parent = self._parent_of(step)
            if parent is None:
                return False
            node = _Node(step, _label(line.text, match["label"]))
            node.is_outline = step.kind == "項" and parent.step.kind in {"本則", "第"}
            if step.kind == "項" and self._caption is not None:
                node.caption = f"（{nfkc(self._caption.text).strip('() ')}）"
                self._caption = None
            self._flush_caption()
            self._push(parent, node, line, self._rest(line, match))
            return True
        return False

    def _parent_of(self, step: Step) -> _Node | None:
        """Return the open provision that a numbered line belongs to; None where the line is only text."""
        if self._inside("別表", "様式"):
            return None
        rank = LEVELS.index(step.kind)
        parent = next(
            node
            for node in reversed(self._stack)
            if node.step.kind in (*ROOTS, "本則") or LEVELS.index(node.step.kind) < rank
        )
        if step.kind == "項":
            before = [child.step.number for child in parent.children if child.step.kind == "項"]
            is_text = parent.step.kind == "章" or (before and not _follows(before[-1], step.number))
            if not before and parent.step.kind == "条" and step.number != "1":
                parent.children.append(_Node(Step("項", "1")))
            return None if is_text else parent
        if step.kind == "号" and parent.step.kind == "条":
            if not parent.children:
                parent.children.append(_Node(Step("項", "1")))
            return parent.children[-1]
        return self._container() if parent.step.kind in {"章", "節"} else parent

    def _add_text(self, line: DocumentLine) -> None:
        self._flush_caption()
        node = self._stack[-1]
        if node.step.kind == "条":
            if not node.children:
                node.children.append(_Node(Step("項", "1")))
                self._stack.append(node.children[0])
            node = node.children[-1]
        elif node.step.kind in (*ROOTS, "本則"):
            number = str(len(node.children) + 1)
            kind = "項" if node.step.kind == "附則" and not node.children else "行"
            node.children.append(_Node(Step(kind, "1" if kind == "項" else number)))
            node.children[-1].texts.append(line.text)
            node.children[-1].lines.append(line)
            return
        node.texts.append(line.text)
        node.lines.append(line)

    def _add_row(self, line: DocumentLine) -> None:
        self._flush_caption()
        node = self._stack[-1]
        if node.step.kind == "条":
            node = node.children[-1] if node.children else node
        number = str(len(node.children) + 1)
        row = _Node(Step("行", number), texts=["\t".join(line.cells)], lines=[line])
        node.children.append(row)

    def _flush_caption(self) -> None:
        if self._caption is not None:
            line, self._caption = self._caption, None
            self._add_text(line)

    def _push(self, parent: _Node, node: _Node, line: DocumentLine, rest: str = "") -> None:
        while self._stack[-1] is not parent and len(self._stack) > 1 and parent in self._stack:
            self._stack.pop()
        if parent not in self._stack:
            self._stack = [self._root, *([parent] if parent is not self._root else [])]
        parent.children.append(node)
        self._stack.append(node)
        node.lines.append(line)
        if rest:
            node.texts.append(rest)

    def _container(self) -> _Node:
        last = self._root.children[-1] if self._root.children else None
        return last if last is not None and last.step.kind == "附則" else self._root

    def _inside(self, *kinds: str) -> bool:
        return len(self._stack) > 1 and self._stack[1].step.kind in kinds

    def _has_articles(self) -> bool:
        return any(child.step.kind == "条" for child in self._root.children)

    @staticmethod
    def _rest(line: DocumentLine, match: re.Match[str]) -> str:
        return nfkc_rest(line.text, match.end())


def _follows(before: str, number: str) -> bool:
    """Whether a paragraph number may come after another one."""
    ints = [[int(part) for part in one.split("の")] for one in (before, number)]
    return ints[0] < ints[1] and ints[1][0] <= ints[0][0] + 1


def _digits(label: str) -> str:
    return re.sub(r"[第編章節款条\s]", "", label)


def _label(text: str, normal_label: str) -> str:
    """Return the label as printed, from the text of its line."""
    return text.strip()[: len(text.strip()) - len(nfkc_rest(text, len(normal_label)))].strip() or normal_label


def nfkc_rest(text: str, end: int) -> str:
    """Return the part of `text` after the first `end` characters of its normal form, without white space around it."""
    stripped = text.strip()
    for position in range(min(end, len(stripped)), -1, -1):
        normal = nfkc(stripped[:position])
        if len(normal) <= end:
            for further in range(position, len(stripped) + 1):
                if len(nfkc(stripped[:further]).rstrip()) > len(nfkc(stripped)[:end].rstrip()):
                    return stripped[further - 1 :].strip()
            return ""
    return stripped


Change = Callable[[Provision], Iterable[Provision]]


def change_provision(root: Provision, key: int, change: Change) -> Provision:
    """Return the tree with the provision of this key replaced by what `change` returns for it."""
    children: list[Provision] = []
    for child in root.children:
        children += change(child) if child.key == key else [change_provision(child, key, change)]
    unchanged = len(children) == len(root.children) and all(
        a is b for a, b in zip(children, root.children, strict=True)
    )
    return root if unchanged else replace(root, children=tuple(children))


def find_provisions(root: Provision, address: Address) -> list[Provision]:
    """Return the provisions at an address, from outside in; a paragraph number that is not written is skipped."""
    current = [root]
    for step in address.steps:
        following = [match for node in current for match in _children_at(node, step)]
        if not following:
            return []
        current = following
    return current


def _children_at(node: Provision, step: Step) -> list[Provision]:
    direct = [child for child in node.children if child.step == step]
    if direct or step.kind not in {"号", "ア", "(ア)"}:
        if step.kind == "附則" and not direct:
            return [child for child in node.children if child.step.kind == "附則"][:1]
        return direct
    paragraphs = [child for child in node.children if child.step.kind == "項"]
    if step.kind == "号" and len(paragraphs) == 1:
        return [child for child in paragraphs[0].children if child.step == step]
    return []


def path_to(root: Provision, key: int) -> tuple[Provision, ...]:
    """Return the provisions from below the root down to the one of this key; empty where it is gone."""
    for child in root.children:
        if child.key == key:
            return (child,)
        if below := path_to(child, key):
            return (child, *below)
    return ()


def find_parent(root: Provision, key: int) -> Provision:
    """Return the provision that has the one of this key among its children, the root if it is gone."""
    path = path_to(root, key)
    return path[-2] if len(path) > 1 else root


def equal_text(one: str, other: str) -> bool:
    """Whether two texts are the same, whatever their widths and spaces."""
    return normalise_without_spaces(one) == normalise_without_spaces(other)
