//! No value ends before its end.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::Found;

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "forbidden-character",
    severity: Severity::Warning,
    source: "certctl-servers(7)",
    meaning: "The value holds a character that begins a comment, so that the server reads a part of it only",
    hint: "take the character out, or name another file",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let forbidden = &configuration.reading.format.forbidden;
    let fault = |option: &Found| {
        let character = option.value.chars().find(|it| forbidden.contains(*it))?;
        let name = configuration.shown_name(option);
        let name = name.map_or_else(|| String::from("this"), |name| format!("`{name}`"));
        let message =
            format!("the server reads {name} up to the `{character}`, which begins a comment");
        let hint = "choose a value without it, or write a blank before the comment";
        Some(Fault::new(option, message, hint))
    };
    configuration.reading.cut.iter().filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a comment", "tls-cert = /a # chain\n# more\n"),
        bad("a value", "depth = 1\ntls-cert = /a#b\n", &[2]),
    ]
}
