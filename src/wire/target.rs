//! An address that is looked at, with what is known of it, and what came of it.

use std::sync::Arc;

use super::{Location, Observation};
use crate::{
    check::Finding,
    emit::BeforeTls,
    pki::{certificate::Certificate, chain::Host, entry_name::EntryName, serial::Serial},
};

/// One address, and what is known of who listens there.
#[derive(Debug)]
pub struct Target {
    /// Where it is
    pub location: Location,
    /// What is spoken before TLS
    pub before: BeforeTls,
    /// The name that is asked for, and that the certificate must have
    pub name: Option<Host>,
    /// `SERVER.LISTENER`, where it is known
    pub listener: Option<String>,
    /// Whether both ends are to prove who they are
    pub is_mutual: bool,
    /// How the server picks up a new certificate
    pub reload: Option<String>,
    /// What should be served
    pub ready: Option<Arc<Ready>>,
}

/// An entry whose certificate should be served.
#[derive(Debug)]
pub struct Ready {
    /// Its name
    pub name: EntryName,
    /// Its certificate
    pub certificate: Certificate,
    /// Certificates that it had before
    pub former: Vec<Serial>,
}

/// One address, what was seen there, and what is wrong with it.
#[derive(Debug)]
pub struct Probed {
    /// The address
    pub target: Target,
    /// What was seen
    pub seen: Observation,
    /// What is wrong
    pub findings: Vec<Finding>,
}
