"""The buttons under a form's question: they name draft and step, so an old one is known."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FormChoice(Payload):
    """One of the offered answers."""

    code = "fa"

    draft_id: int
    step: int  # its place in the form
    value: str


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FormSkip(Payload):
    """No answer, where that is allowed."""

    code = "fs"

    draft_id: int
    step: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FormCancel(Payload):
    """Give the whole form up."""

    code = "fx"

    draft_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FormConfirm(Payload):
    """The summary is right."""

    code = "fc"

    draft_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FormPage(Payload):
    """Another page of the offered answers."""

    code = "fp"

    draft_id: int
    step: int
    page: int
