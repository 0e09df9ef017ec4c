"""The team comes together: one link for the first organizer, and two people for who decides."""

from bot.rehearsal.acts import attack
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.acts.words import link_in
from bot.rehearsal.cast import Player
from bot.rehearsal.promises import demand
from safety.people import Role


async def play(evening: Evening) -> None:
    """Bring in six people, each by a link of their own."""
    stage, aigul, dana = evening.stage, evening.aigul, evening.dana
    await aigul.opens(evening.owner_link)
    await aigul.reads("team-ask-own-name")
    await aigul.writes("Aigul")
    await aigul.reads("team-welcome")
    with stage.promises.keeping("owner-once"):
        await evening.viktor.opens(evening.owner_link)
        await evening.viktor.reads("not-allowed")
    await dana.opens(await _add(evening, dana, "Dana", Role.ORGANIZER))
    await dana.reads("team-welcome")
    await _add_deputy(evening)
    for player, name, role in (
        (evening.timur, "Timur", Role.STEWARD),
        (evening.leila, "Leila", Role.LAWYER),
        (evening.saule, "Saule", Role.MEDIC),
    ):
        await player.opens(await _add(evening, player, name, role))
        await player.reads("team-welcome")
    await stage.quiet()
    await attack.call_without_an_event(evening)
    with stage.promises.keeping("same-menu"):
        menus = {player.phone.commands_menu for player in (aigul, dana, evening.nora)}
        strangers = evening.viktor.phone.commands_menu
        names = {frozenset(name for name, _ in menu) for menu in (*menus, strangers)}
        same = names == {frozenset(("help", "sos", "report", "privacy"))}
        demand(same, f"the menus differ: {names}")


async def _add(evening: Evening, player: Player, name: str, role: Role) -> str:
    """Have Aigul make a link for somebody whom one person may bring in."""
    aigul = evening.aigul
    await _ask_for(evening, name, role)
    message = await aigul.sees(f"\n{name} (")
    demand(message.kind == "photo", f"{player.name}'s link came without its picture")
    await evening.stage.quiet()
    return link_in(message)


async def _ask_for(evening: Evening, name: str, role: Role) -> None:
    aigul = evening.aigul
    since = aigul.phone.moment
    await aigul.writes("/team")
    await aigul.presses("button-team-add")
    await aigul.reads("team-ask-role", since=since)
    await aigul.presses(f"button-role-{role.value}")
    await aigul.reads("team-ask-name", since=since)
    await aigul.writes(name)


async def _add_deputy(evening: Evening) -> None:
    """From the second organizer on, one alone cannot bring in a deputy."""
    stage, aigul, dana, nora = evening.stage, evening.aigul, evening.dana, evening.nora
    with stage.promises.keeping("two-for-team"):
        await _ask_for(evening, "Nora", Role.DEPUTY)
        await dana.reads("proposal-add")
        await stage.quiet()
        demand(not aigul.shows("\nNora ("), "one organizer alone got a deputy's link")
        await dana.presses("button-proposal-confirm", place="")
        link = link_in(await aigul.sees("\nNora ("))
        await nora.opens(link)
        await nora.reads("team-welcome")
        for decider in (aigul, dana):
            await decider.sees("Nora has joined")
