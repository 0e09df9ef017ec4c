"""What waits for a second person: a card for each, and /confirm, which lists them.

Whoever proposed sees how it stands, and can only take it back. Nothing here shows roster data:
deputies confirm too.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from coordination import confirmations, events, team
from coordination.whois import holder_of
from handlers import closing, legalhold, paging, venues
from handlers.buttons.confirmations import ProposalConfirm, ProposalDecline, ProposalPage
from handlers.context import Request, Showing
from handlers.retention import proposal_values
from handlers.screens import Press, Rows, Screen
from handlers.team import name_of, role_key
from safety.closing import CloseCase
from safety.disclosure import (
    ConfirmVenue,
    EndHold,
    ReleaseNow,
    RelocateTo,
)
from safety.events import AllowMinors
from safety.legalhold import LiftLegalHold, PlaceLegalHold
from safety.paging import cut
from safety.people import TeamId
from safety.proposals import (
    Intent,
    Proposal,
    ProposalCard,
    ProposalList,
    ProposalState,
)
from safety.retention import PurgeEvent
from safety.team import AddTeamPerson, RemoveTeamPerson, RestoreTeamPerson

_BUTTONS = 3  # of one proposal at the most

Values = Mapping[str, str | int]
Describe = Callable[[Showing, Intent], Values]

_I = TypeVar("_I", bound=Intent)


def _describes(
    kind: type[_I], key: str, values: Callable[[Showing, _I], Values]
) -> tuple[type[Intent], tuple[str, Describe]]:
    """Write one line of the table: the text that says what is proposed, and its values."""
    return kind, (key, cast("Describe", values))


def _team_values(
    showing: Showing, intent: AddTeamPerson | RemoveTeamPerson | RestoreTeamPerson
) -> Values:
    person = team.look(showing.work, intent.team_id)
    if person is None:
        return {"name": showing.plain("team-nameless"), "role": showing.plain("unknown")}
    return {"name": name_of(showing, person), "role": showing.plain(role_key(person.role))}


def _minors_values(showing: Showing, intent: AllowMinors) -> Values:
    event = events.look(showing.work, intent.event_id)
    answer = showing.plain("yes" if intent.allows else "no")
    return {"title": "" if event is None else event.title, "answer": answer}


DESCRIPTIONS: Mapping[type[Intent], tuple[str, Describe]] = dict(
    (
        # team
        _describes(AddTeamPerson, "proposal-add", _team_values),
        _describes(RemoveTeamPerson, "proposal-remove", _team_values),
        _describes(RestoreTeamPerson, "proposal-restore", _team_values),
        # events
        _describes(AllowMinors, "proposal-minors", _minors_values),
        # retention
        _describes(PurgeEvent, "proposal-purge", proposal_values),
        # closing
        _describes(CloseCase, "proposal-close", closing.proposal_values),
        # legal hold
        _describes(PlaceLegalHold, "proposal-legal-hold", legalhold.proposal_values),
        _describes(LiftLegalHold, "proposal-legal-hold-lift", legalhold.proposal_values),
        # disclosure
        _describes(ConfirmVenue, "proposal-venue", venues.proposed_venue),
        _describes(RelocateTo, "proposal-relocate", venues.proposed_venue),
        _describes(ReleaseNow, "proposal-release", venues.proposed_release),
        _describes(EndHold, "proposal-resume", venues.proposed_resume),
    )
)


def show_list(request: Request) -> None:
    """List what waits."""
    request.turn.reply(ProposalList())


def press_page(request: Request, press: ProposalPage) -> None:
    """Show another page of what waits."""
    request.turn.reply(ProposalList(press.page))


def press_confirm(request: Request, press: ProposalConfirm) -> str:
    """Carry out what somebody else has proposed."""
    confirmations.confirm(request.turn, press.proposal_id)
    if press.is_listed:
        request.turn.reply(ProposalList())
    return "answer-done"


def press_decline(request: Request, press: ProposalDecline) -> str:
    """Say no, or take one's own back."""
    confirmations.decline(request.turn, press.proposal_id)
    if press.is_listed:
        request.turn.reply(ProposalList())
    return "answer-done"


def render_card(showing: Showing, notice: ProposalCard) -> Screen | None:
    """Show what is proposed, by whom, and how it stands."""
    found = confirmations.look(showing.work, notice.proposal_id)
    if found is None:
        return None
    proposal, intent = found
    text = "\n".join(
        (
            showing.say(f"proposal-{proposal.state.value}"),
            "",
            describe(showing, intent),
            showing.say("proposal-by", name=_name(showing, proposal.proposed_by)),
            _state_line(showing, proposal),
        )
    )
    if proposal.state is not ProposalState.OPEN:
        return Screen(text)
    buttons = _buttons(showing, proposal, number=None)
    return Screen(text, (*_details(showing, intent), *buttons))


def render_list(showing: Showing, notice: ProposalList) -> Screen | None:
    """Show what waits, numbered, with the buttons of each."""
    found = confirmations.list_open(showing.work)
    if not found:
        return Screen(showing.say("proposal-none"))
    lines: list[str] = [showing.say("proposal-list")]
    rows: list[tuple[Press, ...]] = []
    page = cut(tuple(enumerate(found, start=1)), notice.page, each=_BUTTONS)
    for number, proposal in page.items:
        looked = confirmations.look(showing.work, proposal.id)
        if looked is not None:
            lines += ["", f"{number}. {describe(showing, looked[1])}"]
            lines.append(showing.say("proposal-by", name=_name(showing, proposal.proposed_by)))
            rows += [*_details(showing, looked[1]), *_buttons(showing, proposal, number)]
    rows += paging.turns(showing, page, ProposalPage)
    return Screen("\n".join(lines), tuple(rows))


def describe(showing: Showing, intent: Intent) -> str:
    """Say what is proposed, in one or two lines."""
    key, values = DESCRIPTIONS[type(intent)]
    return showing.say(key, **values(showing, intent))


def _details(showing: Showing, intent: Intent) -> Rows:
    """Give the button behind which a proposed place stands; other proposals say all they hold."""
    if not isinstance(intent, ConfirmVenue | RelocateTo):
        return ()
    return ((venues.details_button(showing, intent),),)


def _buttons(showing: Showing, proposal: Proposal, number: int | None) -> Rows:
    is_listed = int(number is not None)
    place = "" if number is None else f" {number}"
    no = ProposalDecline(proposal.id, is_listed)
    if holder_of(showing.work, showing.chat_id) == proposal.proposed_by:
        return ((showing.button("button-proposal-take-back", no, place=place),),)
    yes = ProposalConfirm(proposal.id, is_listed)
    return (
        (
            showing.button("button-proposal-confirm", yes, place=place),
            showing.button("button-proposal-decline", no, place=place),
        ),
    )


def _state_line(showing: Showing, proposal: Proposal) -> str:
    if proposal.state is ProposalState.OPEN:
        day, time = showing.day(proposal.expires_at), showing.time(proposal.expires_at)
        return showing.say("proposal-until", day=day, time=time)
    if proposal.decided_by is None:
        return showing.say("proposal-undecided")
    return showing.say("proposal-decided", name=_name(showing, proposal.decided_by))


def _name(showing: Showing, team_id: TeamId) -> str:
    person = team.look(showing.work, team_id)
    return showing.plain("team-nameless") if person is None else name_of(showing, person)
