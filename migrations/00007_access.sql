-- Who may do what: accounts, tokens, sessions, the trail of what people did, and
-- who has said yes where several must.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE accounts (
    id          BYTEA  PRIMARY KEY,
    login       TEXT   NOT NULL,
    login_key   TEXT   NOT NULL UNIQUE, -- the login name in lower case
    name        TEXT   NOT NULL,        -- what the person signs with
    email       TEXT   NOT NULL,
    roles       TEXT   NOT NULL,        -- by commas
    disabled    BIGINT NOT NULL,
    source      TEXT   NOT NULL,        -- password or oidc
    subject     TEXT   NOT NULL,        -- of oidc: the issuer and whom it means
    password    TEXT   NOT NULL,        -- an argon2id hash
    created_us  BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_subject ON accounts (subject) WHERE subject <> '';

CREATE TABLE tokens (
    id         BYTEA  PRIMARY KEY,
    account_id BYTEA  NOT NULL REFERENCES accounts (id),
    hash       BYTEA  NOT NULL, -- SHA-256 of the token
    scope      TEXT   NOT NULL, -- rights, by commas
    note       TEXT   NOT NULL,
    created_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    used_us    BIGINT NOT NULL,
    revoked_us BIGINT NOT NULL
);
CREATE INDEX tokens_account ON tokens (account_id, id);

-- A session that has ended stays until it would have expired, so that a request
-- which was under way cannot bring it back.
CREATE TABLE sessions (
    hash       BYTEA  PRIMARY KEY, -- SHA-256 of what the browser holds
    account_id BYTEA  NOT NULL,    -- zero before anybody has signed in
    data       BYTEA  NOT NULL,
    expires_us BIGINT NOT NULL,
    ended      BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expires ON sessions (expires_us);

CREATE TABLE people_acts (
    id         BYTEA  PRIMARY KEY,
    at_us      BIGINT NOT NULL,
    account_id BYTEA  NOT NULL, -- zero for the command line
    name       TEXT   NOT NULL, -- as it was signed
    via        TEXT   NOT NULL,
    act        TEXT   NOT NULL,
    target     TEXT   NOT NULL,
    detail     TEXT   NOT NULL,
    network    TEXT   NOT NULL
);

CREATE TABLE yeses (
    release    TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    person_key TEXT   NOT NULL, -- the name in lower case
    said_by    TEXT   NOT NULL,
    account_id BYTEA  NOT NULL, -- zero for the command line
    at_us      BIGINT NOT NULL,
    PRIMARY KEY (release, digest, person_key)
);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP TABLE yeses;
DROP TABLE people_acts;
DROP TABLE sessions;
DROP TABLE tokens;
DROP TABLE accounts;
-- +goose StatementEnd
