-- People's lists: agreements in full, notes, what became of a contact, mail
-- domains as they were looked up, column mappings, and imports under way.

-- +goose Up
-- +goose StatementBegin
ALTER TABLE outlets ADD COLUMN agreement_scope TEXT NOT NULL DEFAULT '';
ALTER TABLE outlets ADD COLUMN agreement_until TEXT NOT NULL DEFAULT ''; -- its last day, or ''
ALTER TABLE outlets ADD COLUMN agreement_document TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN confirmed TEXT NOT NULL DEFAULT ''; -- the day on which the data were last known to be true, or ''

-- What was done to a contact, by whom. The detail is personal and erasable; the
-- rest outlives the contact.
CREATE TABLE contact_acts (
    id         BYTEA  PRIMARY KEY, -- UUIDv7
    contact_id BYTEA  NOT NULL,
    act        TEXT   NOT NULL,    -- merged, opted-out, opted-in, preferred, corrected, erased, exported
    said_by    TEXT   NOT NULL,    -- a person of the team, or contact
    at_us      BIGINT NOT NULL,
    detail     TEXT   NOT NULL
);
CREATE INDEX contact_acts_contact ON contact_acts (contact_id, id);

-- What DNS said of a mail domain.
CREATE TABLE domains (
    domain     TEXT   PRIMARY KEY, -- in ASCII
    found      TEXT   NOT NULL,    -- mx, a, null-mx, none
    detail     TEXT   NOT NULL,
    checked_us BIGINT NOT NULL
);

-- How a media database's export names its columns.
CREATE TABLE mappings (
    name    TEXT PRIMARY KEY,
    columns TEXT NOT NULL -- JSON: a column's name in the file -> ours
);

-- Imports that have begun to write and not ended: what they bring is not whole.
CREATE TABLE imports (
    id         BYTEA  PRIMARY KEY,
    file       TEXT   NOT NULL,
    started_us BIGINT NOT NULL,
    seen_us    BIGINT NOT NULL, -- its last sign of life
    total      BIGINT NOT NULL, -- rows that it will write
    written    BIGINT NOT NULL
);

-- Copies that became unknown when another daemon took over: the journal of the
-- one that was sending them may yet tell that they never began to leave. A row
-- goes once its daemon has told what it knows, or the copy is not unknown.
CREATE TABLE taken (
    delivery_id BYTEA PRIMARY KEY REFERENCES deliveries (id),
    daemon_id   BYTEA NOT NULL
);
CREATE INDEX taken_daemon ON taken (daemon_id);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP TABLE taken;
DROP TABLE imports;
DROP TABLE mappings;
DROP TABLE domains;
DROP TABLE contact_acts;
ALTER TABLE contacts DROP COLUMN confirmed;
ALTER TABLE contacts DROP COLUMN notes;
ALTER TABLE outlets DROP COLUMN agreement_document;
ALTER TABLE outlets DROP COLUMN agreement_until;
ALTER TABLE outlets DROP COLUMN agreement_scope;
-- +goose StatementEnd
