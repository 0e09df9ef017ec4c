"""Records of the brief, and a log that holds them: what the tests of the bundle check."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from handlers.texts import Texts
from safety.languages import Language
from safety.records import (
    Actor,
    CaseState,
    CaseStep,
    Certainty,
    Claim,
    Confirmation,
    Correction,
    Custody,
    Evidence,
    EvidenceKind,
    Harm,
    HarmKind,
    IncidentType,
    Link,
    Place,
    Precision,
    Promise,
    Quote,
    Record,
    RecordDate,
    Said,
    Victim,
    VictimRole,
)
from safety.taxonomy import ActorKind, Basis, CountPrecision, LinkKind
from storage.bundle import codec
from storage.bundle.contents import (
    CaseBundle,
    Entry,
    EvidenceStream,
    Log,
    ProvedRecord,
    evidence_file_name,
)
from storage.bundle.writer import write
from storage.vault import digests, prooflog
from storage.vault.keys import Key
from storage.vault.prooflog import Checkpoint, Tree

KEY = Key(bytes(range(32)))
NAME = "log-1"
ORIGIN = "log/0123456789abcdef"
VIDEO = b"\x00\x01video" * 30_000
AT = datetime(2026, 5, 29, 13, 4, tzinfo=UTC)
TEXTS = Texts.load()

HEARD = Said("steward 2", Certainty.REPORTED, AT, Basis.DOCUMENT, "video 17")

CANCELLED = Record(
    id=101,
    types=(IncidentType.VENUE_REFUSAL, IncidentType.PRESSURE_TO_CANCEL),
    claims=(Claim("actors", "the director was promoted later", "press", Certainty.REPORTED),),
    date=RecordDate(Precision.DAY, "2026-05-27"),
    place=Place(city="Shymkent", name="Youth centre"),
    actors=(Actor(ActorKind.PUBLIC_INSTITUTION, description="director of the youth centre"),),
    confirmed_by=(Confirmation("organizer 1", AT),),
)
TAILED = Record(
    id=102,
    types=(IncidentType.TAILING,),
    claims=(Claim("types", "tailing", "organizer 1", Certainty.PRESUMED),),
    date=RecordDate(Precision.MONTH, "2026-05"),
    place=Place(name="Railway station"),
    links=(Link(LinkKind.PART_OF, 103),),
)
ATTACK = Record(
    id=103,
    types=(IncidentType.DISRUPTION, IncidentType.ASSAULT, IncidentType.FAILURE_TO_PROTECT),
    claims=(
        Claim("date", "2026-05-28", "steward 2", Certainty.WITNESSED),
        Claim("date", "2026-05-29", "participant 9", Certainty.WITNESSED),
        Claim("bias", "slur", "video 17", Certainty.WITNESSED),
    ),
    date=RecordDate(Precision.ON_OR_BEFORE, "2026-05-29"),
    place=Place(city="Shymkent", latitude=42.3, longitude=69.6),
    actors=(
        Actor(
            ActorKind.CROWD,
            count=30,
            count_precision=CountPrecision.ABOUT,
            vehicle="<script>alert(1)</script>",
        ),
    ),
    victims=(Victim(VictimRole.PARTICIPANT, count=4, minors=1, reference="P-9"),),
    harm=(Harm(HarmKind.PHYSICAL, description="bruises", treated=False, certificate=True),),
    quotes=(Quote("Сіздерге мұнда орын жоқ", "kk", "a man in a cap", (HEARD,)),),
    promises=(Promise("the back exit", "an official", "led through the front one"),),
    evidence=(
        Evidence(
            id=17,
            kind=EvidenceKind.VIDEO,
            sha256=hashlib.sha256(VIDEO).hexdigest(),
            size=len(VIDEO),
            file=evidence_file_name(17, "VID 2026.MP4"),
            name="../../etc/VID 2026.MP4",
            received_at=AT,
            given_by="P-9",
            custody=(Custody(AT, "received"), Custody(AT, "exported", "organizer 1")),
        ),
        Evidence(id=18, kind=EvidenceKind.WEB_ADDRESS, address="https://video.example/1"),
    ),
    case=(
        CaseStep(CaseState.FILED, "police", "17-5", RecordDate(Precision.DAY, "2026-06-01")),
        CaseStep(
            CaseState.WITHOUT_CONSIDERATION,
            reply="no threats found",
            disagreements=("the reply searched platform A, the evidence is on B",),
        ),
    ),
    confirmed_by=(Confirmation("organizer 1", AT), Confirmation("organizer 2", AT)),
    corrections=(
        Correction(
            *(AT, "organizer 2", "actors", "about 30", "first said 50"),
            was="crowd; 50",
            was_by="steward 2",
        ),
    ),
)
RECORDS = (CANCELLED, TAILED, ATTACK)


@dataclass(slots=True)
class Journal:
    """A proof log that grows as records are kept; each state of a record is a leaf."""

    leaves: list[bytes] = field(default_factory=list)
    entries: dict[int, tuple[Entry, ...]] = field(default_factory=dict)

    def keep(self, record: Record) -> None:
        """Commit to one more state of a record."""
        text, salt = codec.canonical(record), digests.new_salt()
        entry = Entry(len(self.leaves), salt, text)
        self.leaves.append(prooflog.leaf_hash(digests.commitment(salt, text.encode())))
        self.entries[record.id] = (*self.entries.get(record.id, ()), entry)

    def checkpoint(self) -> str:
        """Sign the present state."""
        tree = Tree(self.leaves)
        return prooflog.sign(KEY, NAME, Checkpoint(ORIGIN, tree.size, tree.root(tree.size)))

    def bundle(
        self,
        records: Iterable[Record] = RECORDS,
        earlier: tuple[str, ...] = (),
        language: Language = Language.EN,
    ) -> CaseBundle:
        """Put these records together, with the video that one of them names."""
        proved = tuple(ProvedRecord(record, self.entries[record.id]) for record in records)
        has_video = any(item.file for each in proved for item in each.record.evidence)
        video = EvidenceStream("17.mp4", (VIDEO[:100_000], VIDEO[100_000:]))
        return CaseBundle(
            title="Spring 2026",
            language=language.value,
            made_on=date(2026, 6, 20),
            records=proved,
            evidence=(video,) if has_video else (),
            log=Log(Tree(self.leaves), ORIGIN, KEY, NAME, earlier),
            text=lambda key: TEXTS.plain(language, key),
        )


def journal() -> Journal:
    """Keep the records of the brief, one of them in two states, among others."""
    kept = Journal()
    kept.keep(replace(ATTACK, corrections=(), case=()))
    kept.keep(Record(id=999))
    for record in RECORDS:
        kept.keep(record)
    kept.keep(Record(id=998))
    return kept


def written(directory: Path) -> Path:
    """Write the records of the brief as a bundle below `directory`; give where it is."""
    write(directory / "bundle", journal().bundle())
    return directory / "bundle"
