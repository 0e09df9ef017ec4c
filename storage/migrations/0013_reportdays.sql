-- How much was told from a chat within a day, and how often it was more than is taken; of links, too.
CREATE TABLE report_days (
    chat BLOB PRIMARY KEY,
    event_id INTEGER,
    at INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    refused INTEGER NOT NULL
) WITHOUT ROWID;
ALTER TABLE report_links ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
