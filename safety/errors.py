"""Expected answers that are a no.

A *refusal* is told to the person in their language; it carries its text's key, never the text.
Whatever else goes wrong is a *fault*: ours, logged without personal data, met with an apology.
"""


class RefusalError(Exception):
    """An expected no. `key` names the text, `values` fill its placeholders."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class NotAllowedError(RefusalError):
    """The person's roles do not include this action. Strangers learn nothing else."""

    def __init__(self) -> None:
        super().__init__("not-allowed")


class OutdatedError(RefusalError):
    """A button or an answer speaks of something that has changed since it was shown."""

    def __init__(self) -> None:
        super().__init__("outdated-press")
