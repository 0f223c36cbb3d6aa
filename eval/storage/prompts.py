"""Digests of the prompts that a run used."""

from importlib.resources import files

from bot.llm.prompts import load_prompt


def prompt_digests() -> dict[str, str]:
    """Return the digest (SHA-256) of each prompt of the project by its name. Raises PromptError."""
    names = sorted(file.name.removesuffix(".md") for file in files("prompts").iterdir() if file.name.endswith(".md"))
    return {name: load_prompt(name).digest for name in names}
