"""Who somebody is: found anew for each update, from what is stored at that moment alone."""

from dataclasses import replace

import pytest

from coordination.actors import find_actor
from safety.languages import Language
from safety.people import Actor, ChatId, Role
from safety.team import TeamState
from storage import routes
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from tests.harness import Someone, World


async def _actor(world: World, someone: Someone, language_code: str | None = "en") -> Actor:
    return await world.look(
        lambda tx: find_actor(tx, world.policy, someone.chat_id, language_code)
    )


async def test_somebody_unknown_is_a_stranger_in_their_own_language(world: World) -> None:
    """If we speak it; else in the team's."""
    nobody = world.person("Nobody")
    assert (await _actor(world, nobody)).roles == {Role.STRANGER}
    assert (await _actor(world, nobody, "kk")).recipient.language is Language.KK
    assert (await _actor(world, nobody, "de")).recipient.language is Language.RU
    assert (await _actor(world, nobody, None)).recipient.language is Language.RU


async def test_a_stored_language_is_kept_whatever_the_phone_says(world: World) -> None:
    """People choose it once."""
    aigul = await world.has_organizer("Aigul", Language.KK)
    assert (await _actor(world, aigul, "en")).recipient.language is Language.KK


async def test_somebody_of_the_team_can_be_a_participant_too(world: World) -> None:
    """Both roles at once, and neither hides the other."""
    event = await world.has_event()
    saule = await world.has_team_person("Saule", Role.STEWARD)
    await world.has_participant(event, "Saule")
    actor = await _actor(world, saule)
    assert actor.roles == {Role.STEWARD, Role.PARTICIPANT}
    assert [one.event_id for one in actor.participations] == [event.id]


@pytest.mark.parametrize("state", [state for state in TeamState if state is not TeamState.ACTIVE])
async def test_only_an_active_account_has_its_role(world: World, state: TeamState) -> None:
    """Proposed, invited, frozen, gone: each is nobody of the team."""
    aigul = await world.has_organizer()

    def change(tx: Transaction) -> None:
        assert aigul.team_id is not None
        person = TEAM.get(tx, aigul.team_id)
        assert person is not None
        TEAM.put(tx, replace(person, state=state))

    await world.change(lambda work: change(work.tx))
    actor = await _actor(world, aigul)
    assert actor.roles == {Role.STRANGER}
    assert actor.team_id is None


async def test_a_route_to_nobody_makes_nobody(world: World) -> None:
    """A place whose holder is gone from the team gives no role."""
    nobody = world.person("Nobody")
    await world.change(lambda work: routes.put(work.tx, None, 12345, nobody.recipient))
    assert (await _actor(world, nobody)).roles == {Role.STRANGER}


async def test_after_a_purge_a_participant_is_a_stranger(world: World) -> None:
    """The index of an event that is gone finds nobody."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Guest")
    assert (await _actor(world, dana)).roles == {Role.PARTICIPANT}
    await world.change(lambda work: work.tx.destroy_keys(event.id, KeyKind.ROUTING))
    assert (await _actor(world, dana)).roles == {Role.STRANGER}


async def test_an_actor_prints_nothing(world: World) -> None:
    """It may stand in a log by accident."""
    aigul = await world.has_organizer()
    actor = await _actor(world, aigul)
    assert repr(actor) == "<Actor>"
    assert str(ChatId(aigul.chat_id)) not in repr(actor.recipient)


async def test_a_frozen_account_has_no_role_at_an_event_either(world: World) -> None:
    """It is in wrong hands, and what a participant sees is meant for its owner alone."""
    event = await world.has_event()
    saule = await world.has_team_person("Saule", Role.STEWARD)
    await world.has_participant(event, "Saule")

    def freeze(tx: Transaction) -> None:
        assert saule.team_id is not None
        person = TEAM.get(tx, saule.team_id)
        assert person is not None
        TEAM.put(tx, replace(person, state=TeamState.FROZEN))

    await world.change(lambda work: freeze(work.tx))
    actor = await _actor(world, saule)
    assert actor.participations == ()
    assert actor.roles == {Role.STRANGER}
