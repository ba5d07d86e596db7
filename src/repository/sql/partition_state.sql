-- Is there a table of this name, attached or not?
SELECT to_regclass(%s) IS NOT NULL
