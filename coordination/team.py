"""Who is in the team: brought in by personal one-time links, two people for who decides.

From the moment anybody else could confirm it, adding or removing an organizer or a deputy takes
that second person, and everybody who decides is told. A link belongs to the first account that
opens it.
"""

from dataclasses import replace
from enum import StrEnum

from coordination import alarms, audience, detentions, proposals, quiet, waking
from coordination.returning import ring_for_what_is_open, tell_what_was_missed
from coordination.turns import Turn, Work, use_case
from coordination.whois import holder_of
from safety.errors import OutdatedError, RefusalError
from safety.people import PersonId, Recipient, Role, Standing, TeamId
from safety.permissions import Action
from safety.proposals import Proposal
from safety.purges import Purged
from safety.team import (
    DECIDERS,
    AddTeamPerson,
    RemoveTeamPerson,
    RestoreTeamPerson,
    TeamChange,
    TeamLink,
    TeamNews,
    TeamPerson,
    TeamState,
    TeamWelcome,
    is_forgotten,
    is_overtaken,
    link_tag,
    may_renew,
    needs_second_person,
)
from storage import evidence, people, purges, retention, routes, secondaddresses, team, tokens
from storage.people import PEOPLE
from storage.team import TEAM
from storage.tokens import Grant, Purpose

LISTED = (TeamState.ACTIVE, TeamState.FROZEN, TeamState.INVITED, TeamState.PROPOSED)


class TakenUp(StrEnum):
    """What came of opening a link into the team."""

    NOTHING = "nothing"  # unknown, used, or not for this account
    KNOWN = "known"  # the one whom it has brought in opened it again
    JOINED = "joined"
    NAMELESS = "nameless"  # joined, and the team needs something to call them


def list_team(work: Work) -> list[TeamPerson]:
    """Give everybody of the team, active ones first."""
    found = [person for state in LISTED for person in team.in_state(work.tx, state)]
    return sorted(found, key=lambda person: (LISTED.index(person.state), person.role))


def look(work: Work, team_id: TeamId) -> TeamPerson | None:
    """Give somebody of the team, or None."""
    person = TEAM.get(work.tx, team_id)
    return None if person is None or person.state is TeamState.GONE else person


def take_up(turn: Turn, grant: Grant) -> TakenUp:
    """Let whoever opens a link first take up the role it stands for."""
    person = TEAM.get(turn.tx, TeamId(grant.subject_id))
    if person is None:
        return TakenUp.NOTHING
    holder = team.recipient_of(turn.tx, person.id)
    if holder is not None:
        if holder.chat_id == turn.actor.recipient.chat_id:
            return TakenUp.KNOWN
        _tell_of_second_attempt(turn, person)
        return TakenUp.NOTHING
    if person.state is not TeamState.INVITED or _has_place(turn):
        return TakenUp.NOTHING
    return _join(turn, person)


@use_case(Action.MANAGE_TEAM)
def add(turn: Turn, role: Role, name: str) -> None:
    """Bring somebody in: their link comes at once, or once a second person has confirmed.

    Raises:
        RefusalError: a second person is needed and nobody can be asked.
    """
    needs_two = needs_second_person(role, is_alone=proposals.is_alone(turn))
    state = TeamState.PROPOSED if needs_two else TeamState.INVITED
    team_id = TeamId(turn.tx.new_id())
    person = TeamPerson(team_id, role, state, name, turn.now, turn.actor.team_id)
    TEAM.put(turn.tx, person)
    if needs_two:
        proposals.propose(turn, AddTeamPerson(person.id))
    else:
        _give_link(turn, person)


def confirm_adding(turn: Turn, intent: AddTeamPerson, proposal: Proposal) -> None:
    """A second person has agreed: whoever proposed it gets the link."""
    person = TEAM.get(turn.tx, intent.team_id)
    if person is None or person.state is not TeamState.PROPOSED:
        raise OutdatedError
    confirmed = replace(person, state=TeamState.INVITED, confirmed_by=turn.actor.team_id)
    TEAM.put(turn.tx, confirmed)
    _give_link(turn, confirmed, to=proposal.proposed_by)


def drop_adding(work: Work, intent: AddTeamPerson, _proposal: Proposal) -> None:
    """Nobody agreed: forget who was meant."""
    TEAM.remove(work.tx, "id = ? AND state = ?", intent.team_id, TeamState.PROPOSED.value)


