//! Files are named by absolute paths.

use std::path::Path;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::emit::{Reason, Target};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "relative-path",
    severity: Severity::Warning,
    source: "certctl-check(1)",
    meaning: "A file is named by a relative path: which one it is depends on where the server was started",
    hint: "write an absolute path",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let mut faults = configuration.obstacles(|obstacle| {
        let path = configuration.shown_path(obstacle.position, &obstacle.path);
        let message = format!("`{path}` is not an absolute path");
        (obstacle.reason == Reason::Relative).then_some((message, WHOLE))
    });
    let leads = configuration.reading.leads();
    for (option, _) in leads.filter(|(_, target)| **target == Target::Relative) {
        let hint = match option.value.starts_with(['"', '\'']) {
            true => "leave out the quotes, which this server reads as part of the path",
            false => WHOLE,
        };
        let path = configuration.shown_path(option.position, Path::new(&option.value));
        let message = format!("`{path}` is not an absolute path");
        faults.push(Fault::new(option, message, hint));
    }
    once(faults)
}

const WHOLE: &str =
    "write the whole path: where this one leads depends on how the server is started";

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("absolute", "tls-cert = /a\n"),
        good("a variable", "tls-cert = $dir/a\n"),
        good("included, beside the file", "include = b\n").beside(&[("b", "")]),
        bad("included", "# c\nstart = b\n", &[2]).beside(&[("b", "")]),
        good("its start is known", "root = /c\nstart = b\n").beside(&[("/c/b", "")]),
        bad("quotes that are none", "tls-cert = \"/a\"\n", &[1]),
        bad("relative", "tls-key = /b\ntls-cert = tls/a\n", &[2]),
    ]
}
