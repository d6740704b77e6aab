//! The tables of a shared ledger. What is recorded there is never changed; only claims are.

use std::fmt::Write as _;

use crate::store::shared::delta::{CERTIFICATE, Kind, TABLES, Table};

/// In `certctl.ledger`
pub(super) const VERSION: i64 = 1;

/// Beside the tables whose rows are those of the machines' databases. There are no sequences, no triggers and no locks
/// but those of rows, so that what speaks PostgreSQL's protocol and is not it may do as well.
const OWN: &str = "
CREATE TABLE certctl.ledger (
    id          TEXT PRIMARY KEY,
    version     BIGINT NOT NULL
);
CREATE TABLE certctl.writer (
    number      BIGINT PRIMARY KEY,
    token       TEXT NOT NULL UNIQUE,   -- given by who joins, so that a lost answer may be asked for again
    author      TEXT NOT NULL,
    joined_at   TIMESTAMPTZ NOT NULL
);
CREATE TABLE certctl.outcome (          -- what became of transactions; it comes once
    txn         BIGINT PRIMARY KEY,
    writer      BIGINT NOT NULL,
    committed   BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX outcome_writer ON certctl.outcome (writer, txn);
CREATE TABLE certctl.claim (            -- who changes what
    object      TEXT PRIMARY KEY,
    txn         BIGINT NOT NULL,        -- the last transaction that changed it; 0: none
    holder      BIGINT,                 -- the transaction that is about to
    until       TIMESTAMPTZ
) WITH (fillfactor = 45);               -- each row is changed once: beside where it was, without a word to its index
CREATE TABLE certctl.file (             -- public files, by their paths in a PKI directory
    txn         BIGINT NOT NULL,
    path        TEXT NOT NULL,
    octets      BYTEA NOT NULL,
    PRIMARY KEY (path, txn)
);
CREATE TABLE certctl.signed (           -- certificates of transactions that are true
    issuer      TEXT NOT NULL,
    serial      BYTEA NOT NULL,
    PRIMARY KEY (issuer, serial)
);
-- Who signs locks it, that no rotation begins meanwhile: the first one, too.
INSERT INTO certctl.claim (object, txn) VALUES ('rotation', 0);
CREATE INDEX certificate_txn ON certctl.certificate (txn);
";

/// What makes all of them.
pub(super) fn all() -> String {
    let mut text = String::from("CREATE SCHEMA IF NOT EXISTS certctl;\n");
    for table in [&CERTIFICATE].into_iter().chain(&TABLES) {
        let _ = writeln!(text, "{};", definition(table));
    }
    text + OWN
}

fn definition(table: &Table) -> String {
    let columns = table
        .columns
        .iter()
        .map(|(name, kind)| format!("\"{name}\" {}", of(*kind)));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let (name, key) = (table.name, table.key);
    format!("CREATE TABLE certctl.{name} ({columns}, PRIMARY KEY ({key}))")
}

/// How PostgreSQL calls what a column holds.
pub(super) const fn of(kind: Kind) -> &'static str {
    match kind {
        Kind::Blob => "bytea",
        Kind::Integer => "bigint",
        Kind::Text => "text",
    }
}
