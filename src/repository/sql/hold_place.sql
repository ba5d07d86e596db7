-- Place a hold. Waits for a month that is being dropped, and a drop waits for this: see month_holds_lock.
INSERT INTO legal_holds (hold_id, matter, reason, correlation_id, resource_type, resource_id, actor_id, event_category,
                         since, until, second_person, placed_by)
VALUES (%(hold_id)s, %(matter)s, %(reason)s, %(correlation_id)s, %(resource_type)s, %(resource_id)s, %(actor_id)s,
        %(event_category)s, %(since)s, %(until)s, %(second_person)s, %(placed_by)s)
RETURNING placed_at
