CREATE TABLE keyholders (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL,
    sealed BLOB NOT NULL
);
