-- Keys that are replaced, and the one key slot file that belongs to this database.
-- Kinds and versions are those of storage/vault/keys.py; a key without an event has 0 for it.

-- Keys that a commit has doomed and that may not be overwritten yet: this version and all before it.
CREATE TEMP TABLE doomed AS SELECT kind, event_id FROM key_destructions;
DROP TABLE key_destructions;
CREATE TABLE key_destructions (
    kind TEXT NOT NULL, event_id INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (kind, event_id)
) WITHOUT ROWID;
INSERT INTO key_destructions (kind, event_id, version) SELECT kind, event_id, 2147483647 FROM doomed;
DROP TABLE doomed;

-- The keys that the rows here are sealed under: each of them is in the key slot file.
CREATE TABLE kept_keys (
    kind TEXT NOT NULL, event_id INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (kind, event_id)
) WITHOUT ROWID;

-- The key slot file, and how often it had been written when it was last seen.
CREATE TABLE slot_file (id INTEGER PRIMARY KEY CHECK (id = 1), file_id BLOB NOT NULL, generation INTEGER NOT NULL);

-- How many entries went with the people whom they named: every other entry must be there.
INSERT INTO meta (name, value) SELECT 'forgotten-entries', value - (SELECT COUNT(*) FROM incident_entries)
FROM meta WHERE name = 'incident-entry';

-- Keys to be replaced: the next version once it is there, and how far the rows have moved to it.
CREATE TABLE key_replacements (
    kind TEXT NOT NULL, event_id INTEGER NOT NULL, version INTEGER, place INTEGER NOT NULL, after INTEGER NOT NULL,
    PRIMARY KEY (kind, event_id)
) WITHOUT ROWID;
