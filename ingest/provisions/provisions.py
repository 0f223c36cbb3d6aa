"""The provisions of an ordinance as a tree: articles, paragraphs, items, appendices."""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count

from ingest.japanese import nfkc, nfkc_with_spans, normalise_without_spaces
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.provisions.addresses import BRANCH, COUNT, LEVELS, ROOTS, Address, Step, read_number
from ingest.provisions.document_lines import DocumentLine, Quote, quotes_of

# Characters; a longer line is text without a number before it, whatever it begins with.
_MAX_LINE_LENGTH = 5_000
_NUMBER = COUNT + BRANCH
_CAPTION = re.compile(r"^\(([^()]{1,40})\)$")
# In a comparison table these are in brackets in place of the text, and are no caption.
_MARK = "(?:略|省略|同左|同右|新設|削除|削る)"
_ARTICLE = re.compile(
    rf"^(?P<label>第\s?{COUNT}\s?条{BRANCH})\s*"
    rf"(?P<caption>\((?!{_MARK}\))[^()]{{1,40}}\))?(?:\s+|$|(?<=\))|(?=\({_MARK}\)))"
)
_CHAPTER = re.compile(rf"^(?P<label>第\s?{COUNT}\s?(?P<kind>[編章節款]){BRANCH})(?:\s+|$)")
_PARAGRAPH = re.compile(r"^(?P<label>\d{1,2}(?:の\d{1,3}){0,5})(?:[.．、]\s*|\s+)(?=\S)")
_ITEM = re.compile(
    rf"^(?P<label>\(\d{{1,2}}\)(?:の\d+)*|[{KANJI_ONE_TO_TEN}]{{1,3}}(?:の[{KANJI_ONE_TO_TEN}]{{1,3}}){{0,5}}(?=\s))\s*(?=\S)"
)
_SUBITEM = re.compile(r"^(?P<label>[ア-ン])(?:[.．、]\s*|\s+)(?=\S)")
_SUPPLEMENT = re.compile(r"^(?P<label>附\s?則)\s*(?:\((?P<caption>.*)\)\s*)?$")
_TABLE_LABEL = rf"(?:別表|別記|別紙)\s?(?:第?\s?{_NUMBER})?"
_FORM_LABEL = rf"(?:別記)?様式(?:第\s?{COUNT}\s?号?{BRANCH})|第\s?{COUNT}\s?号{BRANCH}様式|別記様式"
_APPENDIX = re.compile(
    rf"^(?P<label>{_TABLE_LABEL}|{_FORM_LABEL})\s*(?P<caption>\([^。]{{1,40}}\).{{0,40}}|\s[^。]{{1,40}})?$"
)
_LABELS = {
    "附則": _SUPPLEMENT,
    "別表": _APPENDIX,
    "章": _CHAPTER,
    "条": _ARTICLE,
    "項": _PARAGRAPH,
    "号": _ITEM,
    "ア": _SUBITEM,
}
_APPENDIX_KINDS = ("別表", "様式")
_new_key = count(1).__next__


