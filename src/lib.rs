//! The parts of `certctl`, and the direction in which they depend on each other:
//! `cli → store → pki`, `cli → check, emit, extfile → pki`.

#[allow(dead_code)] // the first commands come next
pub mod cli;
pub mod emit;
pub mod pki;
