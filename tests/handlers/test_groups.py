"""Groups: who left how, heads against names, and whom nobody has seen leave."""

from coordination import groups as use_cases
from coordination.turns import Turn
from safety.facts import FactKind
from safety.groups import GroupKind
from safety.people import Presence
from storage import groups
from tests.handlers.test_checkins import person
from tests.handlers.test_disclosure import HOUR, MINUTE
from tests.harness import Someone, World


async def leaves(steward: Someone, kind: str, plate: str | None, heads: str) -> None:
    """Answer the form of a group that leaves."""
    await steward.presses("Groups")
    await steward.presses("A group leaves")
    await steward.presses(kind)
    if plate is not None:
        await steward.writes(plate)
    await steward.writes(heads)


async def test_three_groups_leave_and_whoever_is_missing_is_listed(world: World) -> None:
    """Heads and names stand side by side; whom nobody saw leave is counted and named on a tap."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    crowd = await world.has_participants(event, "Anna", "Bota", "Clara", "Dina")
    for someone in crowd:
        await someone.writes("/here")
    await team.organizer.writes("/board")
    await leaves(team.organizer, "Bus", "417 KZA 02", "3")
    for name in ("Anna", "Bota"):
        await team.organizer.presses(name)
    assert team.organizer.can_press("✓ Anna")
    await team.organizer.presses("Groups")
    listed = team.organizer.sees("1. Bus, 10:00, 417 KZA 02")
    assert "Heads: 3, names: 2. They do not agree." in listed.text
    assert "Nobody has seen leave: 2" in listed.text
    await team.organizer.presses("Nobody has seen leave", within=listed)
    names = team.organizer.sees("– Clara")
    assert "– Anna" not in names.text
    board = team.organizer.sees("Left with a group: 2")
    assert "Nobody has seen leave: 2" in board.text
    await world.pass_time(MINUTE)
    team.organizer.sees_nothing_of("Clara")
    assert not team.organizer.can_press("Anna")


async def test_a_tap_again_takes_somebody_out(world: World) -> None:
    """A slip of the finger is undone by the same finger."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    anna, _ = await world.has_participants(event, "Anna", "Bota")
    await anna.writes("/here")
    await team.steward.writes("/board")
    await leaves(team.steward, "Minivan", "902", "1")
    await team.steward.presses("Anna")
    assert (await person(world, anna)).presence is Presence.LEFT
    await team.steward.presses("✓ Anna")
    after = await person(world, anna)
    assert (after.presence, after.group_id) == (Presence.HERE, None)


async def test_whoever_was_tapped_by_mistake_is_not_counted_at_the_place(world: World) -> None:
    """They had not come: nobody looks for them there, and nobody believes that they are safe."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    anna, bota = await world.has_participants(event, "Anna", "Bota")
    await bota.writes("/here")
    await team.steward.writes("/board")
    await leaves(team.steward, "Minivan", "902", "1")
    for name in ("Anna", "✓ Anna", "Bota", "✓ Bota", "Anna", "✓ Anna"):
        await team.steward.presses(name)
    assert (await person(world, anna)).presence is Presence.UNANSWERED
    assert (await person(world, bota)).presence is Presence.HERE
    assert "Nobody has seen leave: 1" in team.steward.sees("Here are the numbers.").text


async def test_a_participant_says_how_they_leave_and_joins_the_same_ride(world: World) -> None:
    """The same plate, typed differently, is the same group."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    anna, bota = await world.has_participants(event, "Anna", "Bota")
    for someone, plate in ((anna, "417 kza-02"), (bota, "417KZA02")):
        await someone.writes("/here")
        await someone.presses("In a vehicle")
        await someone.presses("Police car")
        await someone.writes(plate)
        someone.sees("You left with a group.")
    found = await world.look(lambda tx: groups.of_event(tx, event.id))
    assert [one.kind for one in found] == [GroupKind.POLICE_CAR]
    assert (await person(world, anna)).group_id == (await person(world, bota)).group_id
    del team


async def test_a_head_count_can_be_added_later(world: World) -> None:
    """Whoever stands at the door of the bus counts; a wrong answer is explained."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (anna,) = await world.has_participants(event, "Anna")
    await anna.writes("/here")
    await anna.presses("In a vehicle")
    await anna.presses("On foot")
    await team.steward.writes("/board")
    await team.steward.presses("Groups")
    team.steward.sees("Nobody has counted heads.")
    await team.steward.presses("Heads in 1")
    await team.steward.writes("many")
    team.steward.sees("Please write a number")
    await team.steward.writes("1")
    team.steward.sees("Heads: 1, names: 1.")


async def test_what_left_is_stated_as_a_fact_without_names(world: World) -> None:
    """The incident store knows that people were moved, and how."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)

    def start(turn: Turn) -> list[tuple[FactKind, tuple[tuple[str, str], ...]]]:
        use_cases.start_group(turn, event.id, GroupKind.BUS, "417", 12)
        return [(fact.kind, fact.details) for fact in turn.facts]

    facts = await world.do(team.steward, start)
    details = (("number", "1"), ("kind", "bus"), ("plate", "417"), ("heads", "12"))
    assert facts == [(FactKind.GROUP_LEFT, details)]


async def test_nobody_outside_the_field_moves_groups(world: World) -> None:
    """Participants and responders cannot put anybody into a group, by whatever button."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    anna, bota = await world.has_participants(event, "Anna", "Bota")
    await anna.writes("/here")
    await team.steward.writes("/board")
    await leaves(team.steward, "Bus", "417", "1")
    payload = team.steward.payload_of("Anna")
    for someone in (bota, team.lawyer, team.deputy):
        await someone.forges(payload)
    assert (await person(world, anna)).presence is Presence.HERE
