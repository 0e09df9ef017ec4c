"""Too much from one account: nothing is lost silently, organizers see it, calls go through."""

from datetime import timedelta
from functools import partial

from coordination.turns import Work
from safety.reportdays import MOST_A_DAY, ReportDay
from safety.reportlinks import MOST_A_DAY as MOST_THROUGH_ONE
from safety.reportlinks import ReportLink
from storage import reportlinks, reports
from tests.handlers.test_reportlinks import takes
from tests.harness import World

HOUR = timedelta(hours=1)


async def test_too_much_by_name_is_said_counted_and_never_stops_a_call(world: World) -> None:
    """What is refused stays in the chat with the open question, to be sent again in an hour."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    full = ReportDay(event.id, world.now, MOST_A_DAY)
    await world.change(lambda work: reports.keep_day(work.tx, aliya.chat_id, full))
    await aliya.writes("/report")
    written = await aliya.writes("Two officers came.")
    assert "Calls for help always go through" in aliya.sees("In an hour").text
    assert any(one.message_id == written for one in aliya.chat)
    await aliya.sends_photo()
    await bota.writes("/report")
    await bota.writes("They came to me as well.")
    bota.sees("Kept. Number 1.")
    await team.organizer.writes("/incidents")
    team.organizer.sees("2 reports or files were not taken lately")
    await world.pass_time(HOUR)
    await aliya.writes("/report")
    await aliya.writes("Two officers came.")
    aliya.sees("Kept. Number")
    again = ReportDay(event.id, world.now, MOST_A_DAY)
    await world.change(lambda work: reports.keep_day(work.tx, aliya.chat_id, again))
    await aliya.writes("sos")
    team.organizer.sees("Alarm 1.")
    await aliya.sends_photo()
    aliya.sees("It goes with it.")


def _put(link: ReportLink, work: Work) -> None:
    reportlinks.put(work.tx, link)


async def test_ten_collected_links_stop_no_other_link(world: World) -> None:
    """Whoever uses up what all links of an event have together silences nobody with their own."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    until = event.ends_at + world.policy.report_link_life
    for number in range(1, 11):
        used = ReportLink(number, event.id, until, 10, MOST_THROUGH_ONE, world.now, refused=1)
        await world.change(partial(_put, used))
    await aliya.writes("/privacy")
    token = await takes(aliya)
    nobody = world.person("Nobody")
    await nobody.opens(token)
    await nobody.writes("Two officers came.")
    nobody.sees("Kept. Number 1.")
    for _ in range(7):
        await nobody.writes("And more of it.")
    nobody.sees("That is all that can come through this link in one day.")
    await team.organizer.writes("/incidents")
    team.organizer.sees("11 reports or files were not taken lately")
