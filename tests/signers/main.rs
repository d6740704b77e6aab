//! Keys of CAs that are in tokens and agents: the programs that sign with them, real ones and faulty ones.

#[path = "../support/mod.rs"]
mod support;

mod agent;
mod deaths;
mod faults;
mod import;
mod judges;
mod rotation;
mod scene;
mod script;
mod softhsm;
