//! A ledger on PostgreSQL that several machines share: Debian's server, with TLS and client certificates by certctl.

mod conflicts;
mod cuts;
mod database;
mod deaths;
mod elsewhere;
mod full;
mod hostile;
mod killing;
mod many;
mod place;
mod promises;
mod refused;
mod relay;
mod restored;
mod same;
#[path = "../support/mod.rs"]
mod support;
mod tampered;
