"""Documents for the console: list with states, warnings and proposals for new ones, parsing of the metadata form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import StagedError
from bot.http.form_fields import Fields
from bot.rendering.html.date_format import format_time
from bot.runtime.document_state import DocumentState
from bot.service import Service
from ingest.configuration.settings import Settings
from ingest.corpus import NO_ISSUER_MESSAGE
from ingest.documents import Document, ParsedDocument
from ingest.errors import NoIndexError
from ingest.index.generation import load_generation
from ingest.index.passages import LazyDocument
from ingest.japanese import dates, nfkc
from ingest.japanese.today import today
from ingest.lifecycle.withdrawals import Withdrawal, expiring_documents, read_withdrawals
from ingest.metadata.added_documents import added_ids
from ingest.metadata.document_edits import load_edited_documents
from ingest.metadata.manifest import read_entry
from ingest.metadata.proposal import ProposedValue, propose_predecessors
from ingest.passages.document_reading import unread_parts_warning

# Dates in the first passages are offered as the day of publication.
_DATED_PASSAGES = 5
_MAX_OFFERED = 4
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
# Form fields whose names differ from the manifest.
_FIELDS = {"period": "from"}
KINDS = {
    "plan": "計画",
    "meeting": "会議の資料",
    "faq": "よくある質問",
    "notice": "お知らせ",
    "rule": "条例・規則・要綱",
    "other": "そのほか",
}


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of the index; `added` if it was uploaded, `withdrawn` if it was withdrawn.

    `ending` is a notice if its period ends soon or has ended. `lacks_issuer` is true if it has no issuer although the
    index has several.
    """

    state: DocumentState
    stored: LazyDocument
    added: bool
    withdrawn: Withdrawal | None = None
    ending: str = ""
    lacks_issuer: bool = False

    @property
    def passages(self) -> int:
        return self.stored.passage_count

    @property
    def notes(self) -> list[str]:
        withdrawal = self.withdrawn
        reason = (
            f"取り下げの理由：{withdrawal.reason}（{withdrawal.by}、{format_time(withdrawal.at)}）"
            if withdrawal
            else ""
        )
        issuer = NO_ISSUER_MESSAGE if self.lacks_issuer else ""
        return [note for note in (reason, self.ending, issuer, *find_warnings(self.stored.load())) if note]


def list_documents(service: Service, settings: Settings) -> list[ListedDocument]:
    """Return the documents of the index, the latest first and withdrawn ones last. Raises NoIndexError."""
    generation = load_generation(settings, service.generation)
    stored = {document.document.id: document for document in load_edited_documents(settings, generation).items}
    added = added_ids(settings)
    withdrawals = read_withdrawals(settings)
    has_several_issuers = len(list_issuers(service)) > 1
    served = [state for state in service.documents() if state.document.id in stored]
    states = sorted(served, key=lambda state: state.document.published, reverse=True)
    expiring = expiring_documents([state.document for state in states], today(), settings.expiry_notice_days)
    ending = {notice.document.id: str(notice) for notice in expiring}
    states += [DocumentState(stored[doc_id].document) for doc_id in withdrawals if doc_id in stored]
    return [
        ListedDocument(
            state,
            stored[state.document.id],
            state.document.id in added,
            withdrawals.get(state.document.id),
            ending.get(state.document.id, ""),
            lacks_issuer=has_several_issuers and not state.document.issuer,
        )
        for state in states
    ]


def list_issuers(service: Service) -> tuple[str, ...]:
    """Return the issuers of the index in alphabetical order; none without an index."""
    try:
        states = service.documents()
    except NoIndexError:
        return ()
    return tuple(sorted({state.document.issuer for state in states if state.document.issuer}))


def offered_days(reading: ParsedDocument) -> tuple[str, ...]:
    """Return dates at the beginning of a document that may be its day of publication."""
    found = dates(_beginning(reading))
    return tuple(dict.fromkeys(day.first.isoformat() for day in found if day.granularity == "day"))[:_MAX_OFFERED]


def _beginning(reading: ParsedDocument) -> str:
    return "\n".join(passage.text for passage in reading.passages[:_DATED_PASSAGES])


