-- Which schema a daemon was made for: while one is at work, nothing may be taken
-- from the store that its version needs (decision 0029). Those from before this
-- tell nothing, and count as made for version 11.

-- +goose Up
-- +goose StatementBegin
ALTER TABLE daemons ADD COLUMN made_for BIGINT NOT NULL DEFAULT 11;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
ALTER TABLE daemons DROP COLUMN made_for;
-- +goose StatementEnd
