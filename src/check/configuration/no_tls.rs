//! The file turns TLS on.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::{Endpoint, Kind, Position};

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
    let hint = format!("`certctl config {server}` prints what turns TLS on");
    let fault = Fault::at(Position::START, "it names no certificate and no root", hint);
    // What could not be read may turn it on.
    let has_none =
        reading.endpoints.is_empty() && !reading.is_usual && !names_a_file(configuration);
    let has_none = reading.is_whole && has_none;
    // Formats without endpoints say nothing of files.
    let could_have = endpoints(configuration).next().is_some();
    (has_none && could_have)
        .then_some(fault)
        .into_iter()
        .collect()
}

fn endpoints<'a>(configuration: &'a Configuration<'_>) -> impl Iterator<Item = &'a Endpoint> {
    let reading = &configuration.reading;
    let all = reading.server.manifest.endpoints.iter();
    all.filter(|endpoint| endpoint.is_in(&reading.format.name))
}

/// Whether something is named that is not looked at: folders with roots, or keystores of Java.
fn names_a_file(configuration: &Configuration<'_>) -> bool {
    let complete = &configuration.reading.server.manifest.complete;
    let mut sections = configuration.reading.sections.iter();
    let is_flat = sections.all(|section| section.name.is_empty());
    configuration.specified().any(|(option, spec)| {
        // Where all options are known, that says nothing of what they are for.
        let is_listed = |prefix: &String| !prefix.is_empty() && option.name.starts_with(prefix);
        let is_folder = || spec.kind == Kind::Path && complete.iter().any(is_listed);
        let mut parts = endpoints(configuration).flat_map(Endpoint::parts).flatten();
        let mut is_part = || parts.any(|name| *name.get_ref() == option.name);
        // In a section of another name an option is none.
        let mut is_file = || is_flat && option.value.starts_with('/') && is_part();
        !option.value.is_empty() && is_folder() || is_file()
    })
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
