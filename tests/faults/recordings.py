"""What people record around the evening, in words that must stand nowhere.

The evening is a story; these two acts press what it leaves out: a promise, another address, an
injury, a report by a link, a statement, a complaint and its answer, an envelope; then the case and
a backup leave, sealed. Whoever looks for traces finds here what to look for.
"""

import re
from datetime import datetime
from functools import partial

from bot.backup import Wanted, make_visiting
from bot.bundles import export_case
from bot.rehearsal.acts.scene import TITLE, Evening
from bot.rehearsal.cast import Player
from bot.unlocking import open_keys
from coordination import keyholders
from coordination.turns import Work
from safety.people import Role
from safety.policy import Policy
from storage.backups import About
from storage.database import Database
from storage.transaction import Transaction
from storage.vault.keys import Key, new_case_pair

PROMISE, DIRECTOR = "The velvet hall is yours until ten", "Director Zhanar Quillfeather"
MAIL = "perizat.hollyhock@example.org"
HURT, REPORTED = "my left arm on the second day", "Two of them waited by the lilac gate"
PAPER, PAPER_NAME = b"%PDF-1.7 what the officers left behind" * 30, "lilac-gate.pdf"
PHOTO = b"\xff\xd8\xff\xe0 a photo of an arm on the second day" * 30
QUOTE, SPEAKER = "Сендерге мұнда орын жоқ болады", "a man in a marigold cap"
DEPARTMENT, NUMBER = "Second department on Plum street", "KUI-4417-Q"
NETWORK, GIST, REPLY = "Marigoldbook", "they looked at another network", "Угроз не выявлено нигде"
ENVELOPE = "Real name: Perizat Hollyhock, I mandate my lawyer"
WORDS = (
    *(PROMISE, DIRECTOR, MAIL, HURT, REPORTED, PAPER_NAME, QUOTE, SPEAKER, DEPARTMENT, NUMBER),
    *(NETWORK, GIST, REPLY, ENVELOPE),
)
CONTENTS = (PAPER[:32], PHOTO[:32])
_LINK = re.compile(r"https://\S+start=[A-Za-z0-9_-]+")


async def before(evening: Evening) -> None:
    """Write down what a place has promised, and give another way to be woken."""
    await _answers(evening.aigul, "/venue", "button-ledger", "button-ledger-add")
    await _answers(evening.aigul, "ledger-kind-promise", f">{PROMISE}")
    await _answers(evening.aigul, "dossier-actor-venue-owner", f">{DIRECTOR}")
    await _answers(evening.aigul, "report-when-today", "dossier-basis-saw")
    await evening.aigul.sees(PROMISE)
    await _answers(
        evening.timur, "/help", "button-page-self", "second-button", "second-button-give"
    )
    await _answers(evening.timur, f">{MAIL}")
    await evening.timur.reads("second-have-mail")


async def after(evening: Evening) -> None:
    """Days later: hurt, visited, complained of, answered; what leaves the machine is sealed."""
    await _enrol_keys(evening)
    await _is_hurt(evening.asel)
    await _reports_by_link(evening)
    await _states(evening.aigul)
    await _complains(evening.leila)
    await _answers(evening.asel, "/privacy", "button-envelope-leave", f">{ENVELOPE}")
    await evening.asel.reads("envelope-left")
    await _leave_the_machine(evening)


async def _answers(player: Player, *steps: str) -> None:
    """Write what begins with `/` or, after it, with `>`; press the button of every other text."""
    for step in steps:
        if step[0] in "/>":
            await player.pauses()
            await player.writes(step.removeprefix(">"))
        else:
            await player.presses(step)


async def _is_hurt(asel: Player) -> None:
    await _answers(asel, "/help", "button-hurt")
    await asel.pauses()
    await asel.phone.sends_photo(PHOTO, caption=HURT)
    await _answers(asel, "button-done", "injury-hurt-bone", "injury-remind-yes")
    await _answers(asel, "injury-treated-clinic", "injury-examined-yes", "injury-certificate-no")


async def _reports_by_link(evening: Evening) -> None:
    """Asel takes a link; somebody who was erased days ago reports through it."""
    asel, polina = evening.asel, evening.polina
    await _answers(asel, "/privacy", "button-report-link")
    given = await asel.reads("report-link-given")
    found = _LINK.search(given.text)
    assert found is not None
    evening.invitations["for later"] = found[0]
    await polina.opens(found[0])
    await _answers(polina, f">{REPORTED}", "report-quick-other")
    await polina.phone.sends_document(PAPER, PAPER_NAME)
    await polina.reads("evidence-kept")
    await _answers(polina, "button-done")


async def _states(aigul: Player) -> None:
    await aigul.writes("/incidents")
    listed = await aigul.reads("incidents-title")
    kind = aigul.label("incident-kind-report")
    await aigul.taps(next(label for label in listed.labels if kind in label))
    await _answers(aigul, "button-questions", "button-questions-more", "statement-topic-quote")
    await _answers(aigul, f">{QUOTE}", ">kk", f">{SPEAKER}", "statement-basis-saw")


async def _complains(leila: Player) -> None:
    await _answers(leila, "/case", "button-complaints", "button-complaint-new")
    asked = await leila.reads("complaint-ask-about")
    await leila.taps(next(label for label in asked.labels if label.startswith("? ")))
    await _answers(leila, "dossier-actor-police", f">{DEPARTMENT}", "report-when-today")
    await _answers(leila, f">{NUMBER}", "button-complaint-replied", "dossier-state-archived")
    await _answers(leila, "report-when-today", "complaint-says-searched-a-platform")
    await _answers(leila, "button-done", f">{NETWORK}", f">{GIST}", f">{REPLY}", "button-skip")
    await leila.sees(REPLY)


async def _enrol_keys(evening: Evening) -> None:
    """Do as `aman keys add` does, for a lawyer and an organizer."""
    config, now = evening.stage.config, evening.stage.clock.now()
    with open_keys(config, to_write=False) as slots:
        async with Database(config.database_path, slots, is_guest=True) as database:
            for role in (Role.LAWYER, Role.ORGANIZER):
                holder = role, role.value, new_case_pair().public
                await database.write(partial(_enrol, config.policy, now, holder))


def _enrol(policy: Policy, now: datetime, holder: tuple[Role, str, Key], tx: Transaction) -> None:
    keyholders.enrol(Work(tx, now, policy), *holder)


async def _leave_the_machine(evening: Evening) -> None:
    """Give the case and a backup out, as the commands do."""
    stage = evening.stage
    await stage.quiet()
    config, now = stage.config, stage.clock.now()
    with open_keys(config, to_write=False) as slots:
        out = stage.outside / "sealed-case"
        await export_case(config, slots, TITLE, out, now, is_sealed=True)
        wanted = Wanted(About(now, config.settings), stage.outside / "backup", has_evidence=True)
        await make_visiting(config, slots, wanted)
