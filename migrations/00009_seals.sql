-- What vouches for the trail: a chain of seals over its entries, each with a mark
-- that nobody makes without the keys file.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE seals (
    n        BIGINT PRIMARY KEY, -- from 1 on
    after_id BYTEA  NOT NULL,    -- it covers the entries with an id above this,
    to_id    BYTEA  NOT NULL,    -- up to this one
    events   BIGINT NOT NULL,
    acts     BIGINT NOT NULL,
    tests    BIGINT NOT NULL,    -- test copies
    at_us    BIGINT NOT NULL,
    digest   BYTEA  NOT NULL,    -- press.TrailSum over what it covers
    previous BYTEA  NOT NULL,    -- the mark of the one before
    mark     BYTEA  NOT NULL     -- press.Keyring.Mark
);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP TABLE seals;
-- +goose StatementEnd
