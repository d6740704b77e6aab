//! The file turns TLS on.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};

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
    let is_empty = configuration.reading.endpoints.is_empty();
    is_empty.then_some(fault).into_iter().collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a certificate", "tls-cert = /a\n"),
        bad("none", "listen = 1\n", &[1]),
    ]
}
