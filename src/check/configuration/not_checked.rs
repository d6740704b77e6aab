//! What could not be looked at is told.

use std::collections::HashSet;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::emit::{Named, Shape, Target, Type};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "not-checked",
    severity: Severity::Info,
    source: "certctl-servers(7)",
    meaning: "A file that the configuration names, or a value in it, was not looked at: it is only known when the server runs, or certctl does not know what it is for",
    hint: "name its files to `certctl check` one by one, and have the server itself test the rest",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let endpoints = configuration.reading.endpoints.iter();
    let files = endpoints.clone().flat_map(Named::leads);
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
    let options = configuration.options().into_iter();
    let chosen = options.filter(|option| option.shape == Shape::Is(Type::Variable));
    let known: HashSet<_> = endpoints.flat_map(Named::files).collect();
    let values = chosen
        .filter(|option| !known.contains(option))
        .map(|option| {
            let name = configuration.shown_name(option).unwrap_or("an option");
            let message =
                format!("`{name}` was not looked at: no line above says what its variable is");
            let hint =
                "the server looks in its environment: have the variable there where it is started";
            Fault::new(option, message, hint)
        });
    let doubts = configuration.reading.doubts.iter().map(|position| {
        let message =
            "one version of the server alone reads what follows, and which it is was not said";
        Fault::at(
            *position,
            message,
            "give the version with `--server-version`",
        )
    });
    once(files.chain(values).chain(doubts))
}

pub(super) const HINT: &str = "name its files to `certctl check` one by one";

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a path", "tls-cert = /a\n"),
        good("a relative path is found as such", "tls-cert = a\n"),
        bad("a variable", "# c\ntls-cert = $dir/a\n", &[2]),
        bad("an engine's", "tls-key = engine:a\ntls-cert = /a\n", &[1]),
    ]
}
