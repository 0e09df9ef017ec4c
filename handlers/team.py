"""/team: who is in it, personal one-time links, leaving. Organizers alone see the list."""

from collections.abc import Sequence

from coordination import secondaddresses, team, unreachable
from handlers import forms, paging
from handlers.buttons.menu import MenuEntry
from handlers.buttons.practice import BEGIN
from handlers.buttons.secondchannel import SecondOpen
from handlers.buttons.team import (
    TeamAddPress,
    TeamLinkPress,
    TeamListPress,
    TeamOpenPress,
    TeamRemovePress,
    TeamRenamePress,
)
from handlers.buttons.waking import WakeScreenPress
from handlers.context import Choice, Form, Request, Showing, Step
from handlers.links import link_of, picture_of
from handlers.screens import Press, Screen
from handlers.texts import Html
from safety.errors import RefusalError
from safety.forms import Draft
from safety.paging import cut
from safety.people import TEAM_ROLES, Role
from safety.permissions import Action, is_allowed
from safety.team import (
    NAME_LIMIT,
    TeamCard,
    TeamChange,
    TeamLink,
    TeamList,
    TeamNews,
    TeamPerson,
    TeamState,
    TeamWelcome,
)

ROLES = tuple(role for role in Role if role in TEAM_ROLES)


def show(request: Request) -> None:
    """Show who is in the team."""
    request.turn.reply(TeamList())


def press_list(request: Request, press: TeamListPress) -> None:
    """Show the list again, or another page of it."""
    request.turn.reply(TeamList(press.page))


def press_open(request: Request, press: TeamOpenPress) -> None:
    """Show one person."""
    request.turn.reply(TeamCard(press.team_id))


def press_add(request: Request, _press: TeamAddPress) -> None:
    """Ask whom to bring in."""
    forms.start(request, "team-add")


def press_rename(request: Request, _press: TeamRenamePress) -> None:
    """Ask anew what the team shall call one."""
    forms.start(request, "team-name")


def press_link(request: Request, press: TeamLinkPress) -> None:
    """Make another link."""
    team.renew_link(request.turn, press.team_id)


def press_remove(request: Request, press: TeamRemovePress) -> str | None:
    """Take somebody out, or propose it."""
    if not team.remove(request.turn, press.team_id):
        return "answer-proposed"
    request.turn.reply(TeamList())
    return "answer-done"


# ---------------------------------------------------------------- forms


def _role_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(role.value, showing.plain(role_key(role))) for role in ROLES]


def _read_role(_request: Request, _draft: Draft, typed: str) -> str:
    if typed not in {role.value for role in ROLES}:
        raise RefusalError("team-press-role")
    return typed


def _read_name(_request: Request, _draft: Draft, typed: str) -> str:
    name = " ".join(typed.split())
    if len(name) > NAME_LIMIT:
        raise RefusalError("form-long-answer")
    return name


def _finish_adding(request: Request, draft: Draft) -> None:
    role, name = draft.answer("role"), draft.answer("name")
    team.add(request.turn, Role(role or ""), name or "")


def _finish_naming(request: Request, draft: Draft) -> None:
    team.name_oneself(request.turn, draft.answer("name") or "")


ADD_FORM = Form(
    name="team-add",
    action=Action.MANAGE_TEAM,
    steps=(
        Step("role", "team-ask-role", _read_role, _role_choices, choices_in_row=2),
        Step("name", "team-ask-name", _read_name),
    ),
    finish=_finish_adding,
)
NAME_FORM = Form(
    name="team-name",
    action=Action.ANSWER_FORM,
    steps=(Step("name", "team-ask-own-name", _read_name),),
    finish=_finish_naming,
)


# ---------------------------------------------------------------- screens


def role_key(role: Role) -> str:
    """Give the key of a role's word."""
    return f"button-role-{role.value}"


def name_of(showing: Showing, person: TeamPerson) -> str:
    """Give what the team calls somebody."""
    return person.name or showing.plain("team-nameless")


