"""Splits a text into the questions that it asks."""

import re
from itertools import zip_longest

from ingest.japanese.interrogatives import INTERROGATIVE
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import LIGHT_WORDS, Morpheme, morphemes

# A mark, or the interrogative that all ends with: 場所はどこ, いつまで.
_ASKS = re.compile(rf"\?[!?]*$|{INTERROGATIVE}[^\sはがをもか。]{{0,2}}(?:まで|から|頃|ごろ|くらい|ぐらい)?[。!]*$")
# A request for information that was not answered yet.
_WISHES = re.compile(
    r"(?:教え|示し|挙げ|説明し|知らせ)て(?!(?:くれ|もら|下さ|ください|いただ|頂)[いき]?(?:まし)?た)[^、。?]{0,12}[。!]*$"
    r"|(?:知り|聞き|伺い|うかがい)たい[^、。?が]{0,8}[。!]*$"
)
# The subject of a request comes before these: ごみの日を教えて, 検診について知りたい.
_OF_WHAT = re.compile(r"(?:のこと)?(?:[をが]|について|に関して)、?(?=[^をが、。]*$)")
_JOINING = frozenset({"と", "や", "、", "・"})
# By these it comes besides another question.
_BESIDES = re.compile(
    r"^(?:あと|また|それと|それから|ほかに|他に|次に|さらに|ついでに)|も[^、。]{0,6}(?:教え|知|聞|伺|うかが)"
)
# No sentence ends within an address of the web, nor between marks.
_OF_ADDRESS = re.compile(r"[!-~]\?$")
_NAMING = frozenset({"接頭辞", "接尾辞", "形状詞", "記号"})
_PARTICLES = frozenset({"か", "かしら", "っけ"})
# Puts the same question once more, of something else.
_OR = re.compile(r"(?:それとも|あるいは|または|もしくは)")
_KANA = re.compile(r"[ぁ-んァ-ヶ]")
# Nouns that name no subject, and counters.
_NAMING_NOTHING = LIGHT_WORDS | {"質問"}
_COUNTING = frozenset({"助数詞可能", "副詞可能"})


def find_questions(text: str) -> tuple[str, ...]:
    """Return the questions of normalised `text` in their order; all of it where it asks no more than one.

    A statement belongs to the question after it, or to the last question.
    """
    if len(found := _sentences(text)) == 1:
        return (text,)
    questions, pending, japanese = list[str](), "", bool(_KANA.search(text))
    for sentence in found:
        pending += sentence
        if questions and _OR.match(pending.strip()):
            questions[-1] += pending
        elif _asks(sentence.strip(), japanese=japanese):
            questions.append(pending)
        else:
            continue
        pending = ""
    return tuple(one.strip() for one in (*questions[:-1], questions[-1] + pending)) if len(questions) > 1 else (text,)


def find_subjects(text: str) -> tuple[str, ...]:
    """Return a request for each of the subjects that normalised `text` requests; none where it names one.

    検診と、粗大ごみの日を教えて requests two.
    """
    of_what = _OF_WHAT.search(text)
    if not of_what or not _WISHES.search(text):
        return ()
    named, ms = [""], morphemes(text[: of_what.start()])
    for m, following in zip_longest(ms, ms[1:]):
        is_way = m.pos[0] == "動詞" and following and following.surface == "方"  # 出し方
        if m.surface in _JOINING:
            named.append("")
        elif m.is_noun or is_way or m.pos[0] in _NAMING or m.surface in {"の", "な"}:
            named[-1] += m.surface
        else:
            return ()
    wishes = [one + text[of_what.start() :] for one in named if one]
    return tuple(wishes) if len(wishes) > 1 and all(any(map(_names, morphemes(one))) for one in wishes) else ()


def is_information_request(text: str) -> bool:
    """Whether normalised `text` requests information, which may complete the question before it: 理由を知りたい."""
    return bool(_WISHES.search(text)) and not _BESIDES.search(text)


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text, each with the line feed after it."""
    found = list[str]()
    for line in text.splitlines(keepends=True):
        for sentence in sentences(line):
            if found and (sentence[0] in "!?" or (_OF_ADDRESS.search(found[-1]) and sentence[0] > " ")):
                found[-1] += sentence
            else:
                found.append(sentence)
        if line.endswith("\n") and found:
            found[-1] = found[-1].rstrip("\n") + "\n"
    return found


def _asks(sentence: str, *, japanese: bool) -> bool:
    """Whether a sentence asks something; a noun alone (市役所?) does not."""
    ms = [m for m in morphemes(sentence) if m.pos[0] not in {"補助記号", "空白"}]
    if _WISHES.search(sentence):
        return any(map(_names, ms))
    particle = any(m.pos[1] == "終助詞" and m.surface in _PARTICLES for m in ms[-2:])
    if not (particle or _ASKS.search(sentence)) or not any(m.is_content and m.pos[0] != "感動詞" for m in ms):
        return False
    is_noun = ms[-1].is_noun and ms[-1].pos[2] != "形状詞可能" and not any(m.pos[1] == "係助詞" for m in ms)
    return particle or not (is_noun and japanese) or bool(re.search(INTERROGATIVE, sentence))


def _names(m: Morpheme) -> bool:
    return m.pos[0] == "名詞" and m.pos[1] != "数詞" and m.pos[2] not in _COUNTING and m.normal not in _NAMING_NOTHING
