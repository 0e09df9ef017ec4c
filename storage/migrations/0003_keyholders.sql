CREATE TABLE keyholders (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE closed_cases (
    id INTEGER PRIMARY KEY,
    closed_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE envelopes (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX envelopes_by_event ON envelopes (event_id);
CREATE INDEX envelopes_by_person ON envelopes (person_id);