@dataclass(frozen=True)
class Provision:
    """A provision and those in it.

    Attributes:
        label: the number as printed.
        caption: the caption (見出し); of the whole text the title.
        text: that without the provisions in it.
        quotes: where the base document or the amendment has it.
        key: an identity that stays the same if it is renumbered.
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
        """Yield the printed lines of the provision, items in it indented by `depth` wide spaces."""
        has_brackets = self.caption.startswith("（")
        is_caption_above = bool(self.caption) and (self.step.kind == "条" or has_brackets)
        if is_caption_above:
            yield self.caption if has_brackets else f"（{self.caption}）"
        children = self.children
        if self.step.kind == "条" and children and not children[0].label:
            first_paragraph = list(children[0].lines(depth))
            yield "　".join([self.label, *first_paragraph[:1]])
            yield from first_paragraph[1:]
            children = children[1:]
        elif self.label or self.text:
            lines = self.text.split("\n")
            beside_label = [] if is_caption_above or not self.caption else [self.caption]
            if not beside_label:
                beside_label, lines = lines[:1], lines[1:]
            elif not self.text:
                lines = []
            for line in ("　".join(filter(None, (self.label, *beside_label))), *lines):
                yield "　" * depth + line
        for child in children:
            yield from child.lines(depth + 1 if child.step.kind in {"号", "ア"} else depth)

    @cached_property
    def content(self) -> str:
        """The printed text, for display and comparison."""
        return "\n".join(self.lines())

    @cached_property
    def normal_text(self) -> str:
        """The text in normal form without spaces."""
        return normalise_without_spaces(self.text)

    @cached_property
    def key_range(self) -> tuple[int, int]:
        """The lowest and the highest key of the provision and all in it, so that searches pass others by."""
        ranges = [(self.key, self.key), *(child.key_range for child in self.children)]
        return min(first for first, _ in ranges), max(last for _, last in ranges)

    def may_contain(self, key: int) -> bool:
        """Whether a provision with this key may be in it; a quick test."""
        return self.key_range[0] <= key <= self.key_range[1]

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


@dataclass(slots=True, eq=False)
class _Node:
    """A provision while its lines are read."""

    step: Step
    label: str = ""
    caption: str = ""
    texts: list[str] = field(default_factory=list)
    lines: list[DocumentLine] = field(default_factory=list)
    children: list["_Node"] = field(default_factory=list)

    def freeze(self) -> Provision:
        children = tuple(child.freeze() for child in self.children)
        return Provision(self.step, self.label, self.caption, "\n".join(self.texts), children, quotes_of(self.lines))

    def add_text(self, line: DocumentLine) -> None:
        self.texts.append(line.text)
        self.lines.append(line)

    def first_paragraph(self) -> "_Node":
        if not self.children:
            self.children.append(_Node(Step("項", "1")))
        return self.children[-1]


class _TreeBuilder:
    """Builds the tree of provisions from the lines of a document, in order."""

    def __init__(self) -> None:
        self._root = _Node(Step("本則", ""))
        self._open = [self._root]
        self._caption: DocumentLine | None = None
        self._supplements = 0
        self._appendix_labels = set[str]()

    def add(self, line: DocumentLine) -> None:
        is_long = len(line.text) > _MAX_LINE_LENGTH
        if not is_long and _CAPTION.match(line.normal):
            self._flush_caption()
            if not self._is_inside(*_APPENDIX_KINDS):
                self._caption = line
                return
        if line.cells:
            self._add_row(line)
        elif is_long or not any(
            self._read(kind, pattern.match(line.normal), line) for kind, pattern in _LABELS.items()
        ):
            self._add_text(line)

    def finish(self, title: str) -> Provision:
        self._flush_caption()
        return replace(self._root.freeze(), caption=title)

    def _read(self, kind: str, match: re.Match[str] | None, line: DocumentLine) -> bool:
        """Open the provision that a line begins; False if it begins none here."""
        parent, step = self._locate(kind, match) if match else (None, Step("", ""))
        if match is None or parent is None:
            return False
        rest = _rest(line.text, len(match["label"]))
        text = line.text.strip()
        node = _Node(step, text.removesuffix(rest).strip() or match["label"])
        if caption := match.groupdict().get("caption"):
            node.caption = caption.strip("()") if kind == "条" else caption.strip()
        elif kind in {"条", "項"} and self._caption is not None:
            words = nfkc(self._caption.text).strip("() ")
            node.caption = words if kind == "条" else f"（{words}）"
            node.lines += [self._caption] if kind == "条" else []
            self._caption = None
        self._flush_caption()
        if parent in self._open:
            del self._open[self._open.index(parent) + 1 :]
        else:
            self._open = [self._root, parent]
        parent.children.append(node)
        self._open.append(node)
        node.lines.append(line)
        if remainder := _rest(line.text, match.end()):
            if kind == "条":
                self._add_text(replace(line, text=remainder))
            else:
                node.texts.append(remainder)
        return True

    def _locate(self, kind: str, match: re.Match[str]) -> tuple[_Node | None, Step]:
        """Return the provision that one with this label would be in, None for none, and its step."""
        label = match["label"]
        number = re.search(_NUMBER, label.replace("号の", "の"))
        if kind == "附則":
            self._supplements += 1
            return self._root, Step(kind, str(self._supplements) if self._supplements > 1 else "")
        if kind == "別表":
            is_known = label in self._appendix_labels
            self._appendix_labels.add(label)
            step = Step("様式" if "様式" in label else kind, read_number(number[0]) if number else "")
            return None if is_known else self._root, step
        step = Step(kind, label if kind == "ア" else read_number(re.sub(r"[第編章節款条()\s]", "", label)))
        if kind == "章" and match["kind"] not in "編章":
            step = Step("節", step.number)
        return None if self._is_inside(*_APPENDIX_KINDS) else self._find_parent(kind, step), step

    def _find_parent(self, kind: str, step: Step) -> _Node | None:
        if kind == "章":
            return None if self._is_inside("附則") else self._root
        if kind == "条":
            return self._container()
        rank = LEVELS.index(kind)
        parent = next(
            node
            for node in reversed(self._open)
            if node.step.kind in (*ROOTS, "本則") or LEVELS.index(node.step.kind) < rank
        )
        if kind == "項":
            return parent if _takes_paragraph(parent, step) else None
        if kind == "号" and parent.step.kind == "条":
            return parent.first_paragraph()
        return self._container() if parent.step.kind in {"章", "節"} else parent

    def _add_text(self, line: DocumentLine) -> None:
        self._flush_caption()
        node = self._open[-1]
        if node.step.kind == "条":
            if not node.children:
                self._open.append(node.first_paragraph())
            node.children[-1].add_text(line)
        elif node.step.kind in (*ROOTS, "本則"):
            is_first_of_supplement = node.step.kind == "附則" and not node.children
            child = _Node(Step("項", "1") if is_first_of_supplement else Step("行", str(len(node.children) + 1)))
            child.add_text(line)
            node.children.append(child)
        else:
            node.add_text(line)

    def _add_row(self, line: DocumentLine) -> None:
        self._flush_caption()
        node = self._open[-1]
        if node.step.kind == "条" and node.children:
            node = node.children[-1]
        step = Step("行", str(len(node.children) + 1))
        node.children.append(_Node(step, texts=["\t".join(line.cells)], lines=[line]))

    def _flush_caption(self) -> None:
        """Add a line that looked like a caption as text, since no provision followed it."""
        if self._caption is not None:
            line, self._caption = self._caption, None
            self._add_text(line)

    def _container(self) -> _Node:
        last = self._root.children[-1] if self._root.children else None
        return last if last is not None and last.step.kind == "附則" else self._root

    def _is_inside(self, *kinds: str) -> bool:
        return len(self._open) > 1 and self._open[1].step.kind in kinds


def _takes_paragraph(parent: _Node, step: Step) -> bool:
    previous = next((child.step.number for child in reversed(parent.children) if child.step.kind == "項"), None)
    if previous is None:
        if parent.step.kind == "条" and step.number != "1":
            parent.children.append(_Node(Step("項", "1")))
        return parent.step.kind != "章"
    before, number = ([int(part) for part in text.split("の")] for text in (previous, step.number))
    return parent.step.kind != "章" and before < number and number[0] <= before[0] + 1


def _rest(text: str, end: int) -> str:
    """Return the part of `text` after the first `end` characters of its normal form, without white space around it."""
    normal, spans = nfkc_with_spans(text.strip())
    return text.strip()[spans[end][0] :].strip() if end < len(normal) else ""


def change_provision(root: Provision, key: int, change: Callable[[Provision], Iterable[Provision]]) -> Provision:
    """Return the tree with the provision of this key replaced by what `change` returns for it."""
    children: list[Provision] = []
    for child in root.children:
        if child.key == key:
            children += change(child)
        else:
            children.append(change_provision(child, key, change) if child.may_contain(key) else child)
    is_unchanged = len(children) == len(root.children) and all(map(operator.is_, children, root.children))
    return root if is_unchanged else replace(root, children=tuple(children))


def find_provisions(root: Provision, address: Address) -> list[Provision]:
    """Return the provisions at an address, from outside in; a paragraph number that is not written is skipped."""
    found = [root]
    for step in address.steps:
        nodes, found = found, []
        for node in nodes:
            direct = [child for child in node.children if child.step == step]
            paragraphs = [child for child in node.children if child.step.kind == "項"]
            if not direct and step.kind == "附則":
                direct = [child for child in node.children if child.step.kind == "附則"][:1]
            elif not direct and step.kind == "号" and len(paragraphs) == 1:
                direct = [child for child in paragraphs[0].children if child.step == step]
            found += direct
    return found


def path_to(root: Provision, key: int) -> tuple[Provision, ...]:
    """Return the provisions from below the root down to the one of this key; empty if it is gone."""
    for child in root.children:
        if child.key == key:
            return (child,)
        if child.may_contain(key) and (below := path_to(child, key)):
            return (child, *below)
    return ()


def find_parent(root: Provision, key: int) -> Provision:
    """Return the provision that has the one of this key among its children, the root if it is gone."""
    path = path_to(root, key)
    return path[-2] if len(path) > 1 else root


def equal_text(first: str, second: str) -> bool:
    """Whether two texts are the same, whatever their widths and spaces."""
    return normalise_without_spaces(first) == normalise_without_spaces(second)
