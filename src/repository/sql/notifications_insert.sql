-- One row for each notification that is new; a notification_id that is there already, or twice here, is left alone.
INSERT INTO notification_audit (
    notification_id, remediation_id, recipient, channel, message_summary, status, sent_at, delivery_status,
    error_message, escalation_level, recorded_by
)
SELECT *
FROM unnest(
    %(notification_id)s::text[], %(remediation_id)s::text[], %(recipient)s::text[], %(channel)s::text[],
    %(message_summary)s::text[], %(status)s::text[], %(sent_at)s::timestamptz[], %(delivery_status)s::text[],
    %(error_message)s::text[], %(escalation_level)s::int[],
    %(recorded_by)s::text[]
)
ON CONFLICT (notification_id) DO NOTHING
RETURNING {columns}
