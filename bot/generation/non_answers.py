"""Recognises sentences of a reply that are never an answer: echoes, fragments, headings, announcements, prompt text."""

import re
from collections.abc import Sequence

from bot.question.language import detect_language
from bot.state.query import JAPANESE
from bot.verification.foreign_language import is_foreign
from bot.verification.literals import content_terms, literals
from bot.verification.source_text import SourceText
from ingest.japanese.lexicon import INTERROGATIVE
from ingest.japanese.normal_forms import comparison_key, fold_normalised, normalise_figures
from ingest.japanese.notation import YES_OR_NO
from ingest.japanese.tokenise import LIGHT_WORDS

# Letters of the prompts' rules in a row that are a recitation: right replies share at most 9.
_MIN_RECITED_CHARACTERS = 13
_INTERROGATIVE = re.compile(INTERROGATIVE)
_QUESTION = re.compile(r"(?:か|かな|の)?[?？]\s*$|か[。]?\s*$|(?:教えて|知りたい)[^。]{0,6}[。]?$")
_YES_OR_NO = re.compile(rf"\s*{YES_OR_NO}(?:[、。]|$)")
_ANNOUNCES = re.compile(r"(?:次|以下|下記)の(?:とおり|通り)(?:です|となります|になります)?[。:：]?$|[:：]$")
_PUNCTUATION = re.compile(r"[\W_]+")
# 「…です(8 − 3 = 5)」 ends with its predicate.
_LAST_BRACKETS = re.compile(r"\s*[(「『][^()「」『』]*[)」』](?=\W*$)")
_KANA = re.compile("[ぁ-んァ-ヶ]")
_KANA_OR_KANJI = re.compile("[ぁ-んァ-ヶ一-龥]")
# Shares of letters above which a sentence is not Chinese, or in no language with Latin letters; names stay Japanese.
_MAX_KANA_SHARE = 0.3
_MAX_KANA_OR_KANJI_SHARE = 0.8
_TOPIC_PARTICLES = frozenset("はも")
_CASE_PARTICLES = frozenset("がを")
_PREDICATES = frozenset({"動詞", "形容詞", "形状詞", "助動詞"})
_MARKS = frozenset({"補助記号", "記号", "空白"})
# A name or list item in Latin letters (LINE, Zoom) is no sentence of another language.
_MIN_FOREIGN_WORDS = 4


class NonAnswerCheck:
    """Checks the sentences of a reply to one question.

    Args:
        question: the question that is answered.
        sources: the passages in the prompt.
        rules: the instructions of the prompts, which must not be repeated.
        placeholder: the sentence of the rules that the model may repeat.
        language: ISO 639-1 code of the language of the answer.

    """

    def __init__(
        self, question: str, sources: Sequence[SourceText], rules: str, placeholder: str, language: str = JAPANESE
    ) -> None:
        self._question = normalise_figures(question)
        self._headings = {
            _letters(heading) for source in sources for heading in (source.title, *source.path, " ".join(source.path))
        }
        self._rules = comparison_key(rules).replace(comparison_key(placeholder), "|")
        self._language = language

    def find_reason(self, sentence: str, *, leads_list: bool = False) -> str:
        """Return why a sentence is no answer, in Japanese, "" if it may be an answer."""
        text = normalise_figures(sentence)
        reasons = {
            "言語モデルが指示文を答えに書きました": self.recites_rules(text),
            "質問と別の言語で書かれています": self._is_in_another_language(text),
            "見出しだけの文です": _letters(text) in self._headings,
        }
        if self._language == JAPANESE:
            reasons |= {
                "続きのない前置きです": not leads_list and bool(_ANNOUNCES.search(text)) and not literals(text),
                "質問を繰り返しただけの文です": self._is_echo(text),
            }
        return next((reason for reason, applies in reasons.items() if applies), "")

    def recites_rules(self, text: str) -> bool:
        """Whether a text has a piece of the prompts' rules."""
        letters = fold_normalised(text)
        pieces = (letters[n : n + _MIN_RECITED_CHARACTERS] for n in range(len(letters) - _MIN_RECITED_CHARACTERS + 1))
        return any(piece in self._rules for piece in pieces)

    def _is_in_another_language(self, text: str) -> bool:
        is_latin_sentence = is_foreign(text) and len(text.split()) >= _MIN_FOREIGN_WORDS
        if self._language == JAPANESE:
            return is_latin_sentence or detect_language(text) not in (JAPANESE, "", "en")
        letters = max(1, sum(map(str.isalpha, text)))
        if self._language == "zh":
            return is_latin_sentence or len(_KANA.findall(text)) > _MAX_KANA_SHARE * letters
        return len(_KANA_OR_KANJI.findall(text)) > _MAX_KANA_OR_KANJI_SHARE * letters

    def _is_echo(self, text: str) -> bool:
        new_terms = content_terms(text) - content_terms(self._question) - LIGHT_WORDS
        if new_terms:
            return False
        if _QUESTION.search(text):
            return True
        asks_what = _INTERROGATIVE.search(self._question) or not re.search(r"か[?？。]?$", self._question)
        return bool(asks_what) and not _YES_OR_NO.match(text)


def _letters(text: str) -> str:
    return _PUNCTUATION.sub("", comparison_key(text))
