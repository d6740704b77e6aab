//! What commands print with `--json`, a type for each document: an API, whose schemas are in man/schema/.

pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod config_folders;
pub(crate) mod crl;
pub(crate) mod cross_sign;
pub(crate) mod entries;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod findings;
pub(crate) mod fleet;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod laid;
pub(crate) mod ledger;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod man;
pub(crate) mod needs_renewal;
pub(crate) mod passphrase;
pub(crate) mod probe;
pub(crate) mod prove;
pub(crate) mod pull;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod revoke;
pub(crate) mod rotation;
pub(crate) mod rotation_plan;
pub(crate) mod rules;
#[cfg(test)]
mod schemas;
pub(crate) mod servers;
pub(crate) mod setup;
pub(crate) mod show;
pub(crate) mod targets;
pub(crate) mod trust_stores;
pub(crate) mod verify;
pub(crate) mod version;
#[cfg(test)]
mod words;
