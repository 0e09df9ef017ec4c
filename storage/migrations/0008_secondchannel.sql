-- By which way a notice goes out. What an earlier release owed goes out by the chat.
ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT 'chat';
CREATE INDEX outbox_second ON outbox (state, lane, id) WHERE channel = 'second';

-- Where somebody of the team can be woken when the chat does not.
CREATE TABLE second_addresses (
    id INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
);
