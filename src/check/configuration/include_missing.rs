//! What is included is there, unless the server does without.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::Reason;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "include-missing",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "A file that is included is not there: the server does not start, or goes on without what was to stand in it",
    hint: "put it there, or take the include out",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    configuration.obstacles(|obstacle| {
        let path = configuration.shown_path(obstacle.position, &obstacle.path);
        let message = format!("{path} is included, and not there");
        let hint = "write the file, or leave the include out";
        (obstacle.reason == Reason::Missing).then_some((message, hint))
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("there", "include = a\n").beside(&[("a", "")]),
        bad("not there", "# c\ninclude = a\n", &[2]),
        bad("nothing that a pattern means", "include = a*\n", &[1]).beside(&[("b", "")]),
    ]
}
