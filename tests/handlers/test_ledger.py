"""The ledger of a place: a few taps and one text, kept in the place's own record."""

from safety.incidents import Entry, Incident, IncidentKind
from safety.languages import Language
from safety.people import EventId
from safety.records import IncidentType
from storage import disclosure, incidents
from storage.evidence import EVIDENCE
from storage.transaction import Transaction
from tests.handlers.test_disclosure import has_plan
from tests.harness import Someone, World

PROMISE = "The hall is yours until ten, I give my word"
BROKEN = "At three she locked the door and left"


async def _opens(someone: Someone) -> None:
    await someone.writes("/venue")
    await someone.presses("Agreed, promised, refused")


async def _adds(someone: Someone, kind: str, words: str, *answers: str) -> None:
    """Answer the form: what is no label of a button is typed."""
    await someone.presses("Add an entry")
    await someone.presses(kind)
    await someone.writes(words)
    for answer in answers:
        if someone.find_button(answer, someone.screens[-1]):
            await someone.presses(answer, within=someone.screens[-1])
        else:
            await someone.writes(answer)


async def _place(world: World, event_id: EventId) -> Incident:
    """Give the record of the event's only place."""

    def look(tx: Transaction) -> Incident:
        (venue_id,) = disclosure.venues_of(tx, event_id)
        found = incidents.of_subject(tx, event_id, venue_id)
        assert found is not None
        return found

    return await world.look(look)


async def _stated(world: World, incident: Incident) -> list[Entry]:
    found = await world.look(lambda tx: incidents.entries(tx, incident))
    return [one.entry for one in found if one.entry.what == "statement"]


async def test_a_promise_and_what_became_of_it_stand_side_by_side(world: World) -> None:
    """Written down before it is broken, in their words, which leave the chat."""
    team, event = await has_plan(world)
    await _opens(team.organizer)
    team.organizer.sees("Nothing is written down yet.")
    promise = ("Public institution", "Director A.", "20.05", "saw it")
    await _adds(team.organizer, "They promised", PROMISE, *promise)
    shown = team.organizer.sees(PROMISE)
    assert "Public institution, Director A., 2027-05-20" in shown.text
    assert shown.is_protected
    assert not [one for one in team.organizer.chat if not one.is_ours and PROMISE in one.text]
    team.second.sees_nothing_of("Something new")
    await team.organizer.presses("Add an entry")
    await team.organizer.presses("They broke")
    await team.organizer.presses(PROMISE[:20])
    await team.organizer.writes(BROKEN)
    for label in ("Skip", "Today", "was told"):
        await team.organizer.presses(label)
    shown = team.organizer.sees(PROMISE)
    assert f"what happened: {BROKEN}" in shown.text
    place = await _place(world, event.id)
    assert place.kind is IncidentKind.VENUE
    types = [one.detail("type") for one in await _stated(world, place) if one.detail("type")]
    assert types == [IncidentType.VENUE_REFUSAL]
    news = team.second.sees("Something new: number 1.")
    assert "door" not in news.text


async def test_a_refusal_is_a_sign_and_an_officials_word_is_pressure(world: World) -> None:
    """It opens the place's record by itself, and stands on the board."""
    team, event = await has_plan(world)
    await team.second.writes("/threats")
    await _opens(team.organizer)
    await _adds(team.organizer, "They refuse", "We were told to", "Police", "Skip", "Yesterday")
    await team.organizer.presses("was told")
    board = team.second.sees("Signs: 1")
    assert "told 1" in board.text
    assert [label for label in board.labels if "pressure" in label.lower()]
    (typed,) = [
        one for one in await _stated(world, await _place(world, event.id)) if one.detail("type")
    ]
    assert typed.detail("type") == IncidentType.PRESSURE_TO_CANCEL
    assert typed.source == f"organizer-{team.organizer.team_id}"


