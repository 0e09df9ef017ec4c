-- Which addition an entry is that was brought from a keyholder's computer: it is brought once.
ALTER TABLE incident_entries ADD COLUMN addition BLOB;
CREATE UNIQUE INDEX incident_entries_by_addition ON incident_entries (addition) WHERE addition IS NOT NULL;
