-- Newest first; one more than the page shows whether there is another page.
SELECT {columns} FROM notification_audit
WHERE {conditions}
ORDER BY sent_at DESC, id DESC
LIMIT %(limit)s + 1
