"""What a use case gets: one transaction, one moment, and who acts.

`Work` is what a timer runs with; a `Turn` is the work of one update and knows its actor. Use cases
are plain functions of these; they change rows, set timers, owe notices and record facts, and
nothing else (ADR-0002).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from typing_extensions import override

from safety.errors import NotAllowedError, OutdatedError
from safety.facts import Fact
from safety.notices import Emptying, Notice, Removal
from safety.origins import Origin, marked
from safety.people import Actor, ChatId, EventId, Recipient, TeamId
from safety.permissions import Action, is_allowed
from safety.policy import Policy
from safety.timers import Timer
from storage import messages, outbox, timers
from storage.messages import Standing
from storage.transaction import Transaction

P = ParamSpec("P")
R = TypeVar("R")

IDS_IN_ONE_REMOVAL = 100  # messages; the service's limit


@dataclass(frozen=True, slots=True, repr=False)
class Work:
    """One transaction at one moment."""

    tx: Transaction
    now: datetime
    policy: Policy
    facts: list[Fact] = field(default_factory=list)

    def owe(self, recipient: Recipient, notice: Notice, event_id: EventId | None = None) -> None:
        """Owe somebody a notice; it commits together with everything else, or not at all."""
        outbox.owe(self.tx, self.now, recipient, notice, event_id=event_id)

    def set_timer(self, due_at: datetime, timer: Timer, event_id: EventId | None = None) -> None:
        """Have `timer` run at `due_at`; one with the same key is replaced."""
        timers.put(self.tx, due_at, timer, event_id)

    def cancel_timer(self, timer: Timer) -> None:
        """Take a timer away if it is set."""
        timers.cancel(self.tx, timer.key())

    def record(self, fact: Fact) -> None:
        """State what happened; the recorder makes an incident of it before the commit."""
        self.facts.append(fact)

    def remove_tagged(self, tag: str, chat_id: ChatId | None = None) -> None:
        """Have the messages with this tag deleted, in one chat or in all of them."""
        self.remove(messages.take_tagged(self.tx, tag, chat_id))

    def remove(self, standing: list[Standing], *, at_once: bool = False) -> None:
        """Have these messages deleted from their chats; `at_once`: ahead of all that is owed."""
        by_chat: dict[ChatId, list[Standing]] = {}
        for message in standing:
            by_chat.setdefault(message.recipient.chat_id, []).append(message)
        for group in by_chat.values():
            ids = [message.message_id for message in group]
            for start in range(0, len(ids), IDS_IN_ONE_REMOVAL):
                part = tuple(ids[start : start + IDS_IN_ONE_REMOVAL])
                self.owe(group[0].recipient, Emptying(part) if at_once else Removal(part))


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Turn(Work):
    """The work of one update. `seq` is its place in the order of intake.

    `pressed` is the message whose button was pressed; a reply then replaces that message. `origin`
    is where what the actor sends was first said, if they only forward it.
    """

    actor: Actor
    seq: int
    pressed: int | None = None
    origin: Origin | None = None

    @override
    def record(self, fact: Fact) -> None:
        """State what happened; what was forwarded, with where it was first said."""
        self.facts.append(marked(fact, self.origin))

    def require(self, action: Action) -> None:
        """Raise NotAllowedError unless the actor's roles include `action`."""
        if not is_allowed(self.actor.roles, action):
            raise NotAllowedError

    def require_team_id(self) -> TeamId:
        """Give who of the team acts.

        Raises:
            OutdatedError: the actor is nobody of it.
        """
        if self.actor.team_id is None:
            raise OutdatedError
        return self.actor.team_id

    def reply(self, notice: Notice, event_id: EventId | None = None) -> None:
        """Answer in place of the message whose button was pressed, else with a new one."""
        outbox.owe(
            self.tx,
            self.now,
            self.actor.recipient,
            notice,
            event_id=event_id,
            edits=self.pressed,
        )

    def tell(self, notice: Notice, event_id: EventId | None = None) -> None:
        """Write a new message to the person, whatever they pressed."""
        self.owe(self.actor.recipient, notice, event_id)


USE_CASES: dict[str, Action] = {}


def use_case(
    action: Action,
) -> Callable[[Callable[Concatenate[Turn, P], R]], Callable[Concatenate[Turn, P], R]]:
    """Ask the table of permissions before the use case runs, whoever calls it."""

    def guard(
        function: Callable[Concatenate[Turn, P], R],
    ) -> Callable[Concatenate[Turn, P], R]:
        USE_CASES[f"{function.__module__}.{function.__qualname__}"] = action

        @wraps(function)
        def guarded(turn: Turn, /, *args: P.args, **kwargs: P.kwargs) -> R:
            turn.require(action)
            return function(turn, *args, **kwargs)

        return guarded

    return guard
