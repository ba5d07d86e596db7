-- Every event_id, once over all months, which no index of a partitioned table can enforce, and where its event is.
-- Written first in the transaction of the event; docs/decisions/0070 has what it costs. Retention deletes from it.
CREATE TABLE IF NOT EXISTS audit_event_ids (
    event_id       uuid                     NOT NULL PRIMARY KEY,
    event_date     date                     NOT NULL,
    correlation_id varchar(255) COLLATE "C" NOT NULL
);
