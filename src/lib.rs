//! The parts of `certctl`, and the direction in which they depend on each other:
//! `cli → issuance, inspection → store → check → emit → pki`, `cli → extfile → pki`,
//! `cli → rulebook → check`.

pub mod check;
pub mod cli;
pub mod emit;
pub mod explained;
pub mod export;
pub mod extfile;
pub mod fleet;
pub mod host;
pub mod inspection;
pub mod issuance;
pub mod manual;
pub mod nearest;
pub mod pki;
pub mod rulebook;
pub mod severity;
pub mod store;
pub mod terminal;
