-- How far each complaint is, and what is due: what was written and answered stands in the case.
CREATE TABLE complaints (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX complaints_by_incident ON complaints (incident_id);
