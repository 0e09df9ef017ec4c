"""What a card calls somebody: by name, or by a number while the roster is locked."""

from handlers.context import Showing
from safety.registration import Person, Situation


def name_of(showing: Showing, person: Situation) -> str:
    """Give a participant's name, or the number that stands for it."""
    if isinstance(person, Person):
        return person.name
    return showing.plain("person-number", number=person.number)


def name_line(showing: Showing, person: Situation) -> str:
    """Give the line of a card that says who it is, or that the name is locked."""
    if isinstance(person, Person):
        return showing.say("alarm-details-name", name=person.name)
    return showing.say("person-locked", number=person.number)