def find_warnings(reading: ParsedDocument) -> tuple[str, ...]:
    """Return warnings about parts of a document that could not be read or ask what no answer may ask."""
    warnings = [unread_parts_warning(reading)]
    if injected := [passage.section for passage in reading.passages if passage.withheld]:
        sections = "、".join(injected[:3])
        warnings.append(
            f"機械への命令か、暗証番号などを求める文があるので、{len(injected)}箇所からは答えません（{sections}）。"
        )
    return tuple(filter(None, warnings))


def propose_predecessor(
    proposed: Mapping[str, ProposedValue], doc_id: str, states: Sequence[DocumentState]
) -> Mapping[str, ProposedValue]:
    """Return the proposed metadata with the document that it supersedes, if the title indicates one."""
    if "title" not in proposed:
        return proposed
    titles = {state.document.id: state.document.title for state in states}
    predecessor = propose_predecessors(titles | {doc_id: str(proposed["title"].value)}).get(doc_id)
    return {**proposed, "supersedes": predecessor} if predecessor else proposed


def propose_issuer(
    proposed: Mapping[str, ProposedValue], reading: ParsedDocument, replaced: Document | None, issuers: Sequence[str]
) -> Mapping[str, ProposedValue]:
    """Return the proposed metadata with a known issuer, unless the file itself names one for certain.

    It is the issuer of the `replaced` document, or the only one of the known `issuers` in the title or the beginning.
    """
    if "issuer" in proposed and (proposed["issuer"].sure or proposed["issuer"].value in issuers):
        return proposed
    title = str(proposed["title"].value) if "title" in proposed else reading.document.title
    if replaced and replaced.issuer:
        return {**proposed, "issuer": ProposedValue(replaced.issuer, "差し替える文書の発行者", sure=True)}
    for place, text in (("題名", nfkc(title)), ("はじめの文", nfkc(_beginning(reading)))):
        mentioned = [issuer for issuer in issuers if nfkc(issuer) in text]
        if len(mentioned) == 1:
            return {
                **proposed,
                "issuer": ProposedValue(mentioned[0], f"索引にある発行者の名前が{place}にあるため", sure=False),
            }
    return proposed


def check_issuer(service: Service, entry: Mapping[str, Any]) -> None:
    """Raise StagedError if an entry has no issuer although the index has several, by which questions select."""
    if not entry.get("issuer") and len(issuers := list_issuers(service)) > 1:
        raise StagedError(
            f"発行者を書いてください。索引には{'、'.join(issuers[:_MAX_OFFERED])}などの文書があり、"
            "発行者のない文書は、市町村の名前を挙げた質問では見つかりません。",
            "issuer",
        )


def parse_entry_form(form: Fields, doc_id: str = "") -> dict[str, Any]:
    """Return a form as a manifest entry, with another id where one is given.

    Raises StagedError with the expected value of each wrong field.
    """
    texts = {name: form.one(name) for name in ("id", "title", "kind", "issuer", "published", "url")}
    entry: dict[str, Any] = {name: text for name, text in texts.items() if text}
    if doc_id:
        entry["id"] = doc_id
    if "published" in entry:
        entry["published"] = _parse_publication_date(texts["published"])
    period = [form.one("from"), form.one("until")]
    if any(period) and not all(period):
        missing = "初日" if period[1] else "末日"
        raise StagedError(
            f"対象の期間の{missing}も入れてください。決まっていなければ、初日と末日をどちらも空にします。",
            "from" if period[1] else "until",
        )
    if all(period):
        entry["period"] = period
    entry["supersedes"] = form.all("supersedes")
    entry["aliases"] = [alias.strip() for alias in form.one("aliases").split("、") if alias.strip()]
    _, problems, _ = read_entry({"file": "document.md", **entry})
    if problems:
        messages = (f"{NAMES[key]}{problem.removeprefix(key).lstrip()}" for key, problem in problems.items())
        key = next(iter(problems))
        raise StagedError("".join(messages), _FIELDS.get(key, key))
    return entry


def _parse_publication_date(text: str) -> str:
    normalised = nfkc(text)
    mentions = dates(normalised)
    if [normalised[mention.start : mention.end] for mention in mentions] != [normalised]:
        return text
    parts = {"year": 1, "month": 2, "day": 3}.get(mentions[0].granularity)
    return "-".join(mentions[0].first.isoformat().split("-")[:parts]) if parts else text
