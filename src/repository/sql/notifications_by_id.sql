SELECT {columns} FROM notification_audit WHERE notification_id = ANY (%(notification_ids)s)
