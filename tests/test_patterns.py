"""Every regular expression of the product reads strings made from its own parts: none takes long on any text.

A pattern that can read a text in two ways shows it when such a text is repeated and then does not match.
"""

import ast
import builtins
import importlib
import re
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any, NamedTuple

from tests.conftest import ROOT

PACKAGES = ("ingest", "bot", "eval")
READS = {"match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split"}
# Every place from which a pattern may start is tried, as by `search`.
SEARCH = "finditer"
# A text of the second length may take so many CPU seconds, and one four times as long not this many times as long. The
# first tells which patterns are worth that; less than `SURE` is too short to tell how it grows.
LENGTHS = (2_500, 10_000, 40_000)
LIMIT, GROWTH, WORTH, SURE = 0.1, 8, 0.0004, 0.003
# Characters of kinds that patterns tell apart, besides those they name.
PROBES = "a0 あア漢A\u3000\n、。０ａ（(・-~ー:/.@々\t\xa0!"
# What stands for a text that is not known before a pattern is made of it.
STAND_IN = "公園"
# Patterns over the words of the dictionary of Sudachi, and over nothing that a person writes.
EXEMPT = ("bot/channels/html/furigana.py:",)
REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
MAX_SAMPLES = 48
MAX_LETTERS_OF_CLASS = 6


class Use(NamedTuple):
    place: str
    pattern: re.Pattern[Any]
    method: str


class TooLongError(Exception):
    """Raised by the timer in the middle of reading."""


def product_modules() -> Iterator[tuple[str, ModuleType, ast.Module]]:
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        source = path.read_text("utf-8")
        if re.search(r"^import re$", source, re.MULTILINE) and path.name != "__main__.py":
            module = importlib.import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
            yield name, module, ast.parse(source)


def patterns_in(value: object, seen: set[int]) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif id(value) not in seen:
        seen.add(id(value))
        members: Iterable[object] = ()
        if isinstance(value, dict):
            members = value.values()
        elif isinstance(value, tuple | list | set | frozenset):
            members = value
        elif type(value).__name__ in {"partial", "_lru_cache_wrapper"}:
            members = getattr(value, "args", ())
        elif type(value).__module__.startswith(PACKAGES) and not isinstance(value, type):
            names = (*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ()))
            members = [getattr(value, name, None) for name in names]
        for member in members:
            yield from patterns_in(member, seen)


