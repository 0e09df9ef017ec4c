"""One fault for each promise of the evening: a switch that turns its row *broken*.

A promise that no fault can break would promise nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import bundles, introduction
from bot.rehearsal.acts import closing, scene
from bot.rehearsal.runner import InProcessRunner
from coordination import (
    approval,
    detentions,
    invitations,
    registration,
    team,
    telling,
)
from coordination.alarms import raise_alarm
from coordination.timetable import TIMETABLE
from coordination.turns import Turn, Work
from handlers import guard, menu, practice
from handlers.buttons import Payload
from handlers.buttons.practice import PracticePress
from handlers.context import Request, Showing
from handlers.guard import Guard
from handlers.routes import RENDERERS, TABLE
from handlers.screens import Screen
from safety import alarms, escalation, permissions, venues
from safety.alarmnotices import AlarmAnswer, AlarmSeen
from safety.alarms import Alarm, Way
from safety.alarmwords import AlarmLikeness, classify
from safety.board import BoardNames, BoardOpened, BoardUpdate
from safety.checkins import HomeQuestion
from safety.detentions import DetentionList
from safety.disclosure import (
    Anchor,
    HoldOn,
    NewPlace,
    PlaceShown,
    PlacesOver,
    Release,
    TroubleCard,
)
from safety.escalation import RingAgain
from safety.groups import GroupList
from safety.menu import StrangerSentence
from safety.notices import STAYS, Notice, Say
from safety.people import EventId, Recipient, Role, TeamId
from safety.permissions import Action
from safety.practice import Page
from safety.proposals import ProposalCard
from safety.registration import Decision, PersonCard, SomebodyLeft
from safety.reports import ReportCard
from safety.rollcalls import RollCallNames
from safety.venues import Stage, Venue
from safety.waking import WakeRing
from storage import retention
from storage.moments import to_row
from storage.retention import Forgotten
from storage.transaction import Transaction

LATE = timedelta(seconds=30)  # of the evening

Patch = pytest.MonkeyPatch
Break = Callable[[Patch], None]


def _nothing(*_: object, **__: object) -> None:
    """Do nothing where something was promised."""


def _shows(*kinds: type[Notice], words: Callable[[str], str]) -> Break:
    """Change the words of a notice."""

    def switch(patch: Patch) -> None:
        for kind in kinds:
            patch.setitem(RENDERERS, kind, _changed(RENDERERS[kind], words))

    return switch


def _changed(
    render: Callable[[Showing, Notice], Screen | None], words: Callable[[str], str]
) -> Callable[[Showing, Notice], Screen | None]:
    def changed(showing: Showing, notice: Notice) -> Screen | None:
        screen = render(showing, notice)
        return None if screen is None else replace(screen, text=words(screen.text))

    return changed


def _hides(*kinds: type[Notice]) -> Break:
    """Show nothing where a notice was owed."""

    def switch(patch: Patch) -> None:
        for kind in kinds:
            patch.setitem(RENDERERS, kind, _nothing)

    return switch


def _sets(owner: object, name: str, value: object) -> Break:
    """Put something else in the place of a rule, a duration or a step."""
    return lambda patch: patch.setattr(owner, name, value)


def _forgets_forms(patch: Patch) -> None:
    stop = InProcessRunner.stop

    async def forgetful(self: InProcessRunner) -> None:
        await self.application.database.write(lambda tx: tx.run("DELETE FROM forms"))
        await stop(self)

    patch.setattr(InProcessRunner, "stop", forgetful)


def _tells_all_at_once(patch: Patch) -> None:
    def all_stages(venue: Venue, *_: object) -> tuple[Stage, ...]:
        return venue.stages

    patch.setattr(venues, "open_stages", all_stages)


def _says_whose_link(turn: Turn) -> None:
    turn.tell(Say("outdated-press"))


def _keeps_places(patch: Patch) -> None:
    for kind in (Release, NewPlace, PlaceShown):
        patch.setattr(kind, "stays", STAYS)
    patch.setitem(TIMETABLE, PlacesOver, _nothing)


def _lets_places_go_on(patch: Patch) -> None:
    patch.setattr(PlaceShown, "is_protected", False)
    patch.setattr(Release, "is_protected", False)


def _loses_a_byte(name: str) -> Break:
    """Change one byte of the evidence in a bundle after it was written."""

    def switch(patch: Patch) -> None:
        export = bundles.export_case

        async def careless(*given: object) -> object:
            exported = await export(*given)  # type: ignore[arg-type] # as it came
            out = given[3]
            assert isinstance(out, Path)
            if out.name == name:
                file = next(iter((out / "data" / "evidence").iterdir()))
                content = bytearray(file.read_bytes())
                content[0] ^= 1
                file.write_bytes(content)
            return exported

        patch.setattr(closing, "export_case", careless)

    return switch


def _keeps_the_roster(patch: Patch) -> None:
    patch.setattr(
        retention, "forget_event", lambda *_: Forgotten(0, 0, (), 0, is_epoch_owed=False)
    )


def _writes_everything_down(patch: Patch) -> None:
    handle = Guard.handle

    def indiscreet(self: Guard, work: Work, seq: int, raw: bytes) -> None:
        handle(self, work, seq, raw)
        assert isinstance(work.tx, Transaction)
        place = work.tx.one(tuple[int, str, str], "PRAGMA database_list")
        assert place is not None
        with (Path(place[2]).parent / "debug").open("ab") as debug:
            debug.write(raw)

    patch.setattr(Guard, "handle", indiscreet)


def _rings_all_of_them(
    alarm: Alarm, team: Mapping[TeamId, Role], *_: object, **__: object
) -> frozenset[TeamId]:
    """Ring whoever has the alarm, whatever they have pressed."""
    return escalation.whom_to_ask(alarm, team)


def _one_alone_wakes(patch: Patch) -> None:
    patch.setattr(escalation, "rung_roles", lambda _alarm: frozenset({Role.ORGANIZER}))


def _rings_once(patch: Patch) -> None:
    """Neither the timer nor the auditor, which trusts no timer, rings again."""
    patch.setitem(TIMETABLE, RingAgain, _nothing)
    patch.setattr("coordination.alarms.ring_again", _nothing)


def _no_team_alarm(patch: Patch) -> None:
    allowed = {**permissions.ALLOWED, Action.RAISE_ALARM: frozenset({Role.PARTICIPANT})}
    patch.setattr(permissions, "ALLOWED", allowed)


def _takes_questions_for_cries(patch: Patch) -> None:

    def hasty(text: str) -> AlarmLikeness:
        likeness = classify(text)
        return AlarmLikeness.ALARM if likeness is AlarmLikeness.ASK else likeness

    patch.setattr("handlers.guard.classify", hasty)


def _leaves_the_old_place(patch: Patch) -> None:
    patch.setattr(telling, "place_tag", lambda _venue: "nowhere")
    patch.setattr(NewPlace, "card", _nothing)
    patch.setattr(HoldOn, "card", _nothing)


def _tells_holders_late(patch: Patch) -> None:
    """Let whoever had the old place wait, and everybody else not wait for them."""
    owe = Work.owe

    def late(
        work: Work, recipient: Recipient, notice: Notice, event_id: EventId | None = None
    ) -> None:
        owe(work, recipient, notice, event_id)
        if isinstance(notice, NewPlace):
            sql = "UPDATE outbox SET not_before = ? WHERE kind = ?"
            work.tx.run(sql, to_row(work.now + LATE), NewPlace.__name__)

    patch.setattr(Work, "owe", late)


def _resolves_unheard(patch: Patch) -> None:
    patch.setattr(alarms, "may_resolve", lambda _alarm: True)


def _rings_for_practice(patch: Patch) -> None:
    """Take the practice press for a call."""

    def eager(request: Request, press: Payload) -> str | None:
        assert isinstance(press, PracticePress)
        if press.page is Page.PRESSED:
            raise_alarm(request.turn, Way.BUTTON)
        return practice.press_page(request, press)

    buttons = tuple(
        replace(button, run=eager) if button.kind is PracticePress else button
        for button in TABLE.buttons
    )
    patch.setattr("bot.app.TABLE", replace(TABLE, buttons=buttons))


def _no_numbers(text: str) -> str:
    return re.sub(r"\d", "?", text)


def _first(line: str) -> Callable[[str], str]:
    return lambda text: f"{line}\n{text}"


def _last(line: str) -> Callable[[str], str]:
    return lambda text: f"{text}\n{line}"


FAULTS: Mapping[str, Break] = {
    "owner-once": _sets(menu, "tell_nothing", _says_whose_link),
    "two-for-team": _sets(team, "needs_second_person", lambda *_, **__: False),
    "form-survives": _forgets_forms,
    "wake-test": _shows(WakeRing, words=lambda text: text.replace("\n", " ")),
    "bad-links": _sets(menu, "tell_nothing", _says_whose_link),
    "bound-invitation": _sets(invitations, "note_second_attempt", _nothing),
    "adults": _sets(registration, "erase_person", _nothing),
    "two-words": _shows(PersonCard, words=lambda text: re.sub("<b>.*</b>", "<b>no no</b>", text)),
    "withdrawn": _hides(SomebodyLeft),
    "own-answer": _hides(Decision),
    "practice": _rings_for_practice,
    "two-for-venue": _shows(ProposalCard, words=_last("Шолпан, Айсұлу")),
    "no-early-place": _tells_all_at_once,
    "quiet-lock-screen": _shows(Release, words=_first(scene.OLD_AREA)),
    "place-protected": _lets_places_go_on,
    "late-approval": _sets(approval, "ON_APPROVAL", ()),
    "hold": _sets(venues, "hold", lambda venue, *_: venue),
    "old-place-first": _tells_holders_late,
    "old-place-gone": _leaves_the_old_place,
    "board": _sets(BoardNames, "stays", STAYS),
    "alarm-at-once": _one_alone_wakes,
    "seen-not-promised": _shows(AlarmAnswer, AlarmSeen, words=_last("Help is coming.")),
    "alarm-joins": _takes_questions_for_cries,
    "key-stays": _sets(Anchor, "stays", timedelta(hours=1)),
    "mistake-unverified": _resolves_unheard,
    "ring-again": _sets(escalation, "pause", lambda *_: timedelta(minutes=20)),
    "escalation": _rings_once,
    "handed-on": _sets(escalation, "whom_to_ring", _rings_all_of_them),
    "team-alarm": _no_team_alarm,
    "incident-by-itself": _sets(guard, "record_facts", lambda work: work.facts.clear()),
    "unseen-listed": _shows(GroupList, BoardOpened, BoardUpdate, words=_no_numbers),
    "taken": _sets(detentions, "go_quiet", _nothing),
    "lawyer-knows": _hides(DetentionList),
    "silence-not-safe": _shows(RollCallNames, words=lambda _: "—"),
    "home": _hides(HomeQuestion),
    "report": _hides(ReportCard),
    "places-gone": _keeps_places,
    "bundle": _loses_a_byte("case"),
    "roster-destroyed": _keeps_the_roster,
    "case-outlives": _loses_a_byte("case-later"),
    "same-menu": _sets(introduction, "menu", lambda *_: []),
    "strangers": _shows(StrangerSentence, words=_last("There is an event in Almaty.")),
    "no-traces": _writes_everything_down,
    "official-api": _shows(TroubleCard, words=_last("<blink>!</blink>")),
}
