"""Choosing a language: each is offered in its own words, so that nobody has to read another."""

from coordination import language
from handlers.buttons import pack
from handlers.buttons.language import ChooseLanguage
from handlers.context import Request, Showing
from handlers.screens import Press, Screen
from safety.language import LanguageChoice


def offer(request: Request) -> None:
    """Offer the languages."""
    request.turn.reply(LanguageChoice())


def choose(request: Request, press: ChooseLanguage) -> str | None:
    """Speak this language from now on."""
    if press.language not in request.turn.policy.languages:
        return "outdated-press"
    language.choose_language(request.turn, press.language)
    return "saved"


def render_choice(showing: Showing, _notice: LanguageChoice) -> Screen | None:
    """Show a button for each configured language."""
    rows = tuple(
        (Press(showing.texts.plain(one, "language-name"), pack(ChooseLanguage(one))),)
        for one in showing.work.policy.languages
    )
    return Screen(showing.say("language-title"), rows)
