"""Nobody adds a key in silence: whoever decides reads whose it is, and the words to compare."""

from coordination import keyholders
from safety.people import Role
from storage.vault import identities
from storage.vault.keys import public_half
from tests.harness import World


async def test_who_decides_reads_the_words_of_every_key(world: World) -> None:
    """And nobody else does; the first line says nothing on a lock screen."""
    team = await world.has_team()
    public = public_half(identities.new_identity())
    holder = await world.change(
        lambda work: keyholders.enrol(work, Role.LAWYER, "T<i>mur", public)
    )
    for told in (team.organizer, team.second, team.deputy):
        seen = told.sees("T<i>mur, Lawyer. Cases that are closed or copies")
        assert holder.words in seen.text
        assert seen.text.startswith("Something has changed here.\n\n")
    await world.change(lambda work: keyholders.remove(work, holder))
    team.organizer.sees("A key was removed on the server: T<i>mur, Lawyer.")
    for other in (team.steward, team.lawyer, team.medic):
        other.sees_nothing_of(holder.words)
