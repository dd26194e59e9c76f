-- Sealed files, resumable uploads, what documents were used for, and promises that were not kept.

ALTER TABLE documents ADD COLUMN fits TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN pages BIGINT NOT NULL DEFAULT 1;
ALTER TABLE documents ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE documents ADD COLUMN earlier TEXT;
ALTER TABLE documents ADD COLUMN replaced_by TEXT;
-- Taken out of the person's store, kept only for the applications it was submitted with.
ALTER TABLE documents ADD COLUMN removed_at TEXT;
UPDATE documents SET fits = purpose;
CREATE INDEX documents_by_content ON documents (sha256);

-- Each content once. Files of the first release lie unsealed under their digest.
CREATE TABLE blobs (
    sha256 TEXT PRIMARY KEY NOT NULL,
    object TEXT NOT NULL UNIQUE,
    sealed_key TEXT NOT NULL
);
INSERT INTO blobs (sha256, object, sealed_key) SELECT DISTINCT sha256, sha256, '' FROM documents;

-- Objects that nothing speaks of any more, until the store has erased them.
CREATE TABLE doomed (
    object TEXT PRIMARY KEY NOT NULL,
    since TEXT NOT NULL
);

CREATE TABLE uploads (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    doc TEXT NOT NULL,
    received BIGINT NOT NULL,
    document TEXT,
    expires_at TEXT NOT NULL
);
CREATE INDEX uploads_by_end ON uploads (expires_at);

-- Every use of a document, with the purpose notice agreed to where it came from the store.
CREATE TABLE uses (
    document TEXT NOT NULL,
    owner TEXT NOT NULL,
    draft TEXT NOT NULL,
    material TEXT NOT NULL,
    bundle TEXT NOT NULL,
    application TEXT,
    notice_version TEXT,
    notice_digest TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (document, draft, material)
);
CREATE INDEX uses_by_owner ON uses (owner);
CREATE INDEX uses_by_draft ON uses (draft);

-- Made-up people whose earlier files were taken over.
CREATE TABLE adopted (
    person TEXT PRIMARY KEY NOT NULL
);
INSERT INTO adopted (person) SELECT DISTINCT owner FROM documents;

CREATE TABLE breaches (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    application TEXT NOT NULL,
    number TEXT NOT NULL,
    material TEXT NOT NULL,
    at TEXT NOT NULL,
    repaired_at TEXT
);
CREATE INDEX breaches_by_owner ON breaches (owner);

-- Applications that wait for something on a day: what reminders and lapse look for.
ALTER TABLE applications ADD COLUMN next_due TEXT;
CREATE INDEX applications_by_next_due ON applications (next_due);
