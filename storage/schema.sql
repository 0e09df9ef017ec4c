-- The whole database as it is now, for reading: every table with its indexes, by name.
-- The numbered files in migrations/ make it; tests/storage/test_migrate.py proves that both are equal.

CREATE TABLE alarms (
    id INTEGER PRIMARY KEY,
    event_id INTEGER,
    number INTEGER NOT NULL UNIQUE,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX alarms_by_event ON alarms (event_id, state);

CREATE TABLE checkins (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL
);
CREATE INDEX checkins_by_person ON checkins (person_id, seq);

CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL,
    at INTEGER NOT NULL
);

CREATE TABLE closed_cases (
    id INTEGER PRIMARY KEY,
    closed_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE complaints (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX complaints_by_incident ON complaints (incident_id);

CREATE TABLE detentions (
    id INTEGER PRIMARY KEY,
    event_id INTEGER,
    person_id INTEGER,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX detentions_by_event ON detentions (event_id, state);

CREATE TABLE disclosures (
    venue_id INTEGER NOT NULL,
    stage TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    shown_at INTEGER,
    confirmed_at INTEGER,
    PRIMARY KEY (venue_id, stage, person_id)
) WITHOUT ROWID;
CREATE INDEX disclosures_by_event ON disclosures (event_id, person_id);

CREATE TABLE envelopes (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX envelopes_by_event ON envelopes (event_id);
CREATE INDEX envelopes_by_person ON envelopes (person_id);

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    event_id INTEGER,
    incident_id INTEGER NOT NULL,
    number INTEGER NOT NULL UNIQUE,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX evidence_by_incident ON evidence (incident_id);
CREATE INDEX evidence_owed ON evidence (state);

CREATE TABLE evidence_files (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL
);

CREATE TABLE forms (
    chat BLOB PRIMARY KEY,
    id INTEGER NOT NULL,
    event_id INTEGER,
    sealed BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE identities_owed (
    incident_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    PRIMARY KEY (incident_id, person_id)
) WITHOUT ROWID;

CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    update_id INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    chat BLOB,
    urgent INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sealed BLOB
);
CREATE INDEX inbox_by_age ON inbox (received_at) WHERE state <> 'waiting';
CREATE INDEX inbox_by_update ON inbox (update_id);
CREATE INDEX inbox_set_aside ON inbox (chat) WHERE state = 'quarantined';
CREATE INDEX inbox_waiting ON inbox (urgent DESC, seq) WHERE state = 'waiting';

CREATE TABLE incident_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL,
    event_id INTEGER,
    leaf INTEGER NOT NULL,
    person_id INTEGER,
    sealed BLOB NOT NULL,
    addition BLOB
);
CREATE UNIQUE INDEX incident_entries_by_addition ON incident_entries (addition) WHERE addition IS NOT NULL;
CREATE INDEX incident_entries_by_incident ON incident_entries (incident_id, id);
CREATE INDEX incident_entries_by_person ON incident_entries (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    event_id INTEGER,
    number INTEGER NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject_id INTEGER,
    state TEXT NOT NULL,
    opened_at INTEGER NOT NULL
);
CREATE INDEX incidents_by_event ON incidents (event_id, kind, subject_id);

CREATE TABLE injuries (
    id INTEGER PRIMARY KEY,
    event_id INTEGER,
    person_id INTEGER,
    sealed BLOB NOT NULL
);
CREATE INDEX injuries_by_event ON injuries (event_id);
CREATE INDEX injuries_by_person ON injuries (person_id);

CREATE TABLE invitations (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    inviter_id INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX invitations_by_event ON invitations (event_id, state);

CREATE TABLE kept_keys (
    kind TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (kind, event_id)
) WITHOUT ROWID;

CREATE TABLE key_destructions (
    kind TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (kind, event_id)
) WITHOUT ROWID;

CREATE TABLE key_replacements (
    kind TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    version INTEGER,
    place INTEGER NOT NULL,
    after INTEGER NOT NULL,
    PRIMARY KEY (kind, event_id)
) WITHOUT ROWID;

CREATE TABLE keyholders (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat BLOB NOT NULL,
    event_id INTEGER,
    card TEXT,
    tag TEXT,
    incoming INTEGER NOT NULL,
    delete_at INTEGER,
    sealed BLOB NOT NULL
);
CREATE INDEX messages_by_card ON messages (card) WHERE card IS NOT NULL;
CREATE INDEX messages_by_chat ON messages (chat, card);
CREATE INDEX messages_by_tag ON messages (tag) WHERE tag IS NOT NULL;
CREATE INDEX messages_due ON messages (delete_at) WHERE delete_at IS NOT NULL;

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE open_reports (
    chat BLOB PRIMARY KEY,
    report_id INTEGER NOT NULL UNIQUE,
    incident_id INTEGER NOT NULL,
    event_id INTEGER,
    question TEXT NOT NULL,
    chosen TEXT,
    until INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat BLOB NOT NULL,
    event_id INTEGER,
    lane INTEGER NOT NULL,
    kind TEXT NOT NULL,
    card TEXT,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL,
    owed_at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    channel TEXT NOT NULL DEFAULT 'chat'
);
CREATE INDEX outbox_by_card ON outbox (chat, card) WHERE card IS NOT NULL;
CREATE INDEX outbox_by_event ON outbox (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX outbox_by_kind ON outbox (state, kind, id);
CREATE INDEX outbox_by_moment ON outbox (state, not_before);
CREATE INDEX outbox_owed ON outbox (state, lane, id);
CREATE INDEX outbox_second ON outbox (state, lane, id) WHERE channel = 'second';

CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    standing TEXT NOT NULL,
    presence TEXT NOT NULL,
    group_id INTEGER,
    sealed BLOB NOT NULL,
    invitation_id INTEGER,
    last_seen_at INTEGER,
    needs_help INTEGER,
    is_unverified INTEGER,
    is_changed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX people_by_event ON people (event_id, standing, presence);

CREATE TABLE proof_frontier (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    packed BLOB NOT NULL
);

CREATE TABLE proof_leaves (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
);

CREATE TABLE proposals (
    id INTEGER PRIMARY KEY,
    event_id INTEGER,
    state TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE purges (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    at INTEGER NOT NULL
);

CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE report_chats (
    chat BLOB PRIMARY KEY,
    id INTEGER NOT NULL UNIQUE,
    link_id INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX report_chats_by_link ON report_chats (link_id);

CREATE TABLE report_days (
    chat BLOB PRIMARY KEY,
    event_id INTEGER,
    at INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    refused INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE report_links (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    reports INTEGER NOT NULL DEFAULT 0,
    spent INTEGER NOT NULL DEFAULT 0,
    spent_since INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX report_links_by_event ON report_links (event_id);

CREATE TABLE rollcall_answers (
    rollcall_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (rollcall_id, person_id)
) WITHOUT ROWID;

CREATE TABLE rollcalls (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE routes (
    digest BLOB PRIMARY KEY,
    id INTEGER NOT NULL UNIQUE,
    event_id INTEGER,
    holder_id INTEGER NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX routes_by_event ON routes (event_id);
CREATE INDEX routes_by_holder ON routes (holder_id);

CREATE TABLE second_addresses (
    id INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
);

CREATE TABLE silences (
    chat BLOB PRIMARY KEY,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE slot_file (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    file_id BLOB NOT NULL,
    generation INTEGER NOT NULL
);

CREATE TABLE team (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE timers (
    key TEXT PRIMARY KEY,
    due_at INTEGER NOT NULL,
    event_id INTEGER,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE tokens (
    digest BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    event_id INTEGER,
    subject_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tokens_by_subject ON tokens (subject_id);

CREATE TABLE venues (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL,
    held_at INTEGER,
    held_by INTEGER
);
CREATE INDEX venues_by_event ON venues (event_id, number);

CREATE TABLE wakings (
    id INTEGER PRIMARY KEY,
    begins_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
