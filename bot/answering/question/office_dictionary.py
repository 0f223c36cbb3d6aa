"""The office's dictionary: `dictionary.csv` beside a manifest, and staff's rows in the data folder, which win."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

from bot.answering.question.answer_type import without_interrogatives
from bot.answering.question.dictionary import NameFinder, fold_letters
from bot.errors import ChangedMeanwhileError, DictionaryError
from bot.spreadsheet import restore_formula, to_csv
from ingest.configuration.storage import exclusive_writer, file_stamp, replace_file
from ingest.corpus import DICTIONARY
from ingest.guardrails.secrets import requests_secret, secrets_named
from ingest.japanese import dates, nfkc
from ingest.japanese.characters import ONE_KANJI
from ingest.japanese.tokenise import sudachi_path_cost, words

COLUMNS = ("呼び名", "正式な名前", "種類", "メモ")
UNUSED = "使わない"
"""The kind of a row with which staff put a row of a corpus folder out of use."""
KINDS = ("通称", "旧称", "略称", UNUSED)
MAX_BYTES = 2_000_000
MAX_CHARS = dict(zip(COLUMNS, (40, 80, 20, 200), strict=True))
_CHANGED = "ほかの人が先に、この行を直したか、外しました。いまの内容を読み直してから、もう一度保存してください。"
# Problems that are reported at once; a file with a wrong column would have thousands.
_MAX_PROBLEMS = 20
# Of 30 words without content, phrases cost up to 1,280 a character (どうすれば), names from 1,690 on.
_PHRASE_COST = 1_500
_MAY_ASK = re.compile("[ぁ-ん何幾]|ナニ|ナン|イク")


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """A row: a name that people use and an official name of the same thing; a name may have several rows."""

    name: str
    official: str
    kind: str = KINDS[0]
    note: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Both names as they are compared."""
        return fold_letters(self.name), fold_letters(self.official)

    @property
    def key(self) -> str:
        """A short name of this content of the row, for forms."""
        return sha256("\t".join(self.cells).encode()).hexdigest()[:16]

    @property
    def cells(self) -> tuple[str, ...]:
        return self.name, self.official, self.kind, self.note


Entries = Collection[DictionaryEntry]


class DictionaryTable:
    """What the files say together.

    Attributes:
        unreadable: why a whole file is not used, in Japanese.
        problem: returns why a row is not used, in Japanese, "" for none. It takes a tenth of a millisecond, so that a
            row is looked at when it is imported, shown, or its name asked for.
    """

    def __init__(
        self, stamps: object, entries: Entries, unreadable: Iterable[str], is_too_general: Callable[[str], bool]
    ) -> None:
        self.stamps, self.entries, self.unreadable = stamps, tuple(entries), tuple(unreadable)
        self._is_too_general = is_too_general
        self._used = {(entry.name, entry.official): entry for entry in self.entries if entry.kind != UNUSED}
        self._folded = [frozenset(names) for names in zip(*(entry.pair for entry in self._used.values()), strict=True)]
        self.problem = cache(self._find_problem)

    @cached_property
    def finder(self) -> NameFinder:
        return NameFinder(self._used, lambda pair: not self.problem(self._used[pair]))

    def _find_problem(self, entry: DictionaryEntry) -> str:
        if entry.kind == UNUSED:
            return ""
        name, official = entry.pair
        names, officials = self._folded
        if own := _own_problem(entry):
            return own
        if self._is_too_general(entry.name):
            return (
                f"「{entry.name}」は多くの文書や質問に出てくる言葉なので、ほとんどの質問を置き換えてしまいます。"
                "ひとつの物や場所や制度だけを指す呼び名を、言葉を足して書いてください。"
            )
        for text, is_both in ((entry.name, name in officials), (entry.official, official in names)):
            if is_both:
                return f"「{text}」は、ある行では呼び名、別の行では正式な名前です。どちらか一方にしてください。"
        return ""


