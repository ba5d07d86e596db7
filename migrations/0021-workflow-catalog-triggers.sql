-- The latest version of a name is its highest one. Creators of one name take turns from here to their commit, and each
-- sees what those before it have committed.
CREATE OR REPLACE FUNCTION remediation_workflow_catalog_keep_latest() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    latest uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(x'64736c61'::int, hashtext(NEW.workflow_name));
    SELECT workflow_id INTO latest FROM remediation_workflow_catalog WHERE workflow_name = NEW.workflow_name
     ORDER BY version_key DESC NULLS LAST, created_at DESC, workflow_id DESC LIMIT 1;
    UPDATE remediation_workflow_catalog SET is_latest_version = false
     WHERE workflow_name = NEW.workflow_name AND is_latest_version AND workflow_id <> latest;
    UPDATE remediation_workflow_catalog SET is_latest_version = true
     WHERE workflow_id = latest AND NOT is_latest_version;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER remediation_workflow_catalog_latest AFTER INSERT ON remediation_workflow_catalog
    FOR EACH ROW EXECUTE FUNCTION remediation_workflow_catalog_keep_latest();

CREATE OR REPLACE FUNCTION remediation_workflow_catalog_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER remediation_workflow_catalog_touch BEFORE UPDATE ON remediation_workflow_catalog
    FOR EACH ROW EXECUTE FUNCTION remediation_workflow_catalog_touch();

-- Every process keeps the catalog in memory and learns from this which name to read again.
CREATE OR REPLACE FUNCTION remediation_workflow_catalog_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('remediation_workflow_catalog', coalesce(NEW.workflow_name, OLD.workflow_name));
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER remediation_workflow_catalog_tell AFTER INSERT OR UPDATE OR DELETE
    ON remediation_workflow_catalog FOR EACH ROW EXECUTE FUNCTION remediation_workflow_catalog_tell();
