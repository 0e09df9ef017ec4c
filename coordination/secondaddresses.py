"""A person's own second address: given, tried, taken back; nobody else ever sees it.

Organizers see who has one, and hear when one takes nothing.
"""

from dataclasses import replace

from coordination.turns import Turn, Work, use_case
from safety.errors import OutdatedError, RefusalError
from safety.people import TEAM_ROLES, Role, TeamId
from safety.permissions import Action
from safety.purges import Purged
from safety.secondaddresses import (
    READERS,
    TEST_PACE,
    AddressKind,
    Answer,
    SecondAddress,
    SecondRefused,
    SecondTopic,
    SecondUpdate,
)
from safety.secondchannel import SecondNotice, SecondTest
from storage import purges, secondaddresses, team
from storage.secondaddresses import SECOND_ADDRESSES


def usable(work: Work, team_id: TeamId) -> SecondAddress | None:
    """Give somebody's address, if the configuration can still reach it."""
    address = SECOND_ADDRESSES.get(work.tx, team_id)
    if address is None or address.kind not in work.policy.second_kinds:
        return None
    return address


@use_case(Action.BE_WOKEN)
def give(turn: Turn, kind: AddressKind, typed: str = "") -> None:
    """Keep one's own address in place of the one before; a topic is made, not typed.

    Raises:
        RefusalError: what was typed is no such address.
        OutdatedError: the actor is not of the team, or this kind is not offered.
    """
    if kind not in turn.policy.second_kinds:
        raise OutdatedError
    reader = READERS.get(kind)
    text = secondaddresses.new_topic() if reader is None else reader(typed)
    team_id = turn.require_team_id()
    before = SECOND_ADDRESSES.get(turn.tx, team_id)
    tested_at = None if before is None else before.tested_at
    address = SecondAddress(team_id, kind, text, turn.now, tested_at=tested_at)
    SECOND_ADDRESSES.put(turn.tx, address)


@use_case(Action.BE_WOKEN)
def take_back(turn: Turn) -> None:
    """Forget one's own address.

    Raises:
        OutdatedError: the actor is not of the team.
    """
    team_id = turn.require_team_id()
    if secondaddresses.remove(turn.tx, team_id):
        purges.note(turn.tx, turn.now, Purged.ADDRESS, team_id)


@use_case(Action.BE_WOKEN)
def show_topic(turn: Turn) -> None:
    """Show one's own topic, once.

    Raises:
        OutdatedError: there is none, or it was shown.
    """
    address = _own(turn)
    if address.kind is not AddressKind.NTFY or address.was_shown:
        raise OutdatedError
    SECOND_ADDRESSES.put(turn.tx, replace(address, was_shown=True))
    turn.tell(SecondTopic(address.text))


@use_case(Action.BE_WOKEN)
def test(turn: Turn) -> None:
    """Have something sent to one's own address, through the same outbox as an alarm.

    Raises:
        OutdatedError: there is none.
        RefusalError: the last one was only a moment ago.
    """
    address = _own(turn)
    if address.tested_at is not None and turn.now < address.tested_at + TEST_PACE:
        raise RefusalError("second-test-soon")
    asked = replace(address, tested_at=turn.now, answer=Answer.NONE, answered_at=None)
    SECOND_ADDRESSES.put(turn.tx, asked)
    turn.tell(SecondTest(address.id))


def note_answer(work: Work, notice: SecondNotice, answer: Answer) -> None:
    """Note what the service behind somebody's address said.

    When it takes nothing, the person and the organizers are told once.
    """
    address = SECOND_ADDRESSES.get(work.tx, notice.team_id)
    if address is None:
        return
    is_news = answer is Answer.REFUSED and address.refused_at is None
    refused_at = None if answer is Answer.TAKEN else address.refused_at or work.now
    changed = replace(address, refused_at=refused_at)
    if isinstance(notice, SecondTest):
        changed = replace(changed, answer=answer, answered_at=work.now)
    if changed != address:
        SECOND_ADDRESSES.put(work.tx, changed)
    recipient = team.recipient_of(work.tx, address.id)
    if recipient is not None and isinstance(notice, SecondTest):
        work.owe(recipient, SecondUpdate())
    if is_news:
        _tell_of_refusal(work, address.id)


def _tell_of_refusal(work: Work, team_id: TeamId) -> None:
    concerned = team.reachable(work.tx, (Role.ORGANIZER,))
    concerned += [one for one in team.reachable(work.tx, TEAM_ROLES) if one[0].id == team_id]
    for recipient in {person.id: recipient for person, recipient in concerned}.values():
        work.owe(recipient, SecondRefused(team_id))


def _own(turn: Turn) -> SecondAddress:
    address = usable(turn, turn.require_team_id())
    if address is None:
        raise OutdatedError
    return address
