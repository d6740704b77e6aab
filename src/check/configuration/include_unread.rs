//! What is included can be read.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::Reason;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "include-unread",
    severity: Severity::Warning,
    source: "certctl-servers(7)",
    meaning: "What is included could not be read, so that nobody looked at it",
    hint: "run as a user who can read it, or check the file by itself",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    configuration.obstacles(|obstacle| {
        let path = configuration.shown_path(obstacle.position, &obstacle.path);
        match &obstacle.reason {
            Reason::NoDirectory => Some((
                format!("{path} is no directory, and nothing else can be included"),
                "name the directory in which the files are",
            )),
            Reason::NoFile => Some((
                format!("{path} is no regular file"),
                "name files, one by one or by a pattern",
            )),
            Reason::Unreadable(why) => Some((
                format!("{path} is not read: {why}"),
                "check again as a user who may read it",
            )),
            Reason::Variable => Some((
                format!("{path} is not read: the variable's value is not known here"),
                "check the file that it means by itself",
            )),
            _ => None,
        }
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("readable", "include = a\n").beside(&[("a", "")]),
        bad("not allowed", "# c\ninclude = a\n", &[2]).beside(&[("a", InMemory::LOCKED)]),
        bad("a directory", "include = a\n", &[1]).beside(&[("a/b", "")]),
        bad("nobody knows where", "include = ${X}/a\n", &[1]),
    ]
}
