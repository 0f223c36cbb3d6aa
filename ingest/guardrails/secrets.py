"""Detects requests for secrets: no office asks a citizen in a chat for a PIN, password or card number.

Each morpheme becomes the letter of its role (secrets.toml), and one grammar over the letters finds an act of disclosure
that is asked for and has a secret as its object: in its sentence, in the one before (a cell, a heading), or in a list
after it. Texts are searched as a whole, so that a request may be parted.
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from ingest.japanese.lexicon import any_of
from ingest.japanese.tokenise import Morpheme, morphemes

_DATA = tomllib.loads(files("ingest.guardrails").joinpath("secrets.toml").read_text("utf-8"))
_NAMES = {name: re.compile(any_of(expressions), re.IGNORECASE) for name, expressions in _DATA["names"].items()}
_ROLES = {word: role for role, words in _DATA["roles"].items() for word in words.split()}
# The acts that disclose what is named so; to others they are ordinary verbs.
_ACTS = {"secret": "aCWE", "number": "aCE", "thing": "aB"}
# A short note in brackets (4桁) is no part of a sentence.
_NOTE = re.compile(r"\([^()\n。]{0,12}\)")
_MARKS = str.maketrans("\n\t|:!?", "。" * 6)

# What may stand between an act and its mood, and the moods that ask for it: 教えてください, 教えていただけませんか,
# 教えなければなりません, 教えよ, 教えること. A request that is told of (…という電話は詐欺です) is none.
_GOES_ON = "[uMKotiglSjN]*+"
_REPORTED = "(?:[^e]{0,8}z[^e]{0,30}f)"
_ASKS = rf"""(?: {_GOES_ON} (?: [rI](?!k|{_GOES_ON}[xw]) | r{_GOES_ON}x{_GOES_ON}k | d(?!M*+[xlwb]) | dlM(?!w) )
    | [uMtirlSj]*+x[uM]*+[bcz] | [uoSz]*+[Kj]u?(?=e|$) )(?!{_REPORTED})"""
_ASKED = rf"q(?: [ujS]*+M(?![xwt]) | [uj]*S[uj]*r )(?!{_REPORTED})"
# 暗証番号の変更 and 暗証番号でログイン are no objects; a predicate that is joined to the act keeps the object, unless
# it tells to refuse and to call for help.
_OBJECT = "s[gN]*+(?![nvpi])"
_PREDICATE = "[vaCmp][uMStoig]*+(?:j(?![ruIlS])|x(?![bczkuM]|[^e]{0,30}H))"
_GRAMMAR = re.compile(
    rf"""
    {_OBJECT} (?:
        [^vaCqmcex]{{0,40}} (?: {_PREDICATE} (?: No | [^ovaCqmcex] ){{0,30}} )*+ (?: [aCm]{_ASKS} | {_ASKED} )
      | [^ovaCqe]{{0,12}} o [^ovaCqe]{{0,12}} [aC](?=e|$)
      | [^e]{{0,30}} [qd] [^e]{{0,30}} m{_ASKS}
      | [^vaCqmcex]{{0,40}} [aC][uMStoig]*+ j(?![ruIlS]) [^excv]{{0,30}} v{{1,2}}{_ASKS}
      | tQ
      | [^vcx]{{0,60}} e (?: N[ot] | [^votaCmqe] ){{0,20}} (?: [am]{_ASKS} | {_ASKED} )
    )
    | y[^e]{{0,30}} [aC]{_ASKS} [^ve]{{0,12}} e [^v]{{0,40}} {_OBJECT}
    | [aC]{_ASKS} [^e]{{0,6}} gt [^e]{{0,12}} {_OBJECT}
    """,
    re.VERBOSE,
)
_FOREIGN_NEGATION = re.compile(r"\b(?:never|not|no one)\b|n['’]t\b", re.IGNORECASE)


@lru_cache(maxsize=1024)
def requests_secret(text: str) -> bool:
    """Whether normalised `text` asks its reader for a PIN, a password, or a card or account number."""
    if any(not _FOREIGN_NEGATION.search(text[: match.start()]) for match in _NAMES["foreign"].finditer(text)):
        return True
    plain = _NOTE.sub("", text).translate(_MARKS)
    return any(_NAMES[kind].search(plain) and _GRAMMAR.search(_roles(plain, kind)) for kind in _ACTS)


def _roles(text: str, kind: str) -> str:
    """Return the letters of the roles of the words of a text, in which each name of the kind is one word."""
    objects = [match.span() for match in _NAMES[kind].finditer(text)]
    acts = _ACTS[kind]
    if _NAMES["device"].search(text) and not _NAMES["remote"].search(text):
        acts = acts.replace("E", "")
    roles = list[str]()
    words = [word for word in morphemes(text) if word.pos[0] != "接頭辞"]
    following = iter([*words[1:], None])
    for word in (pairs := iter(words)):
        after = next(following)
        while objects and word.start >= objects[0][1]:
            del objects[0]
        if objects and word.end > objects[0][0]:
            roles += "s" if roles[-1:] != ["s"] or word.start == objects[0][0] else ""
            continue
        is_pair = after is not None and f"{word.normal}+{after.normal}" in _ROLES
        roles.append(_role(word, after, acts))
        if is_pair:
            next(pairs), next(following)
    return "".join(roles)


def _role(word: Morpheme, following: Morpheme | None, acts: str) -> str:
    after, form = following.normal if following else "", word.pos[5][:2]
    role = _ROLES.get(f"{word.normal}+{after}") or _ROLES.get(word.normal, "")
    if role in {"z", "i"} and word.pos[1] == "接続助詞":  # すると, ないで
        return "b" if role == "z" else "j"
    if word.pos[0] == "空白":  # between cells
        return "h"
    if role in {*"aCWEB"}:
        is_compound = word.is_noun and following is not None and (following.is_noun or after == "で")  # メールで
        role = "n" if is_compound else "v" if role not in acts else "a" if role in "aE" else "C"
    is_verb = word.pos[0] in {"動詞", "形容詞"} or (word.is_noun and _ROLES.get(after) in {"u", "r"})
    role = role or ("v" if is_verb else "N" if word.pos[1] == "数詞" else "n" if word.is_noun else "u")
    if role not in "rk" and form in {"命令", "意志"} and word.normal != "です":
        return f"{role}I"
    if word.normal == "た" and form == "仮定":
        return "b"
    return f"{role}b" if role == "x" and form == "仮定" else f"{role}j" if form == "連用" and after == "、" else role


def secrets_named(text: str) -> frozenset[str]:
    """Return the secrets that normalised `text` names."""
    return frozenset(match[0] for kind in ("secret", "number") for match in _NAMES[kind].finditer(text))
