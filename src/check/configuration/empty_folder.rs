//! An option that stands for several files stands for one at least.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::emit::Named;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "empty-folder",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "A folder, or a list, is named for certificates, and there is none that the server would find: it does not start, or refuses everybody",
    hint: "copy them there; a folder of roots needs `openssl rehash FOLDER`, which names each by the hash of its subject",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let endpoints = configuration.reading.endpoints.iter();
    let fault = |named: &Named<'_>| {
        let option = named.files().next()?;
        let message = format!(
            "`{}` names no certificate that the server would find",
            option.name
        );
        let is_hashed = named.clients.as_ref() == Some(option);
        let hint = match is_hashed {
            true => {
                "copy the roots there, and name them as OpenSSL looks for them: `openssl rehash FOLDER`"
            }
            false => "copy the certificates there, or correct the path",
        };
        Some(Fault::new(option, message, hint))
    };
    once(endpoints.filter(|named| named.is_empty).filter_map(fault))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a file", "tls-cert = /a\n"),
        bad("a folder without any", "tls-ca = /a\n", &[1]).emptied(),
        bad("a list without any", "tls-cert = /a\n", &[1]).emptied(),
    ]
}
