-- Copies that carry the story as ninjs, too.

-- +goose Up
-- +goose StatementBegin
ALTER TABLE deliveries ADD COLUMN ninjs BIGINT NOT NULL DEFAULT 0;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
ALTER TABLE deliveries DROP COLUMN ninjs;
-- +goose StatementEnd
