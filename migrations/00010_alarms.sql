-- Alarms, so that of several daemons one tells, once.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE alarms (
    id       BYTEA  PRIMARY KEY,
    name     TEXT   NOT NULL UNIQUE, -- press.Alarm.Key
    cause    TEXT   NOT NULL,
    release  TEXT   NOT NULL,
    of_what  TEXT   NOT NULL,
    what     TEXT   NOT NULL,
    todo     TEXT   NOT NULL,
    since_us BIGINT NOT NULL,
    ended_us BIGINT NOT NULL -- 0: it stands
);

-- What each way out has told of an alarm.
CREATE TABLE alarm_tellings (
    alarm_id BYTEA  NOT NULL REFERENCES alarms (id),
    way      TEXT   NOT NULL,
    told     TEXT   NOT NULL, -- '', begun or ended: the last thing told
    told_us  BIGINT NOT NULL,
    due_us   BIGINT NOT NULL, -- when it is told next; 0: there is nothing to tell
    tries    BIGINT NOT NULL, -- that failed since
    PRIMARY KEY (alarm_id, way)
);

-- How the disks of each daemon's machine stand.
CREATE TABLE disks (
    daemon_id BYTEA  NOT NULL REFERENCES daemons (id),
    name      TEXT   NOT NULL,
    trouble   TEXT   NOT NULL, -- '' or how little is free
    since_us  BIGINT NOT NULL,
    PRIMARY KEY (daemon_id, name)
);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP TABLE disks;
DROP TABLE alarm_tellings;
DROP TABLE alarms;
-- +goose StatementEnd
