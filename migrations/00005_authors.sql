-- Whose word it is that keeps a mailbox from being written to; agreements that
-- were taken off by hand; how far the retention has come.

-- +goose Up
-- +goose StatementBegin
-- One word a mailbox, scope and author: who takes theirs back leaves the others'.
ALTER TABLE suppressions RENAME TO words;
CREATE TABLE suppressions (
    address_key BYTEA  NOT NULL, -- HMAC of the mailbox; no address stands here
    scope       TEXT   NOT NULL, -- all, sender:ID or topic:NAME
    author      TEXT   NOT NULL, -- press.Author
    reason      TEXT   NOT NULL,
    said_by     TEXT   NOT NULL,
    at_us       BIGINT NOT NULL,
    PRIMARY KEY (address_key, scope, author)
);
INSERT INTO suppressions (address_key, scope, author, reason, said_by, at_us)
    SELECT address_key, scope,
        CASE WHEN reason = 'erased' THEN 'erasure' WHEN said_by = 'contact' THEN 'contact' WHEN said_by = 'report' THEN 'report' ELSE 'desk' END,
        reason, said_by, at_us FROM words;
DROP TABLE words;
CREATE INDEX suppressions_erased ON suppressions (address_key) WHERE author = 'erasure';

-- The day on which an agreement was taken off by hand, or '', and by whom.
ALTER TABLE outlets ADD COLUMN agreement_ended TEXT NOT NULL DEFAULT '';
ALTER TABLE outlets ADD COLUMN agreement_ended_by TEXT NOT NULL DEFAULT '';

-- How far the retention has walked through the copies that were approved on one
-- day, and when it is to walk there again.
CREATE TABLE aged (
    day     BIGINT PRIMARY KEY, -- since 1970, in UTC
    last_id BYTEA  NOT NULL,    -- the last copy that this walk has looked at
    next_us BIGINT NOT NULL,    -- nothing is to be taken that was settled before this; 0 within a walk
    left_us BIGINT NOT NULL     -- of what this walk has left so far: when the first was settled
);

-- Mails that came in, by their age.
CREATE INDEX report_mails_at ON report_mails (at_us);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP INDEX report_mails_at;
DROP TABLE aged;
ALTER TABLE outlets DROP COLUMN agreement_ended_by;
ALTER TABLE outlets DROP COLUMN agreement_ended;
DROP INDEX suppressions_erased;
ALTER TABLE suppressions RENAME TO words;
CREATE TABLE suppressions (
    address_key BYTEA  NOT NULL,
    scope       TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    said_by     TEXT   NOT NULL,
    at_us       BIGINT NOT NULL,
    PRIMARY KEY (address_key, scope)
);
-- Of several words the heaviest is kept: an erasure, the contact's own, the
-- desk's, a report's.
INSERT INTO suppressions (address_key, scope, reason, said_by, at_us)
    SELECT address_key, scope, reason, said_by, at_us FROM words s
    WHERE NOT EXISTS (SELECT 1 FROM words o WHERE o.address_key = s.address_key AND o.scope = s.scope
        AND CASE o.author WHEN 'erasure' THEN 0 WHEN 'contact' THEN 1 WHEN 'desk' THEN 2 ELSE 3 END
          < CASE s.author WHEN 'erasure' THEN 0 WHEN 'contact' THEN 1 WHEN 'desk' THEN 2 ELSE 3 END);
DROP TABLE words;
-- +goose StatementEnd
