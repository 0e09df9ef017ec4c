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