@use_case(Action.MANAGE_TEAM)
def renew_link(turn: Turn, team_id: TeamId) -> None:
    """Make another link for somebody who has not come yet; the old one is worth nothing then.

    Raises:
        OutdatedError: they have come, or are no longer invited.
        RefusalError: they are to decide, and somebody else has asked for them.
    """
    person = look(turn, team_id)
    if person is None or person.state is not TeamState.INVITED:
        raise OutdatedError
    if not may_renew(person, turn.actor.team_id):
        raise RefusalError("team-link-of-another")
    _void_link(turn, team_id)
    _give_link(turn, person)


@use_case(Action.MANAGE_TEAM)
def remove(turn: Turn, team_id: TeamId) -> bool:
    """Take somebody out of the team; say whether it is done, or waits for a second person.

    Raises:
        RefusalError: oneself, or nobody can be asked.
        OutdatedError: unknown, or proposed and not decided yet.
    """
    person = look(turn, team_id)
    if person is None or person.state is TeamState.PROPOSED:
        raise OutdatedError
    if person.id == turn.actor.team_id:
        raise RefusalError("team-remove-yourself")
    was_here = person.state in {TeamState.ACTIVE, TeamState.FROZEN}
    if was_here and person.role in DECIDERS:
        proposals.propose(turn, RemoveTeamPerson(person.id))
        return False
    dismiss(turn, person, TeamChange.REMOVED, _name_of(turn, turn.actor.team_id))
    return True


def confirm_removal(turn: Turn, intent: RemoveTeamPerson, proposal: Proposal) -> None:
    """A second person has agreed to take somebody out; nobody confirms this about themselves."""
    person = look(turn, intent.team_id)
    if person is None:
        raise OutdatedError
    if person.id == turn.actor.team_id:
        raise RefusalError("own-proposal")
    dismiss(turn, person, TeamChange.REMOVED, _name_of(turn, proposal.proposed_by))


def confirm_restoring(turn: Turn, intent: RestoreTeamPerson, proposal: Proposal) -> None:
    """A second person has agreed that a frozen account is its owner's again."""
    person = look(turn, intent.team_id)
    if person is None or person.state is not TeamState.FROZEN:
        raise OutdatedError
    TEAM.put(turn.tx, replace(person, state=TeamState.ACTIVE))
    by = _name_of(turn, proposal.proposed_by)
    audience.tell_deciders(turn, TeamNews(TeamChange.RESTORED, person.name, person.role, by))
    recipient = team.recipient_of(turn.tx, person.id)
    if recipient is not None:
        turn.owe(recipient, TeamWelcome(person.id))
        tell_what_was_missed(turn, recipient)
        ring_for_what_is_open(turn, person.id, recipient)


@use_case(Action.ANSWER_FORM)
def name_oneself(turn: Turn, name: str) -> None:
    """Say what the team shall call one.

    Raises:
        OutdatedError: the actor is not of the team any more.
    """
    person = None if turn.actor.team_id is None else look(turn, turn.actor.team_id)
    if person is None:
        raise OutdatedError
    TEAM.put(turn.tx, replace(person, name=name))
    turn.tell(TeamWelcome(person.id))
    if not person.name:
        news = TeamNews(TeamChange.JOINED, name, person.role)
        audience.tell_deciders(turn, news, but=person.id)


def dismiss(work: Work, person: TeamPerson, change: TeamChange, by: str = "") -> None:
    """End somebody's place in the team: role, way to reach them, link and messages."""
    recipient = team.recipient_of(work.tx, person.id)
    if recipient is not None:
        quiet.empty(work, recipient)
        if person.state is TeamState.FROZEN:
            _decline_everywhere(work, recipient)
    quiet.stay_held_elsewhere(work, person.id)
    routes.remove(work.tx, person.id)
    if recipient is not None and not routes.of_chat(work.tx, recipient.chat_id):
        evidence.forget_sender(work.tx, recipient.chat_id)
        retention.forget_chat(work.tx, recipient.chat_id)  # that it is quiet, too
    secondaddresses.remove(work.tx, person.id)
    _void_link(work, person.id)
    TEAM.put(work.tx, replace(person, state=TeamState.GONE, name="", gone_at=work.now))
    alarms.stand_down(work, person.id)
    detentions.stand_down(work, person.id)
    waking.forget(work, person.id)
    purges.note(work.tx, work.now, Purged.TEAM, person.id)
    if person.state is not TeamState.INVITED:
        audience.tell_deciders(work, TeamNews(change, person.name, person.role, by))


