//! The file turns TLS on.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::{Kind, Position};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "no-tls",
    severity: Severity::Info,
    source: "certctl-servers(7)",
    meaning: "The configuration names neither certificate nor root, so that the server speaks no TLS",
    hint: "`certctl config SERVER` prints what turns TLS on",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let server = &reading.server.name;
    let fault = Fault {
        position: Position::START,
        message: String::from("it names no certificate and no root"),
        hint: format!("`certctl config {server}` prints what turns TLS on"),
    };
    let complete = &reading.server.manifest.complete;
    // Folders with roots are named, and not looked into.
    let has_folder = configuration.specified().any(|(option, spec)| {
        // Where all options are known, that says nothing of what they are for.
        let is_listed = |prefix: &String| !prefix.is_empty() && option.name.starts_with(prefix);
        let is_named = spec.kind == Kind::Path && !option.value.is_empty();
        is_named && complete.iter().any(is_listed)
    });
    // What could not be read may turn it on.
    let has_none = reading.endpoints.is_empty() && !reading.is_usual && !has_folder;
    let has_none = reading.is_whole && has_none;
    // Formats without endpoints say nothing of files.
    let mut endpoints = reading.server.manifest.endpoints.iter();
    let could_have = endpoints.any(|endpoint| endpoint.is_in(&reading.format.name));
    (has_none && could_have)
        .then_some(fault)
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a certificate", "tls-cert = /a\n"),
        good("a folder with roots", "tls-folder = /a\n"),
        good("included", "include = a.conf\n").beside(&[("a.conf", "tls-cert = /a\n")]),
        good("perhaps included", "include = none.conf\n"),
        bad("none", "listen = 1\n", &[1]),
        bad("a folder without a name", "tls-folder =\n", &[1]),
        bad("all in comments", "# tls-cert = /a\n", &[1]),
    ]
}
