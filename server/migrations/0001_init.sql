-- One schema for SQLite and PostgreSQL: texts and integers only. Times are RFC 3339 in UTC,
-- so that their order is the order of the text. `doc` columns hold one aggregate as JSON.

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

CREATE TABLE tickets (
    ticket_hash TEXT PRIMARY KEY NOT NULL,
    person TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

CREATE TABLE answers (
    owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status BIGINT NOT NULL,
    etag BIGINT,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (owner, idempotency_key)
);

CREATE TABLE drafts (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    bundle TEXT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX drafts_by_owner ON drafts (owner);

CREATE TABLE documents (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    media TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    added_at TEXT NOT NULL
);
CREATE INDEX documents_by_owner ON documents (owner);

CREATE TABLE applications (
    id TEXT PRIMARY KEY NOT NULL,
    number TEXT NOT NULL UNIQUE,
    draft TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    bundle TEXT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT NOT NULL,
    submitted_at TEXT NOT NULL
);
CREATE INDEX applications_by_owner ON applications (owner);

CREATE TABLE lanes (
    id TEXT PRIMARY KEY NOT NULL,
    application TEXT NOT NULL,
    department TEXT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX lanes_by_state ON lanes (state, department);

CREATE TABLE orders (
    id TEXT PRIMARY KEY NOT NULL,
    application TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    doc TEXT NOT NULL
);

CREATE TABLE attempts (
    id TEXT PRIMARY KEY NOT NULL,
    order_id TEXT NOT NULL,
    state TEXT NOT NULL,
    amount BIGINT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX attempts_by_order ON attempts (order_id);
CREATE INDEX attempts_by_state ON attempts (state);

-- Append-only: every transition of an attempt with its cause.
CREATE TABLE ledger (
    id TEXT PRIMARY KEY NOT NULL,
    attempt TEXT NOT NULL,
    was TEXT NOT NULL,
    became TEXT NOT NULL,
    cause TEXT NOT NULL,
    at TEXT NOT NULL
);

CREATE TABLE messages (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT,
    doc TEXT NOT NULL,
    sent_at TEXT NOT NULL
);
CREATE INDEX messages_by_owner ON messages (owner);

-- The cashier simulator's own book; the backend reads it only through the gateway interface.
CREATE TABLE cashier_trades (
    id TEXT PRIMARY KEY NOT NULL,
    amount BIGINT NOT NULL,
    subject TEXT NOT NULL,
    return_to TEXT NOT NULL,
    result TEXT NOT NULL
);
