"""A complaint comes out of an export as it went in: each step, what proves it, what disagrees."""

from datetime import timedelta
from pathlib import Path

from storage.vault import verifier
from tests.bot.test_bundles import exports, records_of, stores
from tests.handlers.test_complaints import PAGE, REPLY, answered, begun, disagrees, registered
from tests.harness import World


async def test_a_complaint_is_exported_verified_and_read_back(
    world: World, tmp_path: Path
) -> None:
    """Without loss and without invention; the dossier names what disagrees, in its language."""
    team, _ = await begun(world, lambda: stores(world, tmp_path))
    await registered(team.lawyer)
    await world.pass_time(timedelta(days=42))
    await answered(team.lawyer)
    await stores(world, tmp_path)
    await disagrees(team.lawyer)
    out = tmp_path / "bundle"
    assert (await exports(world, tmp_path, "Evening of tea", out)).damaged == ()
    assert verifier.verify(out) == ()
    (record,) = records_of(out)
    filed, noted, archived = record["case"]
    assert filed == {
        "state": "filed",
        "authority": "police, City department",
        "date": {"precision": "day", "value": "2027-05-26"},
        "deadline": {"precision": "day", "value": "2027-06-25"},
        "handed_over": [1],
    }
    assert noted["number"] == "KUI-123"
    assert "deadline" not in noted
    assert archived["reply"] == f"“{REPLY}”"
    assert archived["disagreements"] == [
        f"reply: searched_a_platform (Facebook); evidence: {PAGE}; shows: another_platform",
        "reply: no_threats_found; evidence: 1; shows: threats",
    ]
    video, reply = record["evidence"][:2]
    assert "handed over to an authority" in {step["what"] for step in video["custody"]}
    assert reply["kind"] == "official_reply"
    page = (out / "data" / "dossier.html").read_text(encoding="utf-8")
    for part in ("проверили площадку (Facebook)", PAGE, "угроз не найдено ↔ 1: угрозы", REPLY):
        assert part in page
