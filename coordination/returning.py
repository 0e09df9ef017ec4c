"""Somebody who had blocked the bot, or was held, can be written to again: they learn what holds.

What was owed to them meanwhile was withdrawn, or never owed. Without this they would go to a place
that was cancelled, or to none, and everybody would believe that they had been told.
"""

from coordination import board, chats, telling
from coordination.turns import Turn, Work
from coordination.whois import find_person
from safety.disclosure import TellAgain
from safety.registration import Situation
from storage import disclosure


def come_back(turn: Turn) -> None:
    """Note that the actor's chat takes messages, and tell them what holds if it did not before."""
    if not chats.note_unblocked(turn):
        return
    for one in turn.actor.participations:
        person = find_person(turn, one.person_id)
        if person is not None:
            tell_what_holds(turn, person)
            board.refresh_for(turn, person)


def tell_what_holds(work: Work, person: Situation) -> None:
    """Tell what holds; what is locked, as soon as it is opened again."""
    again = TellAgain(person.id)
    if disclosure.is_readable(work.tx, person.event_id):
        telling.tell_again(work, again)
    else:
        work.set_timer(work.now, again, person.event_id)