def _decline_everywhere(work: Work, recipient: Recipient) -> None:
    """Let an account that was in wrong hands learn no place of an event that it takes part in.

    It is not frozen any more, since it has no place in the team; people can approve it again.

    Raises:
        LockedError: it takes part, and the roster is locked: it stays frozen.
    """
    for place in routes.of_chat(work.tx, recipient.chat_id):
        person = people.get(work.tx, PersonId(place.holder_id))
        if person is not None and person.standing is Standing.APPROVED:
            PEOPLE.put(work.tx, replace(person, standing=Standing.DECLINED))


def void_links_of(work: Work, team_id: TeamId) -> None:
    """Make the unopened links that somebody has made worth nothing."""
    for person in team.in_state(work.tx, TeamState.INVITED):
        if person.added_by == team_id:
            dismiss(work, person, TeamChange.REMOVED)


def forget_invited(work: Work) -> None:
    """Forget names that nothing came of: their link was over long ago."""
    _forget(work, TeamState.INVITED)


def forget_gone(work: Work) -> None:
    """Forget the roles of those who left long ago."""
    _forget(work, TeamState.GONE)


def _forget(work: Work, state: TeamState) -> None:
    for person in team.in_state(work.tx, state):
        if is_forgotten(person, work.policy, work.now):
            _void_link(work, person.id)
            TEAM.remove(work.tx, "id = ?", person.id)


def _join(turn: Turn, person: TeamPerson) -> TakenUp:
    joined = replace(person, state=TeamState.ACTIVE)
    TEAM.put(turn.tx, joined)
    routes.put(turn.tx, None, person.id, turn.actor.recipient)
    turn.remove_tagged(link_tag(person.id))
    ring_for_what_is_open(turn, person.id, turn.actor.recipient)
    if person.role in DECIDERS:
        _void_overtaken(turn)
    if not person.name:
        return TakenUp.NAMELESS
    turn.tell(TeamWelcome(person.id))
    news = TeamNews(TeamChange.JOINED, person.name, person.role)
    audience.tell_deciders(turn, news, but=person.id)
    return TakenUp.JOINED


def _void_overtaken(turn: Turn) -> None:
    """Somebody can confirm from now on: links made alone for such roles work no longer."""
    for person in team.in_state(turn.tx, TeamState.INVITED):
        if is_overtaken(person):
            dismiss(turn, person, TeamChange.REMOVED)
            news = TeamNews(TeamChange.OVERTAKEN, person.name, person.role)
            audience.tell_inviter(turn, person.added_by, news)


def _has_place(turn: Turn) -> bool:
    """Say whether this account has a place in the team already, even a frozen one."""
    return holder_of(turn, turn.actor.recipient.chat_id) is not None


def _tell_of_second_attempt(turn: Turn, person: TeamPerson) -> None:
    if not person.was_tried_again:
        TEAM.put(turn.tx, replace(person, was_tried_again=True))
        news = TeamNews(TeamChange.TRIED_AGAIN, person.name, person.role)
        audience.tell_inviter(turn, person.added_by, news)


def _give_link(turn: Turn, person: TeamPerson, to: TeamId | None = None) -> None:
    expires_at = turn.now + turn.policy.team_link_life
    TEAM.put(turn.tx, replace(person, link_until=expires_at))
    token = tokens.issue(turn.tx, Purpose.TEAM, person.id, expires_at)
    recipient = turn.actor.recipient if to is None else team.recipient_of(turn.tx, to)
    if recipient is not None:
        turn.owe(recipient, TeamLink(person.id, token))


def _void_link(work: Work, team_id: TeamId) -> None:
    tokens.revoke(work.tx, team_id)
    work.remove_tagged(link_tag(team_id))


def _name_of(work: Work, team_id: TeamId | None) -> str:
    person = None if team_id is None else TEAM.get(work.tx, team_id)
    return "" if person is None else person.name