class OfficeDictionary:
    """The dictionary of one office, read again when a file changes; safe to share between threads and processes.

    Args:
        folders: corpus folders, whose dictionaries are used.
        data: the data folder, where staff's rows are kept.
        is_too_general: whether a name is a common word of the documents.

    Attributes:
        files: the dictionaries beside the documents.
    """

    def __init__(self, folders: Iterable[Path], data: Path, is_too_general: Callable[[str], bool]) -> None:
        self.files = [folder / DICTIONARY for folder in folders]
        self._own = data / DICTIONARY
        self._is_too_general = is_too_general
        self._table: DictionaryTable | None = None

    def read(self) -> DictionaryTable:
        """Return the table; it takes a look at each file's time stamp."""
        stamps = [file_stamp(file) for file in (*self.files, self._own)]
        table = self._table
        if table is None or table.stamps != stamps:
            unreadable: list[str] = []
            by_name = self._corpus_rows(unreadable) | _by_name(_read_file(self._own, unreadable))
            entries = tuple(entry for _, rows in sorted(by_name.items()) for entry in rows)
            self._table = table = DictionaryTable(stamps, entries, unreadable, self._is_too_general)
        return table

    def change(self, key: str, new: DictionaryEntry | None) -> None:
        """Replace the row with a key by a new one: add it if the key is empty, remove it if the new one is None.

        The next question uses it. Raises DictionaryError with the row's problem, ChangedMeanwhileError if no row has
        this content any more, StorageError.
        """
        with exclusive_writer(self._own.parent, f"{DICTIONARY}.lock"):
            entries = self.read().entries
            others = [entry for entry in entries if entry.key != key]
            if key and len(others) == len(entries):
                raise ChangedMeanwhileError(_CHANGED)
            changed = [*others, new] if new else others
            if new and (problem := self._with_rows(changed).problem(new)):
                raise DictionaryError(problem)
            self._write(changed)

    def import_csv(self, content: bytes, *, removes: bool = False) -> int:
        """Replace the rows of each name in a file by its rows, and return how many rows there are then.

        `removes` if names that the file lacks are removed. A file with a wrong row changes nothing. Raises
        DictionaryError with the problems by row, StorageError.
        """
        rows = read_csv(content)
        names = _by_name(rows.values())
        with exclusive_writer(self._own.parent, f"{DICTIONARY}.lock"):
            others = [entry for entry in self.read().entries if not removes and entry.pair[0] not in names]
            changed = [*others, *rows.values()]
            table = self._with_rows(changed)
            found = ((number, table.problem(entry)) for number, entry in rows.items())
            problems = [f"{number}行目: {problem}" for number, problem in found if problem]
            if problems or not rows:
                reported = problems[:_MAX_PROBLEMS] or ["言葉が1行もありません。"]
                reported += [f"ほかに{len(problems) - _MAX_PROBLEMS:,}件あります。"] * (len(problems) > _MAX_PROBLEMS)
                raise DictionaryError("取り込めません。何も変えていません。 " + " / ".join(reported))
            self._write(changed)
        return len(self.read().entries)

    def _with_rows(self, entries: Entries) -> DictionaryTable:
        return DictionaryTable(None, entries, (), self._is_too_general)

    def _corpus_rows(self, unreadable: list[str]) -> dict[str, list[DictionaryEntry]]:
        return _by_name(entry for file in self.files for entry in _read_file(file, unreadable))

    def _write(self, entries: Entries) -> None:
        if self._own.exists():
            read_csv(self._own.read_bytes())  # what cannot be read is not written over
        corpus, changed = self._corpus_rows([]), _by_name(entries)
        rows = [entry for name, group in changed.items() if group != corpus.get(name) for entry in group]
        rows += [replace(group[0], kind=UNUSED) for name, group in corpus.items() if name not in changed]
        replace_file(self._own, lambda file: file.write_bytes(export_csv(rows)))


def export_csv(entries: Iterable[DictionaryEntry]) -> bytes:
    """Return rows as a file for spreadsheets."""
    return to_csv(COLUMNS, (entry.cells for entry in entries))


