"""Every way in which a call is answered with "no", worded as the service words it."""


class ApiError(Exception):
    """A call was refused.

    `code` is the HTTP status, `description` the sentence in the answer, `retry_after` seconds.
    """

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class DefinitionError(ApiError):
    """The call breaks the published definition: a mistake of the bot, never of a person."""

    def __init__(self, complaint: str) -> None:
        super().__init__(400, f"Bad Request: {complaint}")


class ConnectionCutError(Exception):
    """The connection breaks off here, and no answer is sent."""


class OddAnswerError(Exception):
    """What goes out is nothing that the service says; `is_endless`: byte by byte, for ever."""

    def __init__(self, code: int, body: bytes, *, is_endless: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.body = body
        self.is_endless = is_endless


class PersonError(AssertionError):
    """A person cannot do this: what they would press or open is not on their phone."""


def bad_request(reason: str) -> ApiError:
    """Make the refusal of a call that is well-formed, but cannot be done."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """Make the refusal of a call that the other side does not allow."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """Make the refusal of a poll that another one, or a webhook, stands against."""
    return ApiError(409, f"Conflict: {reason}")
