//! The parts of `certctl`, and the direction in which they depend on each other:
//! `cli → store → pki`, `cli → check, emit, extfile → pki`.

pub mod pki;
