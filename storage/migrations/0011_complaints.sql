-- How far each complaint is, and what is due: what was written and answered stands in the case.
CREATE TABLE complaints (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX complaints_by_incident ON complaints (incident_id);

-- Who was hurt, as the medic and the reminders need it; gone with the event's people.
CREATE TABLE injuries (
    id INTEGER PRIMARY KEY,
    event_id INTEGER,
    person_id INTEGER,
    sealed BLOB NOT NULL
);
CREATE INDEX injuries_by_event ON injuries (event_id);
CREATE INDEX injuries_by_person ON injuries (person_id);
