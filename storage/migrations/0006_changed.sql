-- Whether how things are with a person was changed since the row was sealed, so that a roster is read without
-- comparing. What an earlier release wrote may have been; where it wrote the blob alone, that knows.
ALTER TABLE people ADD COLUMN is_changed INTEGER NOT NULL DEFAULT 0;
UPDATE people SET is_changed = 1 WHERE is_unverified IS NOT NULL;
