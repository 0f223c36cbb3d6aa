"""Detects requests for secrets: no office asks a citizen in a text for a PIN, password or card number.

A secret and an act of disclosure, in one sentence or in two that follow each other, are a request, unless their
surroundings say otherwise. secrets.toml has the words of all three.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from ingest.japanese.lexicon import any_of
from ingest.japanese.tokenise import morphemes

_DATA = tomllib.loads(files("ingest.guardrails").joinpath("secrets.toml").read_text("utf-8"))
_WORDS = {name: any_of(expressions) for name, expressions in _DATA["words"].items()}


def _compile(expressions: list[str], rest: str = "") -> re.Pattern[str]:
    filled = re.sub(r"<(\w+)>", lambda name: _WORDS[name[1]], "|".join(expressions))
    return re.compile(f"(?>{filled}){rest}", re.IGNORECASE)


# A secret that is set, changed or forgotten is the subject of a text and not asked for.
_SECRETS = {kind: _compile(names, f"(?!{_WORDS['after']})") for kind, names in _DATA["secrets"].items()}
_ACTS = {name: frozenset(words.split()) for name, words in _DATA["acts"].items()}
_UNLESS = {name: re.compile(any_of(expressions), re.IGNORECASE) for name, expressions in _DATA["unless"].items()}
_FOREIGN_NEGATION = re.compile(r"\b(?:never|not|no one)\b|n['’]t\b", re.IGNORECASE)
# 伝えなければなりません has no negation; a short note in brackets (4桁) is no part of a sentence.
_OBLIGATION = re.compile(
    r"(?:なければ|ねば|なくては|ないと)[^。、]{0,40}?(?:ない|ません|らぬ)|[てで]も(?:構|かま|問題|差し支え)[^。、]*|\([^()\n。]{0,12}\)"
)
_SENTENCE = re.compile(r"[^。!?]+(?:[。!?]+|\Z)")
# The object of the verb that follows the text, after the clause before.
_OBJECT = re.compile(r"(?:^|を|[いきしちにみりえけせてねべめればずで]、|\n)([^を]*?)を[^をて、]{0,12}$")
_TOPIC = re.compile(r"(?<![^をはが、])([^をはが、]*+)[をはが]、?[^を、]{0,12}$")
_REACH = 80


@lru_cache(maxsize=1024)
def requests_secret(text: str) -> bool:
    """Whether normalised `text` asks its reader for a PIN, a password, or a card or account number."""
    if any(not _FOREIGN_NEGATION.search(text[: match.start()]) for match in _UNLESS["foreign"].finditer(text)):
        return True
    if not any(names.search(text) for names in _SECRETS.values()):
        return False
    sentences = [match[0].strip() for match in _SENTENCE.finditer(_OBLIGATION.sub("", text))]
    around = ["", *sentences, ""]
    return any(
        not _UNLESS["warned"].search("".join(around[i : i + 3]))
        and _is_request(kind, around[i], sentence, around[i + 2])
        for i, sentence in enumerate(sentences)
        for kind in _SECRETS
    )


def _is_request(kind: str, before: str, sentence: str, after: str) -> bool:
    """Whether the sentence has an act of disclosure, and it, or one beside it, a secret of the kind."""
    here, near = list(_SECRETS[kind].finditer(sentence)), _SECRETS[kind].search(before)
    listed = _SECRETS[kind].search(after) and _UNLESS["listed"].search(sentence)
    if not (here or near or listed):
        return False
    for start, end in _acts(kind, sentence, f"{before}{sentence}"):
        thing = _OBJECT.search(sentence[:start])
        stands = not thing or _UNLESS["stands"].search(thing[1]) or _SECRETS[kind].search(f"{thing[1]}を")
        for secret in here:
            gap = sentence[secret.end() : start] if secret.end() <= start else sentence[end : secret.start()]
            if len(gap) < _REACH and stands and (secret.end() <= start or _UNLESS["listed"].search(gap)):
                return True
        topic = _TOPIC.search(sentence[:start])
        if not here and (near or listed) and (not topic or _UNLESS["stands"].search(topic[1])):
            return True
    return False


def _acts(kind: str, sentence: str, context: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the acts that disclose the kind, are not denied or over, and go to somebody."""
    is_local = _UNLESS["local"].search(context) and not _UNLESS["remote"].search(context)
    words = morphemes(sentence)
    for word, following in pairwise([*words, words[-1]] if words else []):
        names = {word.normal, f"{word.normal}+{following.normal}"}
        roles = {role for role in _DATA["acts"][kind].split() if names & _ACTS[role]}
        rest = sentence[word.end :]
        refusals = ["denied", "past", "directed" if "ask" in roles else "given"]
        if not roles or any(_UNLESS[name].match(rest) for name in refusals):
            continue
        is_needless = "need" in roles and not _UNLESS["needed"].search(context)
        if (
            is_needless
            or (roles <= {"type", "need"} and is_local)
            or (roles != {"ask"} and _UNLESS["staff"].search(sentence))
        ):
            continue
        yield word.start, word.end


def secrets_named(text: str) -> frozenset[str]:
    """Return the secrets that normalised `text` names."""
    return frozenset(match[0] for kind in ("secret", "number") for match in _SECRETS[kind].finditer(text))
