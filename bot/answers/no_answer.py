"""Says that the documents do not answer, with related passages and whom to ask."""

from collections.abc import Sequence

from bot.answers.related_passages import find_related_passages
from bot.state import Draft, ReadTurn, ServiceMessage, Status, paragraph, service_message
from ingest.documents import Document


class NoAnswer:
    """Says that the documents do not answer the question; `contact` is how to reach a person, or ""."""

    def __init__(self, documents: Sequence[Document], contact: str) -> None:
        self._titles = {document.id: document.title for document in documents}
        self._contact = contact

    def __call__(self, turn: ReadTurn) -> Draft:
        """Return the refusal with up to three related passages, or with what can be asked here."""
        related = find_related_passages(turn.reading.passages, turn.query)
        contact = service_message("contact", contact=self._contact) if self._contact else service_message("otherwise")
        refusal = paragraph(self._refusal(turn), service_message("nearest" if related else "about"), contact)
        return Draft((refusal,), status=Status.NO_ANSWER, nearest=related)

    def _refusal(self, turn: ReadTurn) -> ServiceMessage:
        if absent := turn.query.scope.absent_towns:
            return service_message("absent", towns="・".join(sorted(absent)))
        if names := (*turn.absent, *turn.unconfirmed):
            return service_message("absent_name", names="」「".join(names))
        allowed = turn.query.scope.allowed
        if len(allowed) != 1 or len(self._titles) == 1:
            return service_message("nothing")
        return service_message("nothing_in", title=self._titles[min(allowed)])
