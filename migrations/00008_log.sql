-- The delivery log, filtered: each index is walked from its newest delivery on.
-- None stands on what changes while a copy is sent (decision 0024).

-- +goose Up
-- +goose StatementBegin
CREATE INDEX deliveries_release ON deliveries (release, id);
-- What befell few, or ends a copy's life. Of the deliveries themselves no index
-- may name the state: PostgreSQL would write each change of it anew.
CREATE INDEX events_state ON events (state, delivery_id)
    WHERE state IN ('rejected', 'unknown', 'delivered', 'bounced', 'complained', 'skipped', 'cancelled', 'expired');
CREATE INDEX reports_reason ON reports (reason, delivery_id);
CREATE INDEX reports_class ON reports (class, delivery_id) WHERE kind = 'bounce';
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP INDEX reports_class;
DROP INDEX reports_reason;
DROP INDEX events_state;
DROP INDEX deliveries_release;
-- +goose StatementEnd
