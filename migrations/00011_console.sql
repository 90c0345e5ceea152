-- The console's pages of people: each index is walked from its newest row on.

-- +goose Up
-- +goose StatementBegin
CREATE INDEX contacts_country ON contacts (country, id);
CREATE INDEX affiliations_outlet ON affiliations (outlet_id, contact_id);
CREATE INDEX suppressions_at ON suppressions (at_us, address_key, scope, author);
CREATE INDEX reports_at ON reports (at_us);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP INDEX reports_at;
DROP INDEX suppressions_at;
DROP INDEX affiliations_outlet;
DROP INDEX contacts_country;
-- +goose StatementEnd
