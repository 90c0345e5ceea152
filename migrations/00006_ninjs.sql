-- Copies that carry the story as ninjs, too.

-- +goose Up
ALTER TABLE deliveries ADD COLUMN ninjs BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE deliveries DROP COLUMN ninjs;
