-- The record of every notification. CHECKs repeat the contract's enums and ranges: a test compares them.
CREATE TABLE IF NOT EXISTS notification_audit (
    id               bigserial     PRIMARY KEY,
    notification_id  varchar(255)  NOT NULL,
    remediation_id   varchar(255)  NOT NULL,
    recipient        varchar(255)  NOT NULL,
    channel          varchar(20)   NOT NULL,
    message_summary  varchar(1000) NOT NULL,
    status           varchar(20)   NOT NULL,
    sent_at          timestamptz   NOT NULL,
    delivery_status  varchar(255),
    error_message    varchar(1000),
    escalation_level integer       NOT NULL DEFAULT 0,
    created_at       timestamptz   NOT NULL DEFAULT now(),
    updated_at       timestamptz   NOT NULL DEFAULT now(),
    CONSTRAINT notification_audit_notification_id_key UNIQUE (notification_id),
    CONSTRAINT notification_audit_channel_check
        CHECK (channel IN ('email', 'slack', 'pagerduty', 'sms', 'webhook', 'teams', 'console')),
    CONSTRAINT notification_audit_status_check
        CHECK (status IN ('sent', 'failed', 'pending', 'acknowledged', 'escalated')),
    CONSTRAINT notification_audit_escalation_level_check CHECK (escalation_level BETWEEN 0 AND 100)
);

-- Lists are newest first; a remediation's own list is the common one.
CREATE INDEX IF NOT EXISTS notification_audit_sent_at ON notification_audit (sent_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS notification_audit_remediation ON notification_audit (remediation_id, sent_at DESC, id DESC);
