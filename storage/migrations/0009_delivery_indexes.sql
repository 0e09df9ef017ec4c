-- Where a card stands is found by the card: each change of a number on the board asks for it.
CREATE INDEX messages_by_card ON messages (card) WHERE card IS NOT NULL;

-- What is owed is found by its kind and by its moment without looking at all of it: thousands of
-- messages that wait for their turn must not slow down the look for what may go past them.
CREATE INDEX outbox_by_kind ON outbox (state, kind, id);
CREATE INDEX outbox_by_moment ON outbox (state, not_before);
