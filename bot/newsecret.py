"""Showing a new unlock secret, this once: nothing keeps it, and nobody can ask for it again."""

from bot.printing import say
from storage.vault import words
from storage.vault.errors import MistypedSecretError


def show(secret: str) -> None:
    """Show the words."""
    say("Unlock secret, shown only now. Write it down, and keep it away from this machine:")
    say(f"\n    {secret}\n")


def check_note(secret: str) -> None:
    """Have the words typed from the note, until they are right or nobody wants to."""
    while True:
        try:
            typed = input("Type it from your note, to be sure (or press Enter to skip): ")
            if not typed.strip() or words.parse(typed).words() == secret:
                return
        except EOFError:
            return
        except MistypedSecretError:
            pass
        say("That is not it.")
