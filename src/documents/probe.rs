//! `certctl/probe/v1`: what was seen, for programs to read.

use serde::Serialize;

use super::findings::FindingDocument;
use crate::{
    pki::{inspect::CertificateInfo, name},
    wire::{Clients, Probed, Version},
};

/// `certctl/probe/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    schema: &'static str,
    /// What was seen at each address, in the order of the command
    endpoints: Vec<EndpointDocument>,
    /// What is wrong, by address
    findings: Vec<FindingDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EndpointDocument {
    /// Where it is: `HOST:PORT` or `unix:PATH`; also the `path` of its findings
    address: String,
    /// `SERVER.LISTENER`; null where nobody said
    listener: Option<String>,
    /// The entry whose certificate should be served; null where nobody said
    entry: Option<String>,
    /// The name that the certificate has to have; null where there is none
    name: Option<String>,
    /// Whether there was TLS
    tls: bool,
    /// The version of TLS that was agreed on
    protocol: Option<&'static str>,
    /// The cipher suite, as IANA calls it
    cipher: Option<String>,
    /// The group that keys were agreed in
    key_exchange: Option<String>,
    /// Whether it chooses the hybrid with ML-KEM where that is offered; null where it did not say
    ml_kem: Option<bool>,
    /// The application protocol (ALPN)
    alpn: Option<String>,
    /// Whether TLS 1.2 is taken; null where it did not say
    tls12: Option<bool>,
    /// Older protocols that are taken; null where it did not say
    old_protocols: Option<Vec<&'static str>>,
    /// What it does about client certificates
    client_certificate: ClientDocument,
    /// What it sent of its chain, in its order
    chain: Vec<CertificateInfo>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ClientDocument {
    /// Whether one is asked for
    asked: bool,
    /// Whether nobody is let in without; null where that was not to be seen
    required: Option<bool>,
    /// Whether the one that was shown was taken; null where none was
    taken: Option<bool>,
    /// The names of the CAs that it hints at
    authorities: Vec<String>,
}

impl Document {
    pub(crate) fn new(probed: &[Probed]) -> Self {
        let findings = probed.iter().flat_map(|it| &it.findings);
        Self {
            schema: "certctl/probe/v1",
            endpoints: probed.iter().map(EndpointDocument::new).collect(),
            findings: findings.map(|it| FindingDocument::new(it, false)).collect(),
        }
    }
}

impl EndpointDocument {
    fn new(probed: &Probed) -> Self {
        let Probed { target, seen, .. } = probed;
        let session = &seen.session;
        let names = |old: &Vec<Version>| old.iter().map(|it| it.name()).collect();
        Self {
            address: target.location.to_string(),
            listener: target.listener.clone(),
            entry: target.ready.as_ref().map(|it| it.name.to_string()),
            name: target.name.as_ref().map(ToString::to_string),
            tls: seen.is_met(),
            protocol: session.version.map(Version::name),
            cipher: session.cipher.clone(),
            key_exchange: session.group.clone(),
            ml_kem: seen.takes.ml_kem,
            alpn: session.alpn.clone(),
            tls12: seen.takes.tls12,
            old_protocols: seen.takes.old.as_ref().map(names),
            client_certificate: ClientDocument::new(&session.clients),
            chain: session.chain.iter().map(CertificateInfo::new).collect(),
        }
    }
}

impl ClientDocument {
    fn new(clients: &Clients) -> Self {
        let hints = clients.asked.iter().flatten();
        Self {
            asked: clients.asked.is_some(),
            required: clients.required,
            taken: clients.taken.as_ref().map(Result::is_ok),
            authorities: hints.map(|it| name::display(it)).collect(),
        }
    }
}
