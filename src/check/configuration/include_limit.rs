//! No more is included than can be read.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::Reason;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "include-limit",
    severity: Severity::Warning,
    source: "certctl(1), LIMITS",
    meaning: "More is included than is read; what stands in the rest was not looked at",
    hint: "include less, or check the files one by one",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    configuration.obstacles(|obstacle| {
        let message = String::from("so much is included that the rest is not read");
        let hint = "include less, or check the files one by one";
        (obstacle.reason == Reason::Limit).then_some((message, hint))
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    const NEXT: [(&str, &str); 4] = [
        ("a", "include = b\n"),
        ("b", "include = c\n"),
        ("c", "include = d\n"),
        ("d", ""),
    ];
    // Each includes all that come after it, twice.
    const TWICE: [(&str, &str); 8] = [
        ("1", "include = [2-8]\ninclude = [2-8]\n"),
        ("2", "include = [3-8]\ninclude = [3-8]\n"),
        ("3", "include = [4-8]\ninclude = [4-8]\n"),
        ("4", "include = [5-8]\ninclude = [5-8]\n"),
        ("5", "include = [6-8]\ninclude = [6-8]\n"),
        ("6", "include = [78]\ninclude = [78]\n"),
        ("7", "include = 8\ninclude = 8\n"),
        ("8", ""),
    ];
    vec![
        good("four deep", "include = a\n").beside(&NEXT),
        bad(
            "very often",
            "# c\n# c\ninclude = 1\ninclude = 1\ninclude = 1\n",
            &[2],
        )
        .beside(&TWICE),
    ]
}