def render_list(showing: Showing, notice: TeamList) -> Screen | None:
    """List everybody with role and state; a button for each."""
    people = team.list_team(showing.work)
    out_of_reach = unreachable.of_the_team(showing.work)
    lines = [_line(showing, person, person.id in out_of_reach) for person in people]
    page = cut(people, notice.page, beside=3)
    rows = (
        *((_open_button(showing, person),) for person in page.items),
        *paging.turns(showing, page, TeamListPress),
        (showing.button("button-team-add", TeamAddPress()),),
        (showing.button("button-team-name", TeamRenamePress()),),
        (showing.button("button-team-wake", WakeScreenPress()),),
    )
    return Screen("\n".join((showing.say("team-title"), "", *lines)), rows)


def _line(showing: Showing, person: TeamPerson, is_out_of_reach: bool) -> str:  # noqa: FBT001 - of one meaning
    """Say who that is, how it stands, and whether they can be reached and woken."""
    role = showing.plain(role_key(person.role))
    line = showing.say(f"team-line-{person.state.value}", name=name_of(showing, person), role=role)
    if _may_be_woken(showing, person) and person.state is TeamState.ACTIVE:
        has_one = secondaddresses.usable(showing.work, person.id) is not None
        line = showing.say("second-has" if has_one else "second-has-not", line=Html(line))
    return f"{line}\n{showing.say('unreachable-teammate')}" if is_out_of_reach else line


def _may_be_woken(showing: Showing, person: TeamPerson) -> bool:
    """Say whether there is another way to wake somebody in this role."""
    is_rung = is_allowed(frozenset({person.role}), Action.BE_WOKEN)
    return bool(showing.work.policy.second_kinds) and is_rung


def _open_button(showing: Showing, person: TeamPerson) -> Press:
    role = showing.plain(role_key(person.role))
    name = name_of(showing, person)
    return showing.button("button-team-open", TeamOpenPress(person.id), name=name, role=role)


def render_card(showing: Showing, notice: TeamCard) -> Screen | None:
    """Show one person and what can be done; what is gone is said to be out of date."""
    back = (showing.button("button-back", TeamListPress()),)
    person = team.look(showing.work, notice.team_id)
    if person is None:
        return Screen(showing.say("outdated-press"), (back,))
    is_out_of_reach = person.id in unreachable.of_the_team(showing.work)
    text = "\n".join((showing.say("team-one"), _line(showing, person, is_out_of_reach)))
    rows: list[tuple[Press, ...]] = []
    if person.state is TeamState.INVITED:
        rows.append((showing.button("button-team-new-link", TeamLinkPress(person.id)),))
        rows.append((showing.button("button-team-take-back", TeamRemovePress(person.id)),))
    elif person.state is not TeamState.PROPOSED:
        rows.append((showing.button("button-team-remove", TeamRemovePress(person.id)),))
    return Screen(text, (*rows, back))


def render_link(showing: Showing, notice: TeamLink) -> Screen | None:
    """Show the link in words and as a picture; not once somebody has opened it."""
    person = team.look(showing.work, notice.team_id)
    if person is None or person.state is not TeamState.INVITED:
        return None
    link = link_of(showing, notice.token)
    role = showing.plain(role_key(person.role))
    text = showing.say("team-link", name=name_of(showing, person), role=role, link=link)
    return Screen(text, picture=picture_of(link))


def render_welcome(showing: Showing, notice: TeamWelcome) -> Screen | None:
    """Say what somebody is there for, from here on."""
    person = team.look(showing.work, notice.team_id)
    if person is None or person.state is not TeamState.ACTIVE:
        return None
    role = showing.plain(role_key(person.role))
    text = showing.say("team-welcome", name=name_of(showing, person), role=role)
    rows = [
        (showing.button("practice-button-begin", BEGIN),),
        (showing.button("menu-help", MenuEntry("help")),),
        (showing.button("menu-language", MenuEntry("language")),),
    ]
    if _may_be_woken(showing, person):
        rows.append((showing.button("second-button", SecondOpen()),))
    return Screen(text, tuple(rows))


def render_news(showing: Showing, notice: TeamNews) -> Screen | None:
    """Say what has changed in the team."""
    text = showing.say(
        f"team-news-{notice.change.value}",
        name=notice.name or showing.plain("team-nameless"),
        role=showing.plain(role_key(notice.role)),
        by=notice.by or showing.plain("team-nameless"),
    )
    if notice.change is not TeamChange.FROZEN:
        return Screen(text)
    move = showing.button("button-team-move", MenuEntry("relocate"))
    return Screen(text, ((move,),))
