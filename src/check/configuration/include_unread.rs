//! What is included can be read.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::Reason;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "include-unread",
    severity: Severity::Warning,
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    configuration.obstacles(|obstacle| {
        let Reason::Unreadable(why) = &obstacle.reason else {
            return None;
        };
        let message = format!("{} is not read: {why}", obstacle.path.display());
        let hint = "check again as a user who may read it, or check that file by itself";
        Some((message, hint))
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("readable", "include = a\n").beside(&[("a", "")]),
        bad("not allowed", "# c\ninclude = a\n", &[2]).beside(&[("a", InMemory::LOCKED)]),
        bad("nobody knows where", "include = ${X}/a\n", &[1]),
    ]
}
