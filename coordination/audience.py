"""Who of the team is told what: organizers of people, everybody who decides of the team itself."""

from collections.abc import Collection, Iterable

from coordination.quiet import chat_of
from coordination.turns import Work
from safety.detentions import Detention, whom_to_tell
from safety.escalation import LATER
from safety.notices import Notice
from safety.people import EventId, Recipient, Role, TeamId
from safety.team import DECIDERS, TeamPerson, TeamState
from storage import chats, messages, team
from storage.team import TEAM


def organizers(work: Work) -> list[Recipient]:
    """Give where every organizer can be reached."""
    return [recipient for _, recipient in team.reachable(work.tx, (Role.ORGANIZER,))]


def tell_organizers(
    work: Work, notice: Notice, event_id: EventId | None = None, but: TeamId | None = None
) -> None:
    """Owe every organizer a notice, leaving one of them out if wished."""
    for person, recipient in team.reachable(work.tx, (Role.ORGANIZER,)):
        if person.id != but:
            work.owe(recipient, notice, event_id)


def update_organizers(work: Work, notice: Notice, event_id: EventId | None = None) -> None:
    """Owe a card to every organizer on whose phone it stands: it changes, and nobody is rung."""
    for recipient in organizers(work):
        if messages.on_card(work.tx, recipient.chat_id, notice.card() or "") is not None:
            work.owe(recipient, notice, event_id)


def tell_deciders(work: Work, notice: Notice, but: TeamId | None = None) -> None:
    """Owe every organizer and deputy a notice, leaving one of them out if wished."""
    for person, recipient in team.reachable(work.tx, sorted(DECIDERS)):
        if person.id != but:
            work.owe(recipient, notice)


def rung_by_alarms(work: Work) -> list[tuple[TeamPerson, Recipient]]:
    """Give everybody whom an alarm rings sooner or later, and whose chat may be written to.

    Not a chat that is quiet because its person was taken, nor one that has blocked the bot.
    """
    return writable(work, LATER)


def told_of(work: Work, detention: Detention) -> list[tuple[TeamPerson, Recipient]]:
    """Give everybody whom a detention rings, and whose chat may be written to; not who is held."""
    people = but_held(work, detention, rung_by_alarms(work))
    told = whom_to_tell({person.id: person.role for person, _ in people})
    return [one for one in people if one[0].id in told]


def but_held(
    work: Work, detention: Detention, people: Iterable[tuple[TeamPerson, Recipient]]
) -> list[tuple[TeamPerson, Recipient]]:
    """Leave out who is held, also where they were taken as a participant: it is their phone."""
    at = chat_of(work, detention)
    return [one for one in people if at is None or one[1].chat_id != at.chat_id]


def is_told(work: Work, detention: Detention, team_id: TeamId | None) -> bool:
    """Say whether this is one of those whom a detention rings."""
    return any(person.id == team_id for person, _ in told_of(work, detention))


def writable(work: Work, roles: Collection[Role]) -> list[tuple[TeamPerson, Recipient]]:
    """Give everybody in these roles whose chat may be written to: not taken, not blocking."""
    return [
        (person, recipient)
        for person, recipient in team.reachable(work.tx, roles)
        if chats.silence_reason(work.tx, recipient.chat_id) is None
    ]


def is_lawyer_there(work: Work) -> bool:
    """Say whether there is a lawyer in the team who can be reached, and was not taken."""
    lawyers = team.reachable(work.tx, (Role.LAWYER,))
    return not all(chats.is_quiet(work.tx, recipient.chat_id) for _, recipient in lawyers)


def tell_inviter(
    work: Work, team_id: TeamId | None, notice: Notice, event_id: EventId | None = None
) -> None:
    """Owe a notice to whoever made a link; to all organizers where that account acts no more."""
    inviter = None if team_id is None else TEAM.get(work.tx, team_id)
    if inviter is not None and inviter.state is TeamState.ACTIVE:
        recipient = team.recipient_of(work.tx, inviter.id)
        if recipient is not None:
            work.owe(recipient, notice, event_id)
            return
    tell_organizers(work, notice, event_id)
