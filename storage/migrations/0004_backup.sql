-- What was destroyed on purpose: a restored copy must destroy it again. Ids that lead nowhere.
CREATE TABLE purges (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject_id INTEGER NOT NULL, at INTEGER NOT NULL);

-- SHA-256 of each sealed evidence file as it lies on the disk: copies are compared with it.
CREATE TABLE evidence_files (id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL);
