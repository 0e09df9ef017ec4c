-- Whether a test has woken somebody of the team: one row for each person, the latest test.
CREATE TABLE wakings (
    id INTEGER PRIMARY KEY,  -- whose, as in team
    begins_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
