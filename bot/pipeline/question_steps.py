"""The steps that prepare a question for the search: its conversation, its query."""

from dataclasses import replace

from bot.question.query_parser import QueryParser
from bot.state import Exchange, Status, Turn
from ingest.japanese import nfkc

# Exchanges with another status, such as greetings and refusals, are not part of the conversation.
_CONTINUED = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER, Status.CLARIFY})


class HistoryStep:
    """Prepares the history of a message."""

    def __init__(self, parser: QueryParser) -> None:
        self._parser = parser

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with what its history continues, and with the town of the conversation.

        Towns that the person has removed from the conversation since are left out.
        """
        removals = [n for n, exchange in enumerate(turn.history) if exchange.town == ""]
        first_with_town = len(turn.history) if turn.question.town is not None else max(removals, default=0)
        history: list[Exchange] = []
        for n, exchange in enumerate(turn.history):
            if exchange.status in _CONTINUED:
                understood = nfkc(exchange.understood)
                if n < first_with_town:
                    understood = self._parser.remove_towns(understood, turn.requested_day)
                history.append(replace(exchange, understood=understood))
        last_town = turn.history[-1].town if turn.history else None
        town = turn.question.town if turn.question.town is not None else last_town
        return replace(turn, history=tuple(history), town=town)


class QueryStep:
    """Parses the texts of a question."""

    def __init__(self, parser: QueryParser) -> None:
        self._parser = parser

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with the town of the conversation in its texts, and with its queries."""
        turn = self._complete_town(turn)
        texts = turn.texts
        day = turn.requested_day
        documents = turn.history[-1].documents if texts.typed_follow_up else frozenset()
        query = self._parser(texts.searched, day, documents, turn.question.language, texts.typed_follow_up)
        alternative = self._parser(texts.alternative, day, documents) if texts.alternative else None
        proposed = [self._parser(text, day, documents) for text in texts.proposed]
        return replace(
            turn,
            query=query,
            alternative_query=alternative,
            proposed_queries=tuple(replace(proposal, scope=query.scope) for proposal in proposed),
        )

    def _complete_town(self, turn: Turn) -> Turn:
        earlier = [exchange.understood for exchange in turn.history]
        if turn.question.town is not None:
            earlier = [f"{turn.question.town}の"] if turn.question.town else []
        day = turn.requested_day
        language = turn.question.language
        searched = self._parser.add_town(turn.texts.searched, earlier, day, language)
        understood = turn.texts.understood or turn.texts.searched
        if searched != turn.texts.searched:
            understood = self._parser.add_town(understood, earlier, day, language)
        is_removed = turn.town == ""
        town = self._parser.find_town([*earlier, searched], day) or ("" if is_removed else None)
        return replace(turn, town=town, texts=replace(turn.texts, searched=searched, understood=understood))