async def test_a_photo_of_the_contract_joins_the_record(world: World) -> None:
    """By the way every file takes, for an hour, and words as well."""
    team, event = await has_plan(world)
    await _opens(team.organizer)
    await _adds(team.organizer, "A contract", "Room 4, from five", "Venue owner", "Skip", "Skip")
    team.organizer.sees("For an hour")
    await team.organizer.sends_photo("page one")
    place = await _place(world, event.id)
    (file,) = await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))
    assert file.incident_id == place.id
    promised, *_ = [one for one in await _stated(world, place) if one.detail("promised")]
    assert promised.detail("according_to") == "contract"
    assert promised.detail("by") == "venue_owner"
    await team.organizer.writes("/threats")
    team.organizer.sees("No signs of trouble")


async def test_while_locked_entries_are_added_and_not_read(world: World) -> None:
    """Nothing has to be read in order to be added to."""
    team, event = await has_plan(world)
    await _opens(team.organizer)
    await _adds(team.organizer, "They promised", PROMISE, "Skip", "Skip", "Skip")
    await world.locks()
    await team.organizer.presses("Add an entry")
    screen = team.organizer.sees("What is it?")
    await team.organizer.presses("They broke", within=screen)
    await team.organizer.writes(BROKEN)
    for _ in range(3):
        await team.organizer.presses("Skip")
    shown = team.organizer.sees("Entries can be added all the same.")
    assert "What was said is locked now" in shown.text
    team.organizer.sees_nothing_of(PROMISE)
    await world.opens_again()
    texts = [one.detail("text") for one in await _stated(world, await _place(world, event.id))]
    assert BROKEN in texts


async def test_what_cannot_be_a_date_is_asked_again(world: World) -> None:
    """No day is guessed, none that has not come, and nothing that was written is lost."""
    team, event = await has_plan(world)
    await _opens(team.organizer)
    await _adds(team.organizer, "Somebody said", "<b>Cancel it</b> or else", "Skip")
    for typed in ("soon", "31.02.2027", "01.2031"):
        await team.organizer.writes(typed)
        team.organizer.sees("That is no day that has been.")
    await team.organizer.writes("04.2027")
    await team.organizer.presses("Skip")
    team.organizer.sees("2027-04: “<b>Cancel it</b> or else”")
    stated = await _stated(world, await _place(world, event.id))
    (quote,) = [one for one in stated if one.detail("quote")]
    assert (quote.detail("date"), quote.detail("precision")) == ("2027-04", "month")


async def test_nobody_else_reads_or_writes_the_ledger(world: World) -> None:
    """Default denied, for forged buttons as well; an unknown place is out of date."""
    team, event = await has_plan(world)
    (aliya,) = await world.has_participants(event, "Aliya")
    await _opens(team.organizer)
    payloads = [team.organizer.payload_of("Add an entry"), team.organizer.payload_of("Place")]
    venue = payloads[0].split("|")[1]
    for someone in (aliya, team.steward, team.lawyer, team.deputy):
        for payload in (f"ldg|{venue}", payloads[0]):
            await someone.forges(payload)
        someone.sees_nothing_of("What was agreed")
        someone.sees_nothing_of("What is it?")
    for forged in ("ldg|1", "lda|0", "lda|zz|1"):
        await team.organizer.forges(forged)
        team.organizer.is_told("out of date")


async def test_a_second_press_ends_in_one_entry(world: World) -> None:
    """The last answer pressed twice is answered calmly, and written once."""
    team, event = await has_plan(world)
    await _opens(team.organizer)
    await _adds(team.organizer, "Somebody said", "They asked who comes", "Skip", "Skip")
    last = team.organizer.payload_of("saw it")
    await team.organizer.forges(last)
    await team.organizer.forges(last)
    team.organizer.is_told("out of date")
    stated = await _stated(world, await _place(world, event.id))
    assert len([one for one in stated if one.detail("quote")]) == 1


async def test_the_ledger_is_read_in_each_language(world: World) -> None:
    """Question, label and screen."""
    team, _ = await has_plan(world)
    for name, language, ask, kind in (
        ("Madi", Language.KK, "Жазба қосу", "Жазбаша келісімшарт"),
        ("Vera", Language.RU, "Добавить запись", "Договор, письменно"),
    ):
        someone = await world.has_organizer(name, language)
        await someone.writes("/venue")
        await someone.presses(world.texts.plain(language, "button-ledger"))
        await someone.presses(ask)
        assert someone.can_press(kind)
    del team
