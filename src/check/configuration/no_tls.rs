//! The file turns TLS on.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::Kind;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "no-tls",
    severity: Severity::Info,
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let server = &configuration.reading.server.name;
    let fault = Fault {
        line: 1,
        message: String::from("it names no certificate and no root"),
        hint: format!("`certctl config {server}` prints what turns TLS on"),
    };
    let complete = &configuration.reading.server.manifest.complete;
    // Folders with roots are named, and not looked into.
    let has_folder = configuration.specified().any(|(option, spec)| {
        let is_listed = |prefix: &String| option.name.starts_with(prefix);
        spec.kind == Kind::Path && complete.iter().any(is_listed)
    });
    let has_none = configuration.reading.endpoints.is_empty() && !has_folder;
    has_none.then_some(fault).into_iter().collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a certificate", "tls-cert = /a\n"),
        good("a folder with roots", "tls-folder = /a\n"),
        bad("none", "listen = 1\n", &[1]),
    ]
}
