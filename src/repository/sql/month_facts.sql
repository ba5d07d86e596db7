-- What the manifest of a month's archive tells beside its lines.
SELECT count(*) AS events, min(event_timestamp) AS first, max(event_timestamp) AS last,
       coalesce(max(retention_days), 0) AS retention_days,
       (SELECT coalesce(json_object_agg(event_category, events), '{{}}')
          FROM (SELECT event_category, count(*) AS events FROM public.{table} GROUP BY 1 ORDER BY 1) AS counted)
           AS by_category,
       (SELECT system_identifier FROM pg_control_system()) AS cluster
  FROM public.{table}
