"""Applies an operation to the provisions of a document, or declines it with a reason; it never guesses."""

from ingest.amendments.application import structure_changes, text_changes
from ingest.amendments.application.locating import AppliedOperation, DeclinedError
from ingest.amendments.operations import Action, AmendmentOperation
from ingest.amendments.provisions import Provision

__all__ = ["AppliedOperation", "DeclinedError", "apply_operation"]

_APPLIERS = {
    Action.REPLACE_WORDS: text_changes.replace_words,
    Action.INSERT_WORDS: text_changes.insert_words,
    Action.DELETE_WORDS: text_changes.delete_words,
    Action.REPLACE_TEXT: text_changes.replace_text,
    Action.ADD_CAPTION: text_changes.add_caption,
    Action.DELETE_LABEL: text_changes.delete_label,
    Action.APPEND_SENTENCE: text_changes.append_sentence,
    Action.REPLACE: structure_changes.replace_provision,
    Action.INSERT: structure_changes.insert_provisions,
    Action.DELETE: structure_changes.delete_provision,
    Action.RENUMBER: structure_changes.renumber,
    Action.REPLACE_ALL: structure_changes.replace_all,
    Action.REPEAL: structure_changes.repeal,
}


def apply_operation(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Return the provisions after an operation; raises DeclinedError, in which case nothing is changed."""
    if operation.problem:
        raise DeclinedError(operation.problem)
    return _APPLIERS[operation.action](root, operation)
