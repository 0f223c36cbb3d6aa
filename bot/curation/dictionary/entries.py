"""The entries of the dictionary, and what an entry may not be."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.errors import DictionaryError
from bot.question.answer_type import without_interrogatives
from bot.question.dictionary import DictionaryEntry, Kind, fold_name
from ingest.guardrails.secrets import requests_secret, secrets_named
from ingest.japanese import dates, nfkc
from ingest.japanese.characters import KANJI
from ingest.japanese.tokenise import sudachi_path_cost, words

KINDS: dict[Kind, str] = {"common": "通称", "former": "旧称", "abbreviation": "略称"}
"""The kinds of names, as staff read them."""
MAX_ENTRIES = 5_000
# Of 30 words without content, phrases cost up to 1,280 a character (どうすれば), names from 1,690 on.
_PHRASE_COST = 1_500
MAX_NAME_CHARS = 40
MAX_OFFICIAL_CHARS = 80
MAX_NOTE_CHARS = 200
_KANJI = re.compile(f"[{KANJI}]")


def normalise_entry(entry: DictionaryEntry) -> DictionaryEntry:
    """Return the entry with its texts in normal form, on one line each."""
    name, official, note = (" ".join(nfkc(text).split()) for text in (entry.name, entry.official, entry.note))
    return replace(entry, name=name, official=official, note=note)


class EntryIndex:
    """Entries by their names, to find the conflicts of another one without comparing it with each of them."""

    def __init__(self, entries: Iterable[DictionaryEntry] = ()) -> None:
        self._by_name: dict[str, list[DictionaryEntry]] = {}
        self._by_official: dict[str, list[DictionaryEntry]] = {}
        for entry in entries:
            name, official = entry.pair
            self._by_name.setdefault(name, []).append(entry)
            self._by_official.setdefault(official, []).append(entry)

    def related(self, entry: DictionaryEntry) -> Iterator[DictionaryEntry]:
        """Yield the entries, other than this one, that share a name with it in a way that may be a conflict."""
        name, official = entry.pair
        equal = (other for other in self._by_name.get(name, ()) if other.pair[1] == official)
        for other in (*equal, *self._by_name.get(official, ()), *self._by_official.get(name, ())):
            if other is not entry:
                yield other


def find_problems(entry: DictionaryEntry, others: EntryIndex | None = None) -> list[str]:
    """Return the problems of a normalised entry in Japanese: its own, or else those with the other entries."""
    return list(_own_problems(entry)) or find_conflicts(entry, others or EntryIndex())


def find_conflicts(entry: DictionaryEntry, others: EntryIndex) -> list[str]:
    """Return the problems of a normalised entry with the other entries, in Japanese."""
    return list(dict.fromkeys(_conflicts(entry, others.related(entry))))


def describe_general_name(name: str) -> str:
    """Return why a name that many passages have is refused."""
    return (
        f"「{name}」は多くの文書に出てくる言葉なので、ほとんどの質問を置き換えてしまいます。"
        "ひとつの物や場所や制度だけを指す呼び名を書いてください。"
    )


def validate_entry(entry: DictionaryEntry, others: Sequence[DictionaryEntry]) -> DictionaryEntry:
    """Return the entry in normal form. Raises DictionaryError with every problem, in words for staff."""
    entry = normalise_entry(entry)
    problems = find_problems(entry, EntryIndex(others))
    if not problems and len(others) >= MAX_ENTRIES:
        problems = [f"載せられるのは{MAX_ENTRIES:,}件までです。使わないものを外してから、加えてください。"]
    if problems:
        raise DictionaryError(" ".join(problems))
    return entry


def describe_change(old: DictionaryEntry | None, new: DictionaryEntry | None) -> str:
    """Return the audit log entry: added if `old` is None, removed if `new` is None, else changed."""
    if old and new:
        return f"{_describe(old)}を{_describe(new)}に直しました"
    if new:
        return f"{_describe(new)}を加えました"
    return f"{_describe(old)}を外しました" if old else ""


def _describe(entry: DictionaryEntry) -> str:
    note = f"、{entry.note}" if entry.note else ""
    return f"「{entry.name}」→「{entry.official}」（{KINDS[entry.kind]}{note}）"


def _own_problems(entry: DictionaryEntry) -> Iterator[str]:
    name = entry.name
    official = entry.official
    whole = f"{name}、{official}、{entry.note}"
    checks = (
        (not name, "呼び名を書いてください。"),
        (not official, "正式な名前を書いてください。"),
        (
            len(name) == 1 and not _KANJI.fullmatch(name),
            f"「{name}」は1文字なので、ほかの言葉の一部と区別できません。2文字以上の呼び名を書いてください。",
        ),
        (len(name) > MAX_NAME_CHARS, f"呼び名は{MAX_NAME_CHARS}文字までです。"),
        (len(official) > MAX_OFFICIAL_CHARS, f"正式な名前は{MAX_OFFICIAL_CHARS}文字までです。"),
        (len(entry.note) > MAX_NOTE_CHARS, f"メモは{MAX_NOTE_CHARS}文字までです。"),
        (
            not (name + official + entry.note).isprintable(),
            "画面に表せない文字（制御文字など）が入っています。消してから保存してください。",
        ),
        (
            bool(name) and not _names_something(name),
            f"「{name}」はどの質問にも出てくる言葉なので、呼び名にできません。物や場所や制度の名前を書いてください。",
        ),
        (
            official and not words(official),
            f"「{official}」は文書の言葉と比べられません。文書に出てくる名前を書いてください。",
        ),
        (
            # A secret beside a telephone is a request in whatever words, and no name.
            requests_secret(whole) or ("電話" in whole and bool(secrets_named(whole))),
            "暗証番号・パスワード・カードや口座の番号などを求める文は、電話で尋ねるものも載せられません。名前だけを書いてください。",
        ),
        (
            name and fold_name(name) == fold_name(official),
            f"「{name}」と「{official}」は、かな・全角半角・旧字のほかに違いがないので、載せなくても見つかります。",
        ),
    )
    yield from (text for is_wrong, text in checks if is_wrong)


def _names_something(name: str) -> bool:
    # Sudachi also reads names that it does not know as function words (いわだん: 言う + だ), but at a high cost.
    is_date = any((mention.start, mention.end) == (0, len(name)) for mention in dates(name))
    is_number = not any(character.isalpha() for character in name)
    has_content = bool(words(without_interrogatives(name)))
    return not is_date and not is_number and (has_content or sudachi_path_cost(name) > _PHRASE_COST * len(name))


def _conflicts(entry: DictionaryEntry, others: Iterable[DictionaryEntry]) -> Iterator[str]:
    name, official = entry.pair
    for other in others:
        other_name, other_official = other.pair
        if (name, official) == (other_name, other_official):
            yield f"「{other.name}」→「{other.official}」は、すでに載っています。"
        elif (official, name) == (other_name, other_official):
            yield (
                f"「{entry.name}」→「{entry.official}」と「{other.name}」→「{other.official}」は、"
                "たがいを正式な名前としています。どちらか一方を外してください。"
            )
        elif official == other_name:
            yield (
                f"「{entry.official}」は、「{other.name}」→「{other.official}」の呼び名として載っています。"
                f"「{entry.name}」の正式な名前には「{other.official}」を書いてください。"
            )
        elif name == other_official:
            yield (
                f"「{entry.name}」は、「{other.name}」→「{other.official}」の正式な名前として載っています。"
                f"先に「{other.name}」の正式な名前を「{entry.official}」に直してください。"
            )
