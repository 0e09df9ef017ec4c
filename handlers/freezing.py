"""/freeze: stop a colleague's account at once, or propose to bring it back."""

from coordination import freezing, team
from handlers import paging
from handlers.buttons.team import (
    FreezeAskPress,
    FreezeListPress,
    FreezePress,
    RestorePress,
)
from handlers.context import Request, Showing
from handlers.screens import Press, Screen
from handlers.team import name_of, role_key
from safety.paging import cut
from safety.team import FreezeList, FreezeQuestion, TeamPerson, TeamState


def show(request: Request) -> None:
    """Show whose account can be frozen."""
    request.turn.reply(FreezeList())


def press_list(request: Request, press: FreezeListPress) -> None:
    """Show the list again, or another page of it."""
    request.turn.reply(FreezeList(press.page))


def press_ask(request: Request, press: FreezeAskPress) -> None:
    """Ask once more."""
    request.turn.reply(FreezeQuestion(press.team_id))


def press_freeze(request: Request, press: FreezePress) -> str:
    """Freeze the account."""
    freezing.freeze(request.turn, press.team_id)
    request.turn.reply(FreezeList())
    return "answer-done"


def press_restore(request: Request, press: RestorePress) -> str:
    """Propose to bring the account back."""
    freezing.ask_to_restore(request.turn, press.team_id)
    return "answer-proposed"


def render_list(showing: Showing, notice: FreezeList) -> Screen | None:
    """List the accounts of the team, each with its button."""
    here = [person for person in team.list_team(showing.work) if _is_here(person)]
    page = cut(here, notice.page)
    accounts = ((_button(showing, person),) for person in page.items)
    turns = paging.turns(showing, page, FreezeListPress)
    return Screen(showing.say("freeze-title"), (*accounts, *turns))


def _is_here(person: TeamPerson) -> bool:
    return person.state in {TeamState.ACTIVE, TeamState.FROZEN}


def _button(showing: Showing, person: TeamPerson) -> Press:
    name, role = name_of(showing, person), showing.plain(role_key(person.role))
    if person.state is TeamState.FROZEN:
        restore = RestorePress(person.id)
        return showing.button("button-freeze-restore", restore, name=name, role=role)
    return showing.button("button-team-open", FreezeAskPress(person.id), name=name, role=role)


def render_question(showing: Showing, notice: FreezeQuestion) -> Screen | None:
    """Say what freezing does, and ask."""
    back = (showing.button("button-back", FreezeListPress()),)
    person = team.look(showing.work, notice.team_id)
    if person is None or person.state is not TeamState.ACTIVE:
        return Screen(showing.say("outdated-press"), (back,))
    text = showing.say("freeze-question", name=name_of(showing, person))
    freeze = showing.button("button-freeze", FreezePress(person.id))
    return Screen(text, ((freeze,), back))
