"""The buttons that choose a language."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.languages import Language


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ChooseLanguage(Payload):
    """Speak this language to me."""

    code = "lg"

    language: Language
