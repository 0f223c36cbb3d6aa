"""Errors that a caller of `eval` can correct; each message says in Japanese what to do."""


class EvalError(Exception):
    """Base class of the errors of `eval`."""


class SetFileError(EvalError):
    """A file of cases or of another evaluation set is missing or invalid; the message names file and line."""


class RunFolderError(EvalError):
    """A folder has no readable run, or a baseline file is invalid."""


class RefusedError(EvalError):
    """One question was refused; its case fails and the run continues."""
