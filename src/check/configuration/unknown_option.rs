//! Every option is one that the server has.

use std::collections::HashSet;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::{
    emit::{Found, Syntax},
    nearest::misspelt,
};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "unknown-option",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "The server does not know the option, so that it does not start, or TLS is not what it seems",
    hint: "write the option that was meant, or leave it out",
    broken,
    #[cfg(test)]
    cases,
};

/// A name that is far from all that are known may well exist: manifests know the options that TLS needs.
fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let manifest = &reading.server.manifest;
    let known: HashSet<&str> = reading.server.names(reading.format).collect();
    let mut faults = Vec::new();
    for option in configuration.options() {
        if known.contains(&*option.name) || reading.format.syntax == Some(Syntax::Keywords) {
            continue;
        }
        // The value is not repeated: it may be a secret.
        let (first, _value) = option.name.split_once([' ', '=']).unwrap_or_default();
        if known.contains(first) {
            let message = format!("`{first}` and its value are joined in a way that is not read");
            let right = match reading.format.syntax {
                Some(Syntax::Flags) => format!("write two words: `--{first} VALUE`"),
                _ => format!("write `{first}=VALUE`"),
            };
            faults.push(Fault::new(option, message, right));
            continue;
        }
        let is_complete = |prefix: &String| option.name.starts_with(prefix);
        let hint = match misspelt(&option.name, reading.server.names(reading.format)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if manifest.complete.iter().any(is_complete) => {
                String::from("leave it out, or give the server's version with `--server-version`")
            }
            None => continue,
        };
        faults.push(match configuration.shown_name(option) {
            Some(name) => {
                let message = format!("{} has no option `{name}`", manifest.title);
                Fault::new(option, message, hint)
            }
            None => unnamed(option),
        });
    }
    faults
}

/// What is no name is not repeated: it may be anything.
fn unnamed(option: &Found) -> Fault {
    let message = format!("line {} is no option", option.position.line);
    Fault::new(
        option,
        message,
        "write an option there, or leave the line out",
    )
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("known", "tls-cert = /a\ntls-key = /b\n"),
        good("known to exist", "depth = 3\n"),
        good("nothing to do with TLS", "colour = red\n"),
        good("in another case", "TLS-Cert = /a\n"),
        bad("misspelt", "depth = 3\ntls-crt = /a\n", &[2]),
        bad("without its sign", "depth = 1\nlisten 443\n", &[2]),
        bad("there is no such", "tls-whatever-it-takes = 1\n", &[1]),
    ]
}
