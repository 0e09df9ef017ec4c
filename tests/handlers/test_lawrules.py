"""The card of rights: the lawyer's words in three languages, else a text that says so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from safety.disclosure import TroubleCard
from safety.languages import Language
from safety.lawrules import UNFILLED, LawRules, LawText
from tests.harness import World

RIGHTS = {Language.EN: "Say <your> name.", Language.RU: "Имя.", Language.KK: "Атыңыз."}
CALL = {Language.EN: "Call 111.", Language.RU: "Звоните 111.", Language.KK: "111-ге."}
WRITTEN: LawRules = replace(UNFILLED, texts={LawText.RIGHTS: RIGHTS, LawText.CALL: CALL})
BUTTON = {Language.EN: "If I am held", Language.RU: "Если задержали", Language.KK: "Ұсталсам"}


@pytest.mark.parametrize("language", list(Language))
async def test_the_card_of_rights_is_there_in_each_language_from_help_and_with_the_first_stage(
    world: World, language: Language
) -> None:
    """One tap in /help; under the card of the first stage as soon as the lawyer has written it."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", language)
    await aliya.writes("/help")
    await aliya.presses(BUTTON[language])
    unwritten = aliya.screens[-1]
    lines = unwritten.text.splitlines()
    assert len(lines) == 5
    assert "111" not in unwritten.text
    await world.change(lambda work: work.owe(aliya.recipient, TroubleCard(event.id), event.id))
    before = aliya.screens[-1].text
    world.policy = replace(world.policy, law=WRITTEN)
    await world.change(lambda work: work.owe(aliya.recipient, TroubleCard(event.id), event.id))
    assert aliya.screens[-1].text == f"{before}\n\n{RIGHTS[language]}\n\n{CALL[language]}"
    await aliya.presses(BUTTON[language], within=aliya.screens[-1])
    await aliya.writes("/rights")
    shown = [seen.text for seen in aliya.screens if seen.text.startswith(lines[0])]
    assert shown.count(f"{lines[0]}\n\n{RIGHTS[language]}\n\n{CALL[language]}") == 1
    assert "sos" in before  # the card itself stays


async def test_no_rights_go_to_a_phone_that_is_quiet_or_to_a_stranger(world: World) -> None:
    """Whoever holds the phone of somebody who is held learns nothing; nor does a stranger."""
    world.policy = replace(world.policy, law=WRITTEN)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/help")
    payload = aliya.payload_of("If I am held")
    await aliya.writes("/taken")
    await aliya.forges(payload)
    await aliya.writes("/rights")
    await world.pass_time(timedelta())
    assert aliya.chat == []
    miras = world.person("Miras")
    await miras.forges(payload)
    await miras.writes("/rights")
    assert not miras.shows("Call 111")
