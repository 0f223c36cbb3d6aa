"""Documents for the console: list with states, review of new ones, parsing of the metadata form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import StagedError
from bot.guardrails.prompt_injection import has_injection
from bot.pages.reading.document import Section, split_sections
from bot.rendering.html.date_format import format_time
from bot.runtime.service_interface import AnswerService, DocumentState
from ingest.chunking.document_reading import unread_parts_warning
from ingest.configuration.settings import Settings
from ingest.corpus import NO_ISSUER_MESSAGE
from ingest.documents import Document, ParsedDocument
from ingest.errors import NoIndexError
from ingest.index.document_edits import load_edited_documents
from ingest.index.generation import load_generation
from ingest.index.passages import LazyDocument
from ingest.japanese import dates, nfkc
from ingest.japanese.today import today
from ingest.lifecycle.expiry import expiring_documents
from ingest.lifecycle.withdrawals import Withdrawal, read_withdrawals
from ingest.metadata.added_documents import added_ids
from ingest.metadata.manifest_entry import read_entry
from ingest.metadata.proposal import Value
from ingest.metadata.proposal.series import Member, predecessors

# Days that stand in the first passages are offered for the day of publication.
_LOOKED_AT, _OFFERED = 5, 4
NAMES = {
    "id": "文書の記号（ID）",
    "title": "題名",
    "kind": "種類",
    "issuer": "発行者",
    "published": "公表した日",
    "period": "対象の期間",
    "supersedes": "置き換える文書",
    "aliases": "ほかの呼び名",
    "url": "原文のアドレス",
}
# The fields of the form that are called otherwise than the manifest has them.
_FIELDS = {"period": "from"}
KINDS = {"plan": "計画", "meeting": "会議の資料", "faq": "よくある質問", "notice": "お知らせ", "other": "そのほか"}


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of the index: `added` tells whether it was added one at a time; `withdrawn`, why it is out, if it is.

    `ending` tells that its period ends soon, or has ended; `lacks_issuer`, that it has none where others have several.
    """

    state: DocumentState
    kept: LazyDocument
    added: bool
    withdrawn: Withdrawal | None = None
    ending: str = ""
    lacks_issuer: bool = False

    @property
    def passages(self) -> int:
        """How many passages it has."""
        return self.kept.passage_count

    @property
    def notes(self) -> list[str]:
        """What is to be minded, told for people."""
        out = self.withdrawn
        told = f"取り下げの理由：{out.reason}（{out.by}、{format_time(out.at)}）" if out else ""
        unnamed = NO_ISSUER_MESSAGE if self.lacks_issuer else ""
        return [note for note in (told, self.ending, unnamed, *find_warnings(self.kept.load())) if note]


@dataclass(frozen=True, slots=True)
class DocumentReview:
    """What was read of a document: its sections, what to look at, and days that stand in it."""

    reading: ParsedDocument
    sections: Sequence[Section]
    warnings: tuple[str, ...]
    days: tuple[str, ...]


def list_documents(service: AnswerService, settings: Settings) -> list[ListedDocument]:
    """Return the documents of the index, the latest first, those withdrawn last. Raises NoIndexError."""
    generation = load_generation(settings, service.generation)
    kept = {one.document.id: one for one in load_edited_documents(settings, generation).items}
    added, out = added_ids(settings), read_withdrawals(settings)
    several = len(list_issuers(service)) > 1
    served = (state for state in service.documents() if state.document.id in kept)
    states = sorted(served, key=lambda state: state.document.published, reverse=True)
    ending = expiring_documents([state.document for state in states], today(), settings.expiry_notice_days)
    said = {one.document.id: str(one) for one in ending}
    states += [DocumentState(kept[doc_id].document) for doc_id in out if doc_id in kept]
    return [
        ListedDocument(
            state,
            kept[doc_id],
            doc_id in added,
            out.get(doc_id),
            said.get(doc_id, ""),
            lacks_issuer=several and not state.document.issuer,
        )
        for state in states
        for doc_id in (state.document.id,)
    ]


def list_issuers(service: AnswerService) -> tuple[str, ...]:
    """Return who issued the documents of the index, in order; none where there is no index."""
    try:
        states = service.documents()
    except NoIndexError:
        return ()
    return tuple(sorted({state.document.issuer for state in states if state.document.issuer}))


def review_document(reading: ParsedDocument) -> DocumentReview:
    """Return what staff look at before a document goes live."""
    head = "\n".join(passage.text for passage in reading.passages[:_LOOKED_AT])
    return DocumentReview(
        reading,
        split_sections(reading.passages, reading.document.title),
        find_warnings(reading),
        tuple(dict.fromkeys(day.first.isoformat() for day in dates(head) if day.granularity == "day"))[:_OFFERED],
    )


