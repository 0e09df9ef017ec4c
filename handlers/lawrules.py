"""The card of rights, and whom to call: the lawyer's words, else a text that says so."""

from handlers.context import Request, Showing
from handlers.screens import Screen
from safety.lawrules import LawText, RightsCard, Words


def show_rights(request: Request) -> None:
    """Show the card of rights at the bottom; what was pressed for it stays where it is."""
    request.turn.tell(RightsCard())


def render_rights(showing: Showing, _notice: RightsCard) -> Screen | None:
    """Show rights and whom to call, in the reader's language."""
    lines = [
        showing.say("rights-first"),
        text(showing, LawText.RIGHTS, "rights-unwritten"),
        text(showing, LawText.CALL, "rights-call-unwritten"),
    ]
    return Screen("\n\n".join(lines))


def added_to(showing: Showing, card: str) -> str:
    """Put what the lawyer has written under the card that comes with the first stage."""
    law = showing.work.policy.law
    written = [law.text(name, showing.language) for name in (LawText.RIGHTS, LawText.CALL)]
    texts = [showing.say("law-words", words=one) for one in written if one]
    return "\n\n".join((card, *texts))


def text(showing: Showing, name: LawText, unwritten: str) -> str:
    """Give one of the lawyer's texts; `unwritten` is the key of what stands there without it."""
    return words(showing, showing.work.policy.law.texts.get(name, {}), unwritten)


def words(showing: Showing, said: Words, unwritten: str) -> str:
    """Give words of the lawyer's in the reader's language, else the text of that key."""
    found = said.get(showing.language)
    return showing.say("law-words", words=found) if found else showing.say(unwritten)
