-- What comes back: by mail, by a provider's call, or as a relay's refusal.

-- +goose Up
-- +goose StatementBegin
-- Every mail that came in, once, however often and by whatever way it came.
CREATE TABLE report_mails (
    id         BYTEA  PRIMARY KEY,
    mail_key   BYTEA  NOT NULL UNIQUE, -- press.MailKey
    mailbox    TEXT   NOT NULL,
    ref        TEXT   NOT NULL, -- which it was there
    format     TEXT   NOT NULL,
    to_address TEXT   NOT NULL, -- the envelope recipient, or ''
    at_us      BIGINT NOT NULL,
    trouble    TEXT   NOT NULL, -- why it could not be read, or ''
    raw        BYTEA  NOT NULL  -- personal: erasable
);
CREATE INDEX report_mails_quarantine ON report_mails (id) WHERE trouble <> '';

-- What each says of one recipient.
CREATE TABLE reports (
    id          BYTEA  PRIMARY KEY, -- UUIDv7: in the order in which they were written
    mail_id     BYTEA,              -- or else:
    event_id    BYTEA,              -- the relay's refusal in the trail
    at_us       BIGINT NOT NULL,
    delivery_id BYTEA,              -- NULL where it was found for none
    tie         TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    recipient   TEXT   NOT NULL, -- personal: erasable
    domain      TEXT   NOT NULL, -- of the recipient, or of the copy's address
    action      TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    code        BIGINT NOT NULL,
    class       TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    diagnostic  TEXT   NOT NULL, -- may quote the address: erasable
    did         TEXT   NOT NULL  -- press.Consequence
);
CREATE INDEX reports_mail ON reports (mail_id);
CREATE UNIQUE INDEX reports_event ON reports (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX reports_delivery ON reports (delivery_id);

-- Soft bounces that still count, one a copy.
CREATE TABLE strikes (
    address_key BYTEA  NOT NULL,
    delivery_id BYTEA  NOT NULL,
    due_us      BIGINT NOT NULL, -- of the copy
    reason      TEXT   NOT NULL,
    PRIMARY KEY (address_key, delivery_id)
);

-- Addresses that a report names in place of one of ours.
CREATE TABLE proposals (
    id         BYTEA  PRIMARY KEY,
    at_us      BIGINT NOT NULL,
    contact_id BYTEA  NOT NULL,
    old        TEXT   NOT NULL,
    address    TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    said       TEXT   NOT NULL,
    decision   TEXT   NOT NULL, -- '', accepted or dismissed
    decided_by TEXT   NOT NULL,
    decided_us BIGINT NOT NULL,
    UNIQUE (contact_id, address)
);

CREATE TABLE mailboxes (
    daemon_id BYTEA  NOT NULL REFERENCES daemons (id),
    name      TEXT   NOT NULL,
    trouble   TEXT   NOT NULL, -- '' or why it cannot be read
    since_us  BIGINT NOT NULL,
    PRIMARY KEY (daemon_id, name)
);

-- The relays' refusals, which are read like reports.
CREATE INDEX events_rejected ON events (id) WHERE state = 'rejected';
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP INDEX events_rejected;
DROP TABLE mailboxes;
DROP TABLE proposals;
DROP TABLE strikes;
DROP TABLE reports;
DROP TABLE report_mails;
-- +goose StatementEnd
