-- Whether a month has an event that a hold covers.
SELECT EXISTS (SELECT FROM public.{table} WHERE {conditions})
