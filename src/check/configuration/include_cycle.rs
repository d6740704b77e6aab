//! No file includes itself, not even through others.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::Reason;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "include-cycle",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "A file includes itself, perhaps through others; the server does not start, or reads without end",
    hint: "take one of the includes out",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    configuration.obstacles(|obstacle| {
        let path = configuration.shown_path(obstacle.position, &obstacle.path);
        let message = format!("{path} is included while it is being read, without end");
        let hint = "leave the include out, here or in one of the files between";
        (obstacle.reason == Reason::Cycle).then_some((message, hint))
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("twice", "include = a\ninclude = a\n").beside(&[("a", "")]),
        bad("itself", "# c\ninclude = sample.conf\n", &[2]),
        bad("through another", "include = a\n", &[3])
            .beside(&[("a", "# c\n# c\ninclude = sample.conf\n")]),
    ]
}
