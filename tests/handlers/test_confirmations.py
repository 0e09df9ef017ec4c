"""What takes two is asked of everybody who can confirm it, in words, and without roster data."""

from coordination.confirmations import CONFIRMED
from handlers.confirmations import DESCRIPTIONS
from handlers.texts import Texts
from safety.proposals import INTENTS
from tests.handlers.test_team import adds
from tests.harness import World


def test_everything_that_can_be_proposed_is_described_and_carried_out() -> None:
    """No proposal can be made that nobody can read, or that a yes would not carry out."""
    assert set(DESCRIPTIONS) == set(CONFIRMED) == set(INTENTS.values())
    Texts.load().require(key for key, _ in DESCRIPTIONS.values())


async def test_a_proposals_card_follows_what_becomes_of_it(world: World) -> None:
    """One card for each of those who decide, edited in place, with buttons only while open."""
    team = await world.has_team()
    await adds(team.organizer, "Deputy", "Zhanar")
    card = team.deputy.sees("Something waits for a second person")
    assert card.text.startswith("Something waits for a second person.\n")
    mine = team.organizer.sees("Something waits for a second person")
    assert mine.labels == ["Take it back"]
    await team.deputy.presses("Confirm")
    changed = team.deputy.find_message(card.message_id)
    assert changed is not None
    assert changed.text.startswith("Confirmed.")
    assert changed.labels == []


async def test_ones_own_proposal_can_be_taken_back(world: World) -> None:
    """Whoever has proposed by mistake needs nobody to undo it."""
    team = await world.has_team()
    await adds(team.organizer, "Deputy", "Zhanar")
    stale = team.deputy.payload_of("Confirm")
    await team.organizer.presses("Take it back")
    team.deputy.sees("Declined.")
    await team.deputy.forges(stale)
    team.deputy.is_told("out of date")


async def test_a_proposal_is_carried_out_once(world: World) -> None:
    """Two quick yeses from two phones do it one time."""
    team = await world.has_team()
    await adds(team.organizer, "Deputy", "Zhanar")
    yes = team.deputy.payload_of("Confirm")
    await team.second.presses("Confirm")
    await team.deputy.forges(yes)
    team.deputy.is_told("out of date")
    links = [seen for seen in team.organizer.screens if "https://t.me/" in seen.text]
    assert len(links) == 1
