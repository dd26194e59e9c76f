-- Drafts others may fill in, the versions of bundles they follow, and codes to hand them over.

ALTER TABLE drafts ADD COLUMN agent TEXT;
CREATE INDEX drafts_by_agent ON drafts (agent);
CREATE INDEX drafts_by_end ON drafts (expires_at);

-- Every version of a bundle that was ever served, so that drafts can be moved to a newer one.
CREATE TABLE bundle_versions (
    bundle TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (bundle, version, language)
);

CREATE TABLE handovers (
    code_hash TEXT PRIMARY KEY NOT NULL,
    draft TEXT NOT NULL,
    receiver TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
