"""Somebody is home, and it is more than a forced word: the key and every place leave the phone."""

from coordination.turns import Work
from safety.checkins import HomeNoted
from safety.disclosure import anchor_tag, place_tag
from safety.people import Presence, Recipient
from safety.registration import Situation
from storage import disclosure, routes


def take_key_and_places(work: Work, person: Situation, recipient: Recipient) -> None:
    """Have the key's anchor and all messages with places deleted from this chat."""
    work.remove_tagged(anchor_tag(person.id), recipient.chat_id)
    for venue_id in disclosure.venues_of(work.tx, person.event_id):
        work.remove_tagged(place_tag(venue_id), recipient.chat_id)


def finish(work: Work, person: Situation) -> None:
    """A voice was heard: whoever had said before that they are home needs the key no longer."""
    recipient = routes.of_holder(work.tx, person.id)
    is_over = person.presence is Presence.HOME and not (person.is_unverified or person.needs_help)
    if recipient is not None and is_over:
        take_key_and_places(work, person, recipient)
        work.owe(recipient, HomeNoted(person.event_id), person.event_id)
