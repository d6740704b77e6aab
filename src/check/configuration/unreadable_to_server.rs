//! The user that the server runs as may read what it is to read.

use std::collections::HashSet;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::Found;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "unreadable-to-server",
    severity: Severity::Error,
    source: "path_resolution(7) §Permissions",
    meaning: "The user that the server runs as cannot read one of its files: it does not start, or speaks no TLS",
    hint: "give the file to that user: `chown USER FILE`, in a directory that it may enter",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let Some(account) = &configuration.account else {
        return Vec::new();
    };
    let mut known = HashSet::new();
    let fault = |(option, way): (&Found, &Vec<_>)| {
        let step = account.barred(way)?;
        let (name, path) = (&account.name, step.path.display());
        let (verb, hint) = match step.is_directory {
            true => (
                "enter",
                format!("let it: `chmod a+x {path}`, or name copies that are `{name}`'s"),
            ),
            false => ("read", format!("`chown {name} {path}`")),
        };
        known.insert(step.path.clone()).then(|| {
            let message = format!(
                "`{name}`, as whom the server runs, cannot {verb} {path} (mode {:04o} of user {})",
                step.mode, step.owner
            );
            Fault::new(option, message, hint)
        })
    };
    let options = configuration.reading.leads().map(|(option, _)| option);
    let ways = options.zip(&configuration.ways);
    ways.filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let text = "tls-cert = /a\ntls-key = /b\n";
    vec![
        good("nobody knows as whom", text).with_modes(&[0o644, 0o600]),
        good("readable", text).run_by(5).with_modes(&[0o644, 0o604]),
        good("root", text).run_by(0).with_modes(&[0o644, 0o600]),
        bad("the key", text, &[2])
            .run_by(5)
            .with_modes(&[0o644, 0o600]),
        bad("both", text, &[1, 2])
            .run_by(5)
            .with_modes(&[0o640, 0o600]),
    ]
}
