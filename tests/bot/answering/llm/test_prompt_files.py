from pathlib import Path

import pytest

from bot.answering.llm.prompt_files import PromptError, load_prompt

GOOD = """+++
name = "small"
description = "試し"
variables = ["question"]
share = 0.5
+++

# system

JSON の例 {"a": 1} と {B} はそのまま。

# user

{question}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "small.md").write_text(text, "utf-8")
    return folder


def test_roles_and_texts_become_messages(tmp_path: Path) -> None:
    prompt = load_prompt("small", write(tmp_path, GOOD))
    assert prompt.fill(question="いつ?") == [("system", 'JSON の例 {"a": 1} と {B} はそのまま。'), ("user", "いつ?")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# system\n\nx", "前書き"),
        (GOOD.replace("0.5", "半分"), "TOML"),
        (GOOD.replace("share = 0.5", "temperature = 0.5"), "temperature"),
        (GOOD.replace('"small"', '"other"'), "name"),
        (GOOD.replace('["question"]', '["question", "passages"]'), "passages"),
        (GOOD.replace('["question"]', "[]"), "question"),
        (GOOD.replace("# system", "## x").replace("# user", "## y"), "# system"),
    ],
    ids=[
        "no front matter",
        "broken TOML",
        "an option of the model",
        "another name",
        "unused variable",
        "undeclared variable",
        "no message",
    ],
)
def test_the_error_for_an_invalid_prompt_names_the_fault(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(PromptError, match=f"(?s)small.md.*{says}"):
        load_prompt("small", write(tmp_path, text))


@pytest.mark.parametrize("name", ["answer", "answer-compact"])
def test_an_answering_prompt_separates_instructions_and_data(name: str) -> None:
    prompt = load_prompt(name)
    (system, rules), (user, data) = prompt.messages
    assert system == "system"
    assert user == "user"
    assert not [variable for variable in prompt.variables if f"{{{variable}}}" in rules]
    assert data.index("{passages}") < data.index("{question}")
