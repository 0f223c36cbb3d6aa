import ast
from pathlib import Path

import bot

ROOM = Path(bot.__file__).parent / "answering"
LATER_PACKAGES = ("retrieval", "relevance", "answers", "staff_answers", "verification")
# Modules that compare the text with passages, by words or by a model, without interpreting it.
COMPARE_TEXT = {
    "answers/excerpt_renderer.py",
    "answers/generated.py",
    "answers/related_passages.py",
    "relevance/evidence.py",
    "relevance/evidence_features.py",
    "relevance/scorer.py",
    "retrieval/retrieve.py",
}
# Modules that interpret the text again. Remove them from the list by moving what they look for to a field of `Query`.
INTERPRET_TEXT = {"staff_answers/equivalence.py", "answers/sure_answers.py", "answers/validity_period.py"}
TEXTS = {("turn", "question"), ("question", "question"), ("query", "text"), ("query", "topic")}


def reads_text(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if (name, node.attr) in TEXTS or (name == "texts" and isinstance(owner, ast.Attribute)):
                return True
    return False


def test_later_packages_use_the_parsed_query() -> None:
    modules = [path for package in LATER_PACKAGES for path in (ROOM / package).rglob("*.py")]
    reading = {path.relative_to(ROOM).as_posix() for path in modules if reads_text(path)}
    assert reading == COMPARE_TEXT | INTERPRET_TEXT
    assert {path.relative_to(ROOM).parts[0] for path in modules} == set(LATER_PACKAGES)
