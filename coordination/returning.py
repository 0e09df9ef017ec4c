"""Somebody who had blocked the bot can be written to again, and is told what holds now.

What was owed to them meanwhile was withdrawn. Without this they would go to a place that was
cancelled, or to none, and everybody would believe that they had been told.
"""

from coordination import board, chats
from coordination.turns import Turn
from coordination.whois import find_person
from safety.disclosure import TellAgain


def come_back(turn: Turn) -> None:
    """Note that the actor's chat takes messages, and tell them what holds if it did not before.

    By a timer: what is locked is told as soon as it is opened again.
    """
    if not chats.note_unblocked(turn):
        return
    for one in turn.actor.participations:
        person = find_person(turn, one.person_id)
        if person is not None:
            turn.set_timer(turn.now, TellAgain(person.id), person.event_id)
            board.refresh_for(turn, person)