def find_warnings(reading: ParsedDocument) -> tuple[str, ...]:
    """Return what was not understood of a document, or must not be answered from."""
    planted = [passage.section for passage in reading.passages if has_injection(passage)]
    order = f"機械への命令のような文があるので、{len(planted)}箇所からは答えません（{'、'.join(planted[:3])}）。"
    return tuple(filter(None, (unread_parts_warning(reading), order if planted else None)))


def propose_predecessor(
    proposed: Mapping[str, Value], doc_id: str, states: Sequence[DocumentState]
) -> Mapping[str, Value]:
    """Return what is proposed for a new document with the one in the index that it replaces, if its title tells one."""
    if "title" not in proposed:
        return proposed
    said = {key: proposed[key].value if key in proposed else "" for key in ("title", "kind", "period", "published")}
    new = Member(doc_id, said["title"], said["kind"], said["period"][0] if said["period"] else said["published"], "new")
    others = [_member(state.document) for state in states if state.document.id != doc_id]
    found = predecessors([*others, new]).get(doc_id)
    return {**proposed, "supersedes": found} if found else proposed


def propose_issuer(
    proposed: Mapping[str, Value], reading: ParsedDocument, replaced: Document | None, known: Sequence[str]
) -> Mapping[str, Value]:
    """Return what is proposed with an issuer that the index knows, where the file itself tells none for sure.

    It is that of the document that is `replaced`, else the one of the `known` issuers that title or beginning name.
    """
    if "issuer" in proposed and (proposed["issuer"].sure or proposed["issuer"].value in known):
        return proposed
    title = str(proposed["title"].value) if "title" in proposed else reading.document.title
    if replaced and replaced.issuer:
        return {**proposed, "issuer": Value(replaced.issuer, "差し替える文書の発行者", sure=True)}
    beginning = "\n".join(passage.text for passage in reading.passages[:_LOOKED_AT])
    for place, text in (("題名", nfkc(title)), ("はじめの文", nfkc(beginning))):
        named = [one for one in known if nfkc(one) in text]
        if len(named) == 1:
            return {**proposed, "issuer": Value(named[0], f"索引にある発行者の名前が{place}にあるため", sure=False)}
    return proposed


def check_issuer(service: AnswerService, entry: Mapping[str, Any]) -> None:
    """Raise StagedError where an entry names no issuer though the index has several, among which questions choose."""
    if not entry.get("issuer") and len(known := list_issuers(service)) > 1:
        raise StagedError(
            f"発行者を書いてください。索引には{'、'.join(known[:_OFFERED])}などの文書があり、"
            "発行者のない文書は、市町村の名前を挙げた質問では見つかりません。",
            "issuer",
        )


def _member(document: Document) -> Member:
    start = document.period.start.isoformat() if document.period else document.published
    return Member(document.id, document.title, document.kind, start, document.digest)


def parse_entry_form(form: Mapping[str, str], supersedes: Sequence[str] = ()) -> dict[str, Any]:
    """Return a form as an entry of a manifest. Raises StagedError that names each field with what is expected."""
    written = {name: form.get(name, "").strip() for name in ("id", "title", "kind", "issuer", "published", "url")}
    entry: dict[str, Any] = {name: value for name, value in written.items() if value}
    if "published" in entry:
        entry["published"] = _parse_publication_date(written["published"])
    period = [form.get("from", "").strip(), form.get("until", "").strip()]
    if any(period) and not all(period):
        missing = "初日" if period[1] else "末日"
        raise StagedError(
            f"対象の期間の{missing}も入れてください。決まっていなければ、初日と末日をどちらも空にします。",
            "from" if period[1] else "until",
        )
    if all(period):
        entry["period"] = period
    entry["supersedes"] = list(supersedes)
    entry["aliases"] = [alias.strip() for alias in form.get("aliases", "").split("、") if alias.strip()]
    _, problems, _ = read_entry({"file": "document.md", **entry})
    if problems:
        said = (f"{NAMES[key]}{problem.removeprefix(key).lstrip()}" for key, problem in problems.items())
        key = next(iter(problems))
        raise StagedError("".join(said), _FIELDS.get(key, key))
    return entry


def _parse_publication_date(written: str) -> str:
    """Return a day, month or year as a manifest has it (YYYY-MM-DD, YYYY-MM, YYYY); what is none of them stays."""
    text = nfkc(written)
    found = dates(text)
    if [text[day.start : day.end] for day in found] != [text]:
        return written
    parts = {"year": 1, "month": 2, "day": 3}.get(found[0].granularity)
    return "-".join(found[0].first.isoformat().split("-")[:parts]) if parts else written
