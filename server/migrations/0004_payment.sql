-- One till an application: its orders, the attempts to pay them, what goes back (one document).
-- `work_at` is when somebody has to look after it; nothing where there is nothing to do.

CREATE TABLE tills (
    application TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    doc TEXT NOT NULL,
    work_at TEXT,
    link_hash TEXT,
    link_until TEXT
);
CREATE INDEX tills_by_work ON tills (work_at);
CREATE INDEX tills_by_link ON tills (link_hash);

-- Attempts by the number the gateways know, and what they brought, for notifications and statements.
CREATE TABLE trades (
    id TEXT PRIMARY KEY NOT NULL,
    application TEXT NOT NULL,
    gateway TEXT NOT NULL,
    received BIGINT,
    day TEXT
);
CREATE INDEX trades_by_day ON trades (gateway, day);

-- Notifications taken: each once.
CREATE TABLE notices (
    gateway TEXT NOT NULL,
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (gateway, id)
);

-- The ledger becomes a chain: each line of an attempt holds a digest over the one before.
ALTER TABLE ledger ADD COLUMN seq BIGINT;
ALTER TABLE ledger ADD COLUMN amount BIGINT;
ALTER TABLE ledger ADD COLUMN digest TEXT;
CREATE UNIQUE INDEX ledger_in_order ON ledger (attempt, seq);

-- Receipts by the numbers printed on them.
CREATE TABLE receipts (
    code TEXT NOT NULL,
    number TEXT NOT NULL,
    application TEXT NOT NULL,
    order_id TEXT NOT NULL,
    PRIMARY KEY (code, number)
);

-- Daily statements compared: what was found.
CREATE TABLE statements (
    gateway TEXT NOT NULL,
    day TEXT NOT NULL,
    doc TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (gateway, day)
);

-- The simulated treasury's own book; the backend reads it only through its interface.
CREATE TABLE treasury_receipts (
    order_id TEXT PRIMARY KEY NOT NULL,
    code TEXT NOT NULL,
    number TEXT NOT NULL,
    check_code TEXT NOT NULL,
    at TEXT NOT NULL,
    reversed_at TEXT
);
CREATE UNIQUE INDEX treasury_in_order ON treasury_receipts (code, number);

-- The simulator in the server is gone; gateways are other processes.
DROP TABLE cashier_trades;
