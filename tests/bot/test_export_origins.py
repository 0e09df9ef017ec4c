"""Where forwarded words were first said: sealed with them, and named to the lawyer alone."""

from datetime import timedelta
from pathlib import Path

from bot.rehearsal.botapi import origins
from bot.rehearsal.botapi.shapes import JsonObject
from safety.exporting import ExportLevel, Terms
from safety.origins import BY, KIND
from safety.registration import Consent
from storage import incidents
from storage.vault import verifier
from tests.bot.test_bundles import consents, everything, records_of, stores
from tests.bot.test_export_levels import exports
from tests.handlers.test_incoming import PERSON, _read
from tests.handlers.test_reportlinks import takes
from tests.harness import World, a_file
from tests.recorded import incidents_at, said_of

CHANNEL: JsonObject = {
    "id": -1001234,
    "type": "channel",
    "title": "City news",
    "username": "citynews",
}
HIDDEN, SIGNED = "Colonel Zhanat-the-hidden", "Editor Marat-who-signs"


async def test_the_origin_of_what_is_forwarded_reaches_the_lawyer_whole(
    world: World, tmp_path: Path
) -> None:
    """A threat that was passed on, with who said it, when and where; others read no name."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    assert aliya.person_id is not None
    await consents(world, aliya.person_id, Consent.NAME_ME)
    before = world.now - timedelta(days=2)
    posted = origins.from_channel(before, CHANNEL, 77, SIGNED)
    friend: JsonObject = {
        "id": bota.chat_id,
        "is_bot": False,
        "first_name": "Bota-by-her-real-name",
    }
    await aliya.writes("/report")
    await aliya.sends_content({"text": "Come on the 28th.", "forward_origin": posted})
    hidden = origins.from_hidden_user(before, HIDDEN)
    photo = [{**a_file("photo"), "width": 90, "height": 90}]
    await aliya.sends_content({"photo": photo, "forward_origin": hidden})
    known = origins.from_user(before, friend)
    await aliya.sends_content({"text": "I saw it as well.", "forward_origin": known})
    await stores(world, tmp_path)
    await team.organizer.presses("Show")
    shown = team.organizer.sees("Come on the 28th.; forwarded from a channel").text
    assert f"{SIGNED}; City news (@citynews, -1001234)" in shown
    assert "I saw it as well.; forwarded from a person; a participant" in shown
    await team.organizer.presses("Confirm that it happened")
    for name, terms in (
        ("lawyer", Terms()),
        ("confidential", Terms(ExportLevel.CONFIDENTIAL)),
        ("public", Terms(ExportLevel.PUBLIC)),
    ):
        assert await exports(world, tmp_path, tmp_path / name, terms) == 1
        assert verifier.verify(tmp_path / name) == ()
    (record,) = records_of(tmp_path / "lawyer")
    said = {one["value"]: one["forwarded"] for one in record["claims"] if "forwarded" in one}
    assert said["Come on the 28th."] == {
        "kind": "channel",
        "at": "2027-05-24T10:00:00+05:00",
        "by": SIGNED,
        "where": "City news (@citynews, -1001234)",
        "address": "https://t.me/citynews/77",
    }
    assert said["I saw it as well."]["by"].endswith(str(bota.person_id)[-4:])
    assert {one.get("address") for one in record["evidence"]} >= {"https://t.me/citynews/77"}
    assert record["evidence"][0]["forwarded"]["by"] == HIDDEN
    whole = everything(tmp_path / "lawyer")
    assert b"Bota-by-her-real-name" not in whole
    for level, is_told in (("confidential", True), ("public", False)):
        written = everything(tmp_path / level)
        for name in (HIDDEN, SIGNED, "Bota-by"):
            assert name.encode() not in written
        assert (b"City news" in written) is is_told


async def test_no_account_passes_for_somebody_of_ours_by_its_name(world: World) -> None:
    """Whoever calls themselves, or signs, like a reference has said it, and nobody else."""
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    named = f"person-{bota.person_id}"
    await aliya.writes("/report")
    for forged in (
        origins.from_hidden_user(world.now, named),
        origins.from_channel(world.now, CHANNEL, 77, named),
    ):
        await aliya.sends_content({"text": "We know where you meet.", "forward_origin": forged})
    (incident,) = await incidents_at(world, event.id)
    found = [one.detail(BY) for one in await said_of(world, incident) if one.detail(KIND)]
    assert found == [f"“{named}”", f"“{named}”"]


async def test_whoever_forwards_their_own_words_through_a_link_says_no_name(world: World) -> None:
    """From the notes to oneself: the service tells whose they are, and nobody keeps that."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    reporter = world.person("Real-name-of-nobody")
    await reporter.opens(token)
    own = origins.from_user(world.now, {"id": reporter.chat_id, "first_name": reporter.name})
    await reporter.sends_content({"text": "Two men came.", "forward_origin": own})
    (incident,) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    stored = await world.look(lambda tx: incidents.entries(tx, incident))
    (told,) = (one.entry for one in stored if one.entry.detail("text") == "Two men came.")
    assert "forwarded" not in dict(told.details)


def test_a_hidden_name_that_is_the_senders_own_is_known_as_theirs() -> None:
    """Whoever hides their account from forwards is called there as in the chat."""
    hidden = {"type": "hidden_user", "date": 1_800_000_000, "sender_user_name": "A"}
    found = _read(text="x", forward_origin=hidden)
    assert found.origin is not None
    assert found.origin.user_id == PERSON["id"]
    other = _read(text="x", forward_origin={**hidden, "sender_user_name": "B"})
    assert other.origin is not None
    assert (other.origin.user_id, other.origin.by) == (None, "B")
