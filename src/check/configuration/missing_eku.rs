//! A certificate is good for what its listener does (RFC 5280 §4.2.1.12).

use std::rc::Rc;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::{
    check::facts::Site,
    emit::{Endpoint, Entry, Manifest, Named},
};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "missing-eku",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.12",
    meaning: "The certificate is not good for what the listener does with it: the ends of a cluster's links are server and client both",
    hint: "issue one that is: `certctl issue NAME --profile node --force`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let manifest = &configuration.reading.server.manifest;
    let fault = |(named, site): (&Named<'_>, &Rc<Site>)| {
        let (option, own) = (named.certificate.as_ref()?, site.own()?);
        let (eku, needs) = needed(named.endpoint, manifest)?;
        let missing = Entry::of("", own).lacks(eku);
        (!missing.is_empty()).then(|| {
            let message = format!(
                "the certificate in {} lacks {}, which {needs}",
                option.value,
                missing.join(", ")
            );
            let profile = match eku {
                [only] if only == "serverAuth" => "server",
                _ => "node",
            };
            let hint = format!("issue one that has it: `certctl issue NAME --profile {profile}`");
            Fault::new(option, message, hint)
        })
    };
    once(configuration.endpoints().filter_map(fault))
}

/// What an endpoint's certificate must be good for, and who says so.
fn needed<'m>(endpoint: &'m Endpoint, manifest: &'m Manifest) -> Option<(&'m [String], String)> {
    if let Some(eku) = &endpoint.eku {
        return Some((eku, String::from("what it is used for here needs")));
    }
    let name = endpoint.listener.as_ref()?.get_ref();
    let mut listeners = manifest.listeners.iter();
    let listener = listeners.find(|listener| listener.name == *name)?;
    Some((&listener.eku, format!("listener `{name}` needs")))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let text = "depth = 1\ntls-cert = /a\ntls-key = /b\n";
    vec![
        good("both", text).with(&KIT.leaf),
        good("no listener's", "other-cert = /a\nother-key = /b\n").with(&KIT.client),
        good("to dial with", "dial-cert = /a\n").with(&KIT.client),
        bad("a client's", text, &[2]).with(&KIT.client),
        bad("a server's, to dial with", "dial-cert = /a\n", &[1]).with(&KIT.server),
    ]
}
