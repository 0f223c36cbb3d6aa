"""Prompts are files in `prompts/`, one a file: front matter in TOML between two `+++` lines, then the messages.

    +++
    name = "answer"                  # the file's name without .md
    description = "…"                # one line, for people
    variables = ["question"]         # what the caller fills in; each is used, no other is
    share = 0.5                      # of the time left for the question, how much this task may take; else all of it
    +++

    # system

    Text. Braces are ordinary characters here, except around a variable's name: {question}

    # user

    …

A message begins at a line `# system`, `# user` or `# assistant`.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import BotError

Message = tuple[str, str]
"""The role and the text of a message."""
_FILE = re.compile(r"\+\+\+\n(?P<front>.*?)\n\+\+\+\n(?P<body>.*)", re.DOTALL)
_ROLE = re.compile(r"^# (system|user|assistant)[ \t]*$", re.MULTILINE)
_PLACE = re.compile(r"\{([a-z_]+)\}")


class PromptError(BotError):
    """A prompt file is missing or breaks the format; the text names the file and what to mend."""


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    description: str
    variables: tuple[str, ...]
    share: float = Field(1.0, gt=0, le=1)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as read; `digest` is the SHA-256 of the whole file in hexadecimal."""

    name: str
    variables: tuple[str, ...]
    share: float
    messages: tuple[Message, ...]
    digest: str

    def fill(self, **values: str) -> list[Message]:
        """Return the messages with the variables filled in, in one pass: braces in what is filled in stay."""
        return [(role, _PLACE.sub(lambda place: values.get(place[1], place[0]), text)) for role, text in self.messages]


def load_prompt(name: str, folder: Traversable | None = None) -> Prompt:
    """Read `name`.md from `folder` (default: the prompts of this project). Raises PromptError."""
    file = (folder or files("prompts")).joinpath(f"{name}.md")
    if not file.is_file():
        raise PromptError(f"プロンプト {name}.md がありません。prompts/ に置いてください。")
    content = file.read_bytes()
    match = _FILE.match(content.decode("utf-8").replace("\r\n", "\n"))
    if not match:
        raise PromptError(f"{name}.md: 先頭に +++ で囲んだ前書きを置いてください。")
    try:
        front = _FrontMatter.model_validate(tomllib.loads(match["front"]))
    except ValueError as error:
        raise PromptError(f"{name}.md: 前書きを TOML として読めないか、項目が違います（{error}）。") from error
    _, *parts = _ROLE.split(match["body"])
    messages = tuple((role, text.strip()) for role, text in zip(parts[::2], parts[1::2], strict=True))
    if front.name != name or not messages:
        raise PromptError(
            f"{name}.md: 前書きの name を {name} にし、発言を「# system」や「# user」の行で始めてください。"
        )
    used = {place for _, text in messages for place in _PLACE.findall(text)}
    if unknown := used ^ set(front.variables):
        raise PromptError(f"{name}.md: 前書きの variables と本文の {{…}} が合いません: {'、'.join(sorted(unknown))}")
    return Prompt(name, front.variables, front.share, messages, hashlib.sha256(content).hexdigest())
