-- The workflow catalog: every version of every workflow. CHECKs repeat the contract's enums: a test compares them.
CREATE TABLE IF NOT EXISTS remediation_workflow_catalog (
    workflow_id               uuid             PRIMARY KEY,
    workflow_name             varchar(255)     NOT NULL,
    version                   varchar(50)      NOT NULL,
    -- sorts as semantic versions do; NULL for a version that is none, which is older than all that are one
    version_key               text COLLATE "C",
    name                      varchar(255)     NOT NULL,
    description               text             NOT NULL,
    content                   text             NOT NULL,
    content_hash              char(64)         NOT NULL,
    labels                    jsonb            NOT NULL,
    custom_labels             jsonb            NOT NULL DEFAULT '{}',
    detected_labels           jsonb            NOT NULL DEFAULT '{}',
    execution_engine          varchar(50)      NOT NULL,
    parameters                jsonb,
    container_image           text,
    container_digest          varchar(71),
    owner                     varchar(255),
    maintainer                varchar(255),
    status                    varchar(20)      NOT NULL,
    status_reason             text,
    deprecation_notice        text,
    disabled_at               timestamptz,
    disabled_by               varchar(255),
    disabled_reason           text,
    is_latest_version         boolean          NOT NULL DEFAULT false,
    previous_version          varchar(50),
    version_notes             text,
    change_summary            text,
    approved_by               varchar(255),
    approved_at               timestamptz,
    expected_success_rate     double precision,
    expected_duration_seconds integer,
    total_executions          integer          NOT NULL DEFAULT 0,
    successful_executions     integer          NOT NULL DEFAULT 0,
    actual_success_rate       double precision,
    created_at                timestamptz      NOT NULL DEFAULT clock_timestamp(),
    created_by                varchar(255),
    updated_at                timestamptz      NOT NULL DEFAULT clock_timestamp(),
    updated_by                varchar(255),
    CONSTRAINT remediation_workflow_catalog_name_version_key UNIQUE (workflow_name, version),
    CONSTRAINT remediation_workflow_catalog_status_check
        CHECK (status IN ('active', 'disabled', 'deprecated', 'archived')),
    CONSTRAINT remediation_workflow_catalog_severity_check
        CHECK (labels ->> 'severity' IN ('critical', 'high', 'medium', 'low')),
    CONSTRAINT remediation_workflow_catalog_priority_check
        CHECK (labels ->> 'priority' IN ('P0', 'P1', 'P2', 'P3', '*')),
    CONSTRAINT remediation_workflow_catalog_success_rate_check CHECK (expected_success_rate BETWEEN 0 AND 1),
    CONSTRAINT remediation_workflow_catalog_duration_check CHECK (expected_duration_seconds >= 0)
);

-- At most one latest version a name, whoever writes.
CREATE UNIQUE INDEX IF NOT EXISTS remediation_workflow_catalog_latest
    ON remediation_workflow_catalog (workflow_name) WHERE is_latest_version;
CREATE INDEX IF NOT EXISTS remediation_workflow_catalog_created
    ON remediation_workflow_catalog (created_at DESC, workflow_id DESC);