def read_csv(content: bytes) -> dict[int, DictionaryEntry]:
    """Return the rows of a file in normal form, each by its number in a spreadsheet; columns are in any order.

    Raises DictionaryError.
    """
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise DictionaryError("文字コードが分かりません。「CSV UTF-8（コンマ区切り）」で保存してください。")
    try:
        head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (csv.Error, ValueError) as error:
        raise DictionaryError("空か、引用符の組が合わず、CSV として読めません。") from error
    columns = [nfkc(cell).strip() for cell in head]
    if missing := [column for column in COLUMNS[:2] if column not in columns]:
        expected = "」「".join(COLUMNS)
        raise DictionaryError(
            f"はじめの行に、列の名前「{expected}」を書いてください（「{'」「'.join(missing)}」がありません）。"
        )
    entries = {}
    for number, row in enumerate(rows, 2):
        cells = dict(zip(columns, (restore_formula(cell) for cell in row), strict=False))
        if any(map(str.strip, row)):
            entries[number] = make_entry(*(cells.get(column, "") for column in COLUMNS))
    return entries


def make_entry(name: str, official: str, kind: str = "", note: str = "") -> DictionaryEntry:
    """Return a row with its texts in normal form, on one line each."""
    # The texts together, as a file may have 40,000 rows.
    texts = nfkc("\n".join(" ".join(text.split()) for text in (name, official, kind, note))).split("\n")
    name, official, kind, note = map(str.strip, texts)
    return DictionaryEntry(name, official, kind or KINDS[0], note)


def _own_problem(entry: DictionaryEntry) -> str:
    name, whole = entry.name, "、".join(entry.cells)
    too_long = [column for column, text in zip(COLUMNS, entry.cells, strict=True) if len(text) > MAX_CHARS[column]]
    # A secret beside a telephone is a request in whatever words, and no name.
    is_secret = requests_secret(whole) or ("電話" in whole and bool(secrets_named(whole)))
    checks = (
        (not name or not words(entry.official), "呼び名と、文書に出てくる正式な名前を書いてください。"),
        (entry.kind not in KINDS, f"種類「{entry.kind}」は、{'・'.join(KINDS)}のどれかにしてください。"),
        (too_long, f"{'と'.join(too_long)}を短くしてください。"),
        (
            len(name) == 1 and not ONE_KANJI.fullmatch(name),
            f"「{name}」は1文字なので、ほかの言葉の一部と区別できません。2文字以上の呼び名を書いてください。",
        ),
        (
            not _names_something(name),
            f"「{name}」はどの質問にも出てくる言葉なので、呼び名にできません。物や場所や制度の名前を書いてください。",
        ),
        (
            is_secret,
            "暗証番号・パスワード・口座番号などを求める文は、電話で尋ねるものも載せられません。名前だけを書いてください。",
        ),
    )
    return next((text for is_wrong, text in checks if is_wrong), "")


def _names_something(name: str) -> bool:
    # Sudachi also reads names that it does not know as function words (いわだん: 言う + だ), but at a high cost.
    is_date = any((mention.start, mention.end) == (0, len(name)) for mention in dates(name))
    is_number = not any(character.isalpha() for character in name)
    has_content = bool(words(without_interrogatives(name) if _MAY_ASK.search(name) else name))
    return not is_date and not is_number and (has_content or sudachi_path_cost(name) > _PHRASE_COST * len(name))


def _read_file(file: Path, unreadable: list[str]) -> Sequence[DictionaryEntry]:
    try:
        return list(read_csv(file.read_bytes()).values()) if file.exists() else ()
    except (DictionaryError, OSError) as error:
        unreadable.append(f"「{file}」を使えません。{error}")
        return ()


def _by_name(entries: Iterable[DictionaryEntry]) -> dict[str, list[DictionaryEntry]]:
    by_name: dict[str, dict[str, DictionaryEntry]] = {}
    for entry in entries:
        name, official = entry.pair
        by_name.setdefault(name, {})[official] = entry
    return {name: list(rows.values()) for name, rows in by_name.items()}
