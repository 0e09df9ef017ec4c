"""The buttons of the explanation; *This is real* is an alarm's button, not one of these."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.practice import Page


@payload
@dataclass(frozen=True, slots=True, repr=False)
class PracticePress(Payload):
    """Turn to this page; the practice press is the one that turns to the last."""

    code = "pr"

    page: Page


BEGIN = PracticePress(Page.PLACE)
