-- Links with which people report when nothing else of them is known: nobody stands behind a row.
CREATE TABLE report_links (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    reports INTEGER NOT NULL DEFAULT 0,
    spent INTEGER NOT NULL DEFAULT 0,
    spent_since INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX report_links_by_event ON report_links (event_id);

-- Which chat has opened one within the hour.
CREATE TABLE report_chats (
    chat BLOB PRIMARY KEY,
    id INTEGER NOT NULL UNIQUE,
    link_id INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX report_chats_by_link ON report_chats (link_id);
