//! What could not be looked at is told.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::emit::{Named, Target};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "not-checked",
    severity: Severity::Info,
    source: "certctl-servers(7)",
    meaning: "A file that the configuration names could not be looked at, because its name is only known when the server runs",
    hint: "name its files to `certctl check` one by one",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let endpoints = configuration.reading.endpoints.iter();
    let files = endpoints.flat_map(Named::leads);
    let files = files.filter_map(|(option, target)| {
        let why = match target {
            Target::Chosen => "its file is chosen when the server runs",
            Target::Inside => "nothing of this machine is mounted where its file is",
            Target::Other => "it names no file",
            Target::Absent | Target::File(_) | Target::Relative => return None,
        };
        let message = format!("`{}` was not looked at: {why}", option.name);
        Some(Fault::new(option, message, HINT))
    });
    once(files)
}

const HINT: &str = "name its files to `certctl check` one by one";

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a path", "tls-cert = /a\n"),
        good("a relative path is found as such", "tls-cert = a\n"),
        bad("a variable", "# c\ntls-cert = $dir/a\n", &[2]),
        bad("an engine's", "tls-key = engine:a\ntls-cert = /a\n", &[1]),
    ]
}
