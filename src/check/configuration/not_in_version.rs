//! Every option is one that the server's version has.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::{Found, OptionSpec};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "not-in-version",
    severity: Severity::Warning,
    source: "certctl-servers(7)",
    meaning: "The option exists, but not in the server's version that is assumed",
    hint: "leave it out, or give the version with `--server-version`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let absent = (configuration.specified()).filter(|(_, spec)| !spec.exists_in(&reading.version));
    let fault = |(option, spec): (&Found, &OptionSpec)| {
        let message = format!(
            "{} {} does not have `{}` ({})",
            reading.server.manifest.title,
            reading.version,
            option.name,
            spec.exists()
        );
        let hint = "leave it out, or give the server's version with `--server-version`";
        Fault::new(option, message, hint)
    };
    absent.map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("in all versions", "listen = 1\n"),
        bad("removed", "listen = 1\nold = 1\n", &[2]),
    ]
}