def methods_by_name(file: str, module: ModuleType, tree: ast.Module) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the methods that a file calls, by file and name of a private pattern, or by "" and a public name.

    "*" is the name of what a file has in containers and variables.
    """
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            called.add(id(node.value))
            name = node.value.id if isinstance(node.value, ast.Name) else "*"
            if node.attr in READS and name != "re":
                is_own = isinstance(getattr(module, name, None), re.Pattern)
                yield (("" if is_own and not name.startswith("_") else file), name if is_own else "*"), node.attr
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
            yield (file if node.id.startswith("_") else "", node.id), "*"


class Known(ast.NodeTransformer):
    def __init__(self, known: set[str]) -> None:
        self.known = known

    def visit_Call(self, node: ast.Call) -> ast.AST:
        is_unknown = isinstance(node.func, ast.Name) and node.func.id not in self.known
        is_text = is_unknown or ast.unparse(node.func) == "re.escape"
        return ast.Constant(STAND_IN) if is_text else self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        is_unknown = node.id not in self.known and isinstance(node.ctx, ast.Load)
        return ast.Constant(STAND_IN) if is_unknown else node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        bound = {each.id for loop in node.generators for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
        return Known(self.known | bound).generic_visit(node)


def patterns_of_calls(file: str, module: ModuleType, tree: ast.Module) -> Iterator[Use]:
    transformer = Known({*vars(module), *dir(builtins)})
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef))
    for node in {node for function in functions for node in ast.walk(function)}:
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name.startswith("re.") and name[3:] in {*READS, "compile"}:
            flags = [keyword.value for keyword in node.keywords if keyword.arg == "flags"]
            flags += [argument for argument in node.args[1:] if re.match(r"re\.[A-Z]", ast.unparse(argument))]
            try:
                pattern, *flag = (
                    eval(
                        compile(ast.fix_missing_locations(ast.Expression(transformer.visit(argument))), file, "eval"),
                        dict(vars(module)),
                    )
                    for argument in (node.args[0], *flags)
                )
                yield Use(f"{file}:{node.lineno}", re.compile(pattern, *flag), name[3:] if "match" in name else SEARCH)
            except Exception as error:
                raise AssertionError(f"{file}:{node.lineno}: {ast.unparse(node)}") from error


@cache
def collect() -> tuple[Use, ...]:
    modules = list(product_modules())
    methods: dict[tuple[str, str], set[str]] = {}
    for each in modules:
        for key, method in methods_by_name(*each):
            methods.setdefault(key, set()).add(method)
    uses = []
    for file, module, tree in modules:
        for name, value in vars(module).items():
            if isinstance(value, ModuleType) or name.startswith("__"):
                continue
            is_pattern = isinstance(value, re.Pattern)
            found = methods.get((file if name.startswith("_") else "", name), set()) if is_pattern else {"*"}
            found = found - {"*"} | (methods.get((file, "*"), {SEARCH}) if "*" in found else set())
            uses += [
                Use(f"{file} {name}", pattern, method)
                for pattern in patterns_in(value, set())
                for method in {each if "match" in each else SEARCH for each in found}
            ]
        uses += patterns_of_calls(file, module, tree)
    distinct = {(use.pattern.pattern, use.pattern.flags, use.method): use for use in reversed(uses)}
    return tuple(reversed(distinct.values()))


class Sampler:
    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        self.classes: list[tuple[Any, Any]] = []
        self.literals: dict[str, None] = {}
        self._collect(self.tree)
        alike = dict[tuple[bool, ...], str]()
        for char in (*PROBES, *self.literals):
            alike.setdefault(tuple(contains(each, char) for each in self.classes), char)
        self.letters = list(alike.values())

    def _collect(self, nodes: Iterable[Any]) -> None:
        for code, value in nodes:
            if code in (op.IN, op.ANY, op.NOT_LITERAL):
                self.classes.append((code, value))
            for kind, item in value if code is op.IN else [(code, value)]:
                if kind in (op.LITERAL, op.RANGE):
                    self.literals |= dict.fromkeys(map(chr, item if kind is op.RANGE else [item]))
            for child in children(code, value):
                self._collect(child)

    def samples(self, nodes: Sequence[Any]) -> list[str]:
        ways = [self._ways(code, value) for code, value in nodes]
        least = [min(way, key=len) for way in ways]
        found = ["".join(least), "".join(max(way, key=len) for way in ways)]
        for place, way in enumerate(ways):
            found += ["".join((*least[:place], each, *least[place + 1 :])) for each in way]
        return list(dict.fromkeys(found))[:MAX_SAMPLES]

    def _ways(self, code: Any, value: Any) -> list[str]:
        if code is op.LITERAL:
            return [chr(value)]
        if code in (op.IN, op.ANY, op.NOT_LITERAL):
            return [char for char in self.letters if contains((code, value), char)][:MAX_LETTERS_OF_CLASS] or [""]
        if code in (op.ASSERT, op.ASSERT_NOT, op.AT, op.GROUPREF):
            return [""]
        found = [each for child in children(code, value) for each in self.samples(list(child))][:MAX_SAMPLES]
        if code in REPEATS:
            found = [each * max(value[0], 1) for each in found] + ([] if value[0] else [""])
        return found or [""]

    def pumps(self) -> Iterator[tuple[str, str]]:
        yield from (("", letter) for letter in self.letters)
        yield from self._pumps(list(self.tree), "")

    def _pumps(self, nodes: list[Any], before: str) -> Iterator[tuple[str, str]]:
        for place, (code, value) in enumerate(nodes):
            start = before + self.samples(nodes[:place])[0]
            if code in REPEATS and value[1] > 1:
                yield from ((start, piece) for piece in self.samples(list(value[2])))
                yield from ((start, piece) for piece in self.samples(nodes[place : place + 3])[:4])
                after = self.samples(nodes[place + 1 :])[0][:1]
                for piece in self.samples(nodes[: place + 1])[:4]:
                    yield from ((before, piece), (before, piece + after))
            for child in children(code, value):
                yield from self._pumps(list(child), start)


def children(code: Any, value: Any) -> list[Any]:
    if code in REPEATS:
        return [value[2]]
    if code is op.BRANCH:
        return list(value[1])
    if code is op.SUBPATTERN:
        return [value[3]]
    if code in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    return [value] if code is op.ATOMIC_GROUP else []


def contains(node: tuple[Any, Any], char: str) -> bool:
    code, value = node
    if code is op.ANY:
        return char != "\n"
    if code is op.NOT_LITERAL:
        return bool(ord(char) != value)
    is_in = False
    for kind, item in value:
        if kind is op.LITERAL:
            is_in |= ord(char) == item
        elif kind is op.RANGE:
            is_in |= item[0] <= ord(char) <= item[1]
        elif kind is op.CATEGORY:
            name = str(item).rpartition("_")[2]
            is_of: bool = {"DIGIT": char.isdecimal(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}[
                name
            ]
            is_in |= is_of != ("_NOT_" in str(item))
    return bool(is_in != any(kind is op.NEGATE for kind, _ in value))


def seconds(use: Use, text: Any, limit: float = LIMIT) -> float:
    text = text.encode() if isinstance(use.pattern.pattern, bytes) else text
    read = getattr(use.pattern, use.method)
    start = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, limit * 1.5)
        try:
            for _ in read(text) if use.method == SEARCH else [read(text)]:
                pass
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except TooLongError:
        pass
    return time.process_time() - start


def find_slow_text(use: Use) -> str:
    def stop(*_: object) -> None:
        raise TooLongError

    signal.signal(signal.SIGVTALRM, stop)
    for start, piece in dict.fromkeys(Sampler(use.pattern).pumps()):
        for end in ("\0", "") if piece else ():
            short, text, long = (start + piece * (length // len(piece)) + end for length in LENGTHS)
            if (first := seconds(use, short)) > WORTH:
                taken = seconds(use, text)
                may_grow = taken > max(SURE, GROWTH / 1.5 * first)
                grows = may_grow and seconds(use, long, LIMIT * GROWTH) > GROWTH * taken
                if grows or taken > LIMIT:
                    return f"{start!r} + {piece!r} * n + {end!r} ({taken:.3f} s)"
    return ""


def test_no_pattern_takes_long_on_any_text() -> None:
    uses = (use for use in collect() if not use.place.startswith(EXEMPT))
    slow = ((use, find_slow_text(use)) for use in uses)
    found = [f"{use.place}.{use.method} {use.pattern.pattern!r:.200}: {text}" for use, text in slow if text]
    assert found == []
