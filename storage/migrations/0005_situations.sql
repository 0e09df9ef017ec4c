-- How things are with a person, and whether a place is held, beside the sealed row: both are said, and
-- have to count, while nobody can open it. NULL: an earlier release wrote the row, and the blob knows.
ALTER TABLE people ADD COLUMN invitation_id INTEGER;
ALTER TABLE people ADD COLUMN last_seen_at INTEGER;
ALTER TABLE people ADD COLUMN needs_help INTEGER;
ALTER TABLE people ADD COLUMN is_unverified INTEGER;
ALTER TABLE venues ADD COLUMN held_at INTEGER;
ALTER TABLE venues ADD COLUMN held_by INTEGER;

-- Of whom an incident has still to be told, once the roster is open again, what may be said of them.
CREATE TABLE identities_owed (incident_id INTEGER NOT NULL, person_id INTEGER NOT NULL, event_id INTEGER NOT NULL, PRIMARY KEY (incident_id, person_id)) WITHOUT ROWID;
