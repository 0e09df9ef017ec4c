"""What the acts share: who is in the evening, when things happen, and the places of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.rehearsal.cast import Player
from bot.rehearsal.opening import ZONE, Opening
from bot.rehearsal.stage import Stage
from safety.languages import Language

START = datetime(2027, 5, 28, 18, 0, tzinfo=ZONE)  # of the event
END = START + timedelta(hours=3)
TITLE = "Tea and talk"
CITY = "Almaty"
VOICE_NUMBER = "+7 700 123 45 67"

OLD_AREA, OLD_POINT, OLD_ADDRESS = "Near Panfilov park", "The north fountain", "Gogol street 40"
NEW_AREA, NEW_POINT, NEW_ADDRESS = "By Sayran lake", "The boat house", "Tole bi street 287"
OLD_PIN = (43.2590, 76.9540)
NEW_PIN = (43.2401, 76.8603)

VIDEO = b"\x00\x00\x00\x18ftypmp42 a video that was sent while it happened" * 400
VOICE = b"OggS a voice message about a visit" * 50


@dataclass(slots=True)
class Evening:
    """The cast on its stage."""

    stage: Stage
    owner_link: str
    aigul: Player  # organizer
    dana: Player  # the second organizer
    nora: Player  # deputy, abroad
    timur: Player  # steward
    leila: Player  # lawyer
    saule: Player  # medic
    asel: Player  # participants …
    kamila: Player
    madina: Player
    erik: Player
    polina: Player  # withdraws
    tim: Player  # is declined
    dias: Player  # is seventeen
    viktor: Player  # a stranger
    invitations: dict[str, str] = field(default_factory=dict)  # label → link

    @classmethod
    def of(cls, opening: Opening) -> "Evening":
        """Bring everybody on stage, each with a phone in their language."""
        stage = opening.stage
        kk, ru, en = Language.KK, Language.RU, Language.EN
        return cls(
            stage=stage,
            owner_link=opening.owner_link,
            aigul=stage.player(5_100_000_101, "Aigul (organizer)", en),
            dana=stage.player(5_100_000_202, "Dana (organizer)", en),
            nora=stage.player(5_100_000_303, "Nora (deputy)", en),
            timur=stage.player(5_100_000_404, "Timur (steward)", ru),
            leila=stage.player(5_100_000_505, "Leila (lawyer)", ru),
            saule=stage.player(5_100_000_606, "Saule (medic)", kk),
            asel=stage.player(5_100_000_707, "Asel", kk),
            kamila=stage.player(5_100_000_808, "Kamila", kk),
            madina=stage.player(5_100_000_909, "Madina", ru),
            erik=stage.player(5_100_001_010, "Erik", en),
            polina=stage.player(5_100_001_111, "Polina", ru),
            tim=stage.player(5_100_001_212, "Tim", en),
            dias=stage.player(5_100_001_313, "Dias", ru),
            viktor=stage.player(5_100_001_414, "Viktor (stranger)", ru),
        )

    @property
    def team(self) -> tuple[Player, ...]:
        """Give everybody of the team."""
        return (self.aigul, self.dana, self.nora, self.timur, self.leila, self.saule)

    @property
    def woken(self) -> tuple[Player, ...]:
        """Give everybody whom an alarm reaches at once."""
        return (self.aigul, self.dana, self.timur, self.leila, self.saule)

    @property
    def approved(self) -> tuple[Player, ...]:
        """Give the people who are approved before the first stage."""
        return (self.asel, self.kamila, self.madina)

    @property
    def everybody(self) -> tuple[Player, ...]:
        """Give the whole cast."""
        others = (self.erik, self.polina, self.tim, self.dias, self.viktor)
        return (*self.team, *self.approved, *others)
