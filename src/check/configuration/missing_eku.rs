//! A certificate is good for what its listener does (RFC 5280 §4.2.1.12).

use std::rc::Rc;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::{
    check::facts::Site,
    emit::{Entry, Named},
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
    let listeners = &configuration.reading.server.manifest.listeners;
    let fault = |(named, site): (&Named<'_>, &Rc<Site>)| {
        let (option, own) = (named.certificate.as_ref()?, site.own()?);
        let name = named.endpoint.listener.as_ref()?.get_ref();
        let listener = listeners.iter().find(|listener| listener.name == *name)?;
        let missing = Entry::of("", own).lacks(&listener.eku);
        (!missing.is_empty()).then(|| {
            let message = format!(
                "the certificate in {} lacks {}, which listener `{name}` needs",
                option.value,
                missing.join(", ")
            );
            let profile = match &listener.eku[..] {
                [only] if only == "serverAuth" => "server",
                _ => "node",
            };
            let hint = format!("issue one that has it: `certctl issue NAME --profile {profile}`");
            Fault::new(option, message, hint)
        })
    };
    configuration.endpoints().filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let text = "depth = 1\ntls-cert = /a\ntls-key = /b\n";
    vec![
        good("both", text).with(&KIT.leaf),
        good("no listener's", "other-cert = /a\nother-key = /b\n").with(&KIT.client),
        bad("a client's", text, &[2]).with(&KIT.client),
    ]
}
