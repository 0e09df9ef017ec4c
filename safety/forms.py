"""Questions asked one at a time: the draft of a form in the middle of being answered."""

from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from safety.notices import Notice, notice
from safety.people import EventId, Unprinted


@dataclass(frozen=True, slots=True, repr=False)
class Draft(Unprinted):
    """A form being filled in: its name, the step that is asked now, the answers so far.

    `step` is the name of the question now open, or `SUMMARY`. A skipped step has no answer.
    """

    id: int
    form: str
    step: str
    event_id: EventId | None = None
    subject_id: int = 0
    answers: tuple[tuple[str, str], ...] = ()
    begun_at: datetime | None = None  # from then on it counts how long the answers are kept

    def answer(self, step: str) -> str | None:
        """Give the answer to a step, None where it was skipped or not asked."""
        return dict(self.answers).get(step)


SUMMARY = "summary"


def form_tag(draft_id: int) -> str:
    """Name the messages of one form, questions and answers, that go when it ends."""
    return f"form:{draft_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Question(Notice):
    """The open question of a draft, read anew when shown; `refusal` explains a wrong answer."""

    draft_id: int
    step: str
    refusal: str | None = None
    values: tuple[tuple[str, str | int], ...] = ()  # of the refusal's text
    page: int = 0  # of the offered answers

    @override
    def tag(self) -> str | None:
        return form_tag(self.draft_id)
