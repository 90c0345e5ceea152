-- Instants are UTC microseconds since 1970; ids are the 16 bytes of a UUIDv7.
-- The same file runs on SQLite and on PostgreSQL.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE outlets (
    id           BYTEA  PRIMARY KEY,
    name         TEXT   NOT NULL,
    name_key     TEXT   NOT NULL, -- the name in lower case: an outlet is one per country and name
    country      TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    website      TEXT   NOT NULL,
    zone         TEXT   NOT NULL,
    agreement_on TEXT   NOT NULL, -- the embargo agreement's date, or ''
    agreement_by TEXT   NOT NULL,
    updated_us   BIGINT NOT NULL,
    UNIQUE (country, name_key)
);

CREATE TABLE contacts (
    id          BYTEA  PRIMARY KEY,
    name        TEXT   NOT NULL,
    country     TEXT   NOT NULL,
    zone        TEXT   NOT NULL,
    languages   TEXT   NOT NULL, -- in order, separated by a space
    beats       TEXT   NOT NULL, -- separated by a line feed, as are tags
    tags        TEXT   NOT NULL,
    legal_basis TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    created_us  BIGINT NOT NULL,
    updated_us  BIGINT NOT NULL
);

CREATE TABLE addresses (
    address_norm TEXT   PRIMARY KEY, -- press.Address.Key: one contact per mailbox
    address      TEXT   NOT NULL,
    contact_id   BYTEA  NOT NULL REFERENCES contacts (id),
    preference   BIGINT NOT NULL     -- 0 is the preferred one
);
CREATE INDEX addresses_contact ON addresses (contact_id, preference);

CREATE TABLE affiliations (
    contact_id BYTEA  NOT NULL REFERENCES contacts (id),
    outlet_id  BYTEA  NOT NULL REFERENCES outlets (id),
    preference BIGINT NOT NULL,
    PRIMARY KEY (contact_id, outlet_id)
);

CREATE TABLE suppressions (
    address_key BYTEA  NOT NULL, -- HMAC of the mailbox; no address stands here
    scope       TEXT   NOT NULL, -- all, sender:ID or topic:NAME
    reason      TEXT   NOT NULL,
    said_by     TEXT   NOT NULL,
    at_us       BIGINT NOT NULL,
    PRIMARY KEY (address_key, scope)
);

CREATE TABLE approvals (
    id         BYTEA  PRIMARY KEY,
    release    TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    said_by    TEXT   NOT NULL,
    at_us      BIGINT NOT NULL,
    state      TEXT   NOT NULL, -- staging, approved, superseded
    recipients BIGINT NOT NULL,
    frozen     BYTEA  NOT NULL  -- press.Frozen as JSON
);
CREATE INDEX approvals_release ON approvals (release, at_us);

-- One row per release that was ever approved: a slug is never reused.
CREATE TABLE releases (
    slug        TEXT   PRIMARY KEY,
    approval_id BYTEA  NOT NULL REFERENCES approvals (id),
    sender      TEXT   NOT NULL,
    topic       TEXT   NOT NULL,
    held        TEXT   NOT NULL, -- why, or ''
    held_by     TEXT   NOT NULL,
    held_us     BIGINT NOT NULL,
    killed      TEXT   NOT NULL, -- why, or ''
    killed_by   TEXT   NOT NULL,
    killed_us   BIGINT NOT NULL
);

-- Queue and ledger in one. Rows of an approval are inserted in the order in
-- which they are to leave, so that ids ascend with it.
CREATE TABLE deliveries (
    id          BYTEA  PRIMARY KEY,
    approval_id BYTEA  NOT NULL REFERENCES approvals (id),
    release     TEXT   NOT NULL,
    send        TEXT   NOT NULL,
    address_key BYTEA  NOT NULL,
    contact_id  BYTEA  NOT NULL,
    address     TEXT   NOT NULL, -- personal: erasable, with person and outlet
    person      TEXT   NOT NULL,
    outlet      TEXT   NOT NULL,
    outlet_kind TEXT   NOT NULL,
    country     TEXT   NOT NULL,
    edition     TEXT   NOT NULL,
    why         TEXT   NOT NULL,
    zone        TEXT   NOT NULL,
    due_us      BIGINT NOT NULL,
    deadline_us BIGINT NOT NULL,
    next_us     BIGINT NOT NULL, -- not claimed before
    state       TEXT   NOT NULL,
    attempts    BIGINT NOT NULL,
    claimed_by  BYTEA,           -- the daemon that has it
    updated_us  BIGINT NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (release, next_us, id) WHERE state IN ('planned', 'deferred');
CREATE INDEX deliveries_claims ON deliveries (claimed_by) WHERE state IN ('claimed', 'sending');
CREATE INDEX deliveries_release ON deliveries (release, id);
-- One copy per address per send, over all approvals: the database holds it.
CREATE UNIQUE INDEX deliveries_copy ON deliveries (release, send, address_key)
    WHERE state IN ('sending', 'accepted', 'unknown', 'delivered', 'bounced', 'complained');

CREATE TABLE events (
    id          BYTEA  PRIMARY KEY, -- UUIDv7: in the order in which they were written
    delivery_id BYTEA  NOT NULL REFERENCES deliveries (id),
    at_us       BIGINT NOT NULL,
    from_state  TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    relay       TEXT   NOT NULL,
    verb        TEXT   NOT NULL,
    code        BIGINT NOT NULL,
    enhanced    TEXT   NOT NULL,
    reply       TEXT   NOT NULL,
    said_by     TEXT   NOT NULL
);
CREATE INDEX events_delivery ON events (delivery_id, id);

-- What people did to a release: approvals, holds, kills, test copies.
CREATE TABLE acts (
    id      BYTEA  PRIMARY KEY,
    release TEXT   NOT NULL,
    act     TEXT   NOT NULL,
    said_by TEXT   NOT NULL,
    at_us   BIGINT NOT NULL,
    detail  TEXT   NOT NULL
);
CREATE INDEX acts_release ON acts (release, id);

-- Copies sent by `dateline test`: their receivers hold the text, too.
CREATE TABLE test_copies (
    id          BYTEA  PRIMARY KEY,
    release     TEXT   NOT NULL,
    address_key BYTEA  NOT NULL,
    edition     TEXT   NOT NULL,
    at_us       BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    code        BIGINT NOT NULL,
    reply       TEXT   NOT NULL
);
CREATE INDEX test_copies_release ON test_copies (release, id);

CREATE TABLE daemons (
    id         BYTEA  PRIMARY KEY,
    host       TEXT   NOT NULL,
    pid        BIGINT NOT NULL,
    started_us BIGINT NOT NULL,
    seen_us    BIGINT NOT NULL,
    config     TEXT   NOT NULL -- '' or why the config folder's newest state was refused
);

CREATE TABLE relays (
    daemon_id BYTEA  NOT NULL REFERENCES daemons (id),
    name      TEXT   NOT NULL,
    trouble   TEXT   NOT NULL, -- '' or why nothing can be handed to it
    since_us  BIGINT NOT NULL,
    PRIMARY KEY (daemon_id, name)
);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP TABLE relays;
DROP TABLE daemons;
DROP TABLE test_copies;
DROP TABLE acts;
DROP TABLE events;
DROP TABLE deliveries;
DROP TABLE releases;
DROP TABLE approvals;
DROP TABLE suppressions;
DROP TABLE affiliations;
DROP TABLE addresses;
DROP TABLE contacts;
DROP TABLE outlets;
DROP TABLE settings;
-- +goose StatementEnd
