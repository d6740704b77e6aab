//! Every option is one that the server has.

use std::collections::HashSet;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::{
    emit::{Found, Kind, Line, Manifest, Section, Syntax},
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
    for option in options(configuration) {
        if !manifest.can_be_name(&option.name) {
            faults.push(unnamed(option));
            continue;
        }
        if known.contains(&*option.name) || manifest.is_open(&option.name) {
            continue;
        }
        // The value is not repeated: it may be a secret.
        let (first, _value) = option.name.split_once([' ', '=']).unwrap_or_default();
        let first = Some(first).filter(|first| known.contains(first));
        if let Some(first) = first.or_else(|| glued(manifest, &option.name)) {
            let message = format!("`{first}` and its value are joined in a way that is not read");
            let right = match reading.format.syntax {
                Some(Syntax::Flags | Syntax::Items) => {
                    format!("write two words: `--{first} VALUE`")
                }
                Some(Syntax::Lines) => format!("write `{first} VALUE`"),
                _ => format!("write `{first}=VALUE`"),
            };
            faults.push(Fault::new(option, message, right));
            continue;
        }
        if let Some(outer) = outer(manifest, &known, &option.name) {
            let message = format!("`{outer}` has a value, and nothing stands below it");
            faults.push(Fault::new(option, message, "write its value behind it"));
            continue;
        }
        let is_complete = |prefix: &String| option.name.starts_with(prefix);
        let word = option.value.split_whitespace().next().unwrap_or_default();
        let whole = format!("{}{word}", option.name);
        let near = Manifest::filled(reading.server.names(reading.format), &option.name);
        let near = near.iter().map(|near| &**near);
        let near = near.filter(|near| !is_within(near, &option.name));
        let hint = match misspelt(&option.name, near) {
            _ if !word.is_empty() && known.contains(&*whole) => {
                format!("a blank is in it: did you mean `{whole}`?")
            }
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
    faults.extend(strange(configuration));
    faults
}

/// The option at whose name a number, an address or a path follows at once.
fn glued<'m>(manifest: &'m Manifest, name: &str) -> Option<&'m str> {
    let is_value = |rest: &str| {
        let mut signs = rest.chars();
        // Later versions may have one whose name ends in a number.
        let is_number = rest.len() > 1 && signs.all(|it| it.is_ascii_digit() || ".:".contains(it));
        is_number || rest.starts_with('/')
    };
    let takes_any = |kind| !matches!(kind, Kind::Choice | Kind::Flag);
    let options = manifest.options.iter();
    let mut options = options.filter(|(_, spec)| takes_any(spec.kind));
    let found = options.find(|(known, _)| name.strip_prefix(known.as_str()).is_some_and(is_value));
    found.map(|(known, _)| known.as_str())
}

/// The option that has a value, below which another stands as if it were a block.
fn outer<'n>(manifest: &Manifest, known: &HashSet<&str>, name: &'n str) -> Option<&'n str> {
    let outer = name.match_indices('.').map(|(end, _)| &name[..end]);
    let has_value = |outer: &&str| {
        let is_block = |known: &&str| is_within(known, outer) && known.len() > outer.len();
        manifest.options.contains_key(*outer)
            && known.contains(outer)
            && !known.iter().any(is_block)
    };
    outer.into_iter().find(has_value)
}

/// Whether one is the name of a block and the other of what stands in it, which is no slip of the pen.
fn is_within(one: &str, other: &str) -> bool {
    let begins = |outer: &str, inner: &str| {
        let rest = inner.get(outer.len()..);
        rest.is_some_and(|rest| rest.starts_with('.')) && inner.starts_with(outer)
    };
    begins(one, other) || begins(other, one)
}

/// All that may be options: of a line the first word, and none where the lines are others'.
fn options<'c>(configuration: &'c Configuration<'_>) -> Vec<&'c Found> {
    let reading = &configuration.reading;
    let foreign = &reading.server.manifest.foreign;
    let is_foreign = |section: &Section| {
        let head = section.name.split_whitespace().next().unwrap_or_default();
        foreign.iter().any(|word| word == head)
    };
    let first = match reading.format.syntax {
        // Where nothing is known of lines, their words are another program's.
        Some(Syntax::Keywords) if reading.server.manifest.lines.is_empty() => 0,
        Some(Syntax::Keywords) => 1,
        _ => usize::MAX,
    };
    let is_read = |it: &&Section| !is_foreign(it) && !reading.is_unread(it);
    let sections = reading.sections.iter().filter(is_read);
    once(sections.flat_map(|section| section.options.iter().take(first)))
}

/// Words of a line that are none of its options.
fn strange(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let manifest = &reading.server.manifest;
    let lines = manifest.lines.iter();
    let known: HashSet<&str> = reading.server.names(reading.format).collect();
    let fault = |(line, option): &(usize, Found)| {
        let is_part = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        let is_closed = manifest.lines[*line].closed;
        let is_name = option.name.starts_with(|it: char| it.is_ascii_lowercase())
            && option.name.chars().all(is_part);
        // Later versions may have options that nobody knows yet.
        if is_closed || !is_name || known.contains(&*option.name) {
            let message = "the line has a word that is none of its options";
            let hint = "leave the word out, or begin a line with it";
            return Some(Fault::new(option, message, hint));
        }
        let names = lines.clone().flat_map(Line::options);
        let near = misspelt(&option.name, names)?;
        let message = format!("{} has no option of this name", manifest.title);
        Some(Fault::new(
            option,
            message,
            format!("did you mean `{near}`?"),
        ))
    };
    once(reading.strange.iter().filter_map(fault))
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
        bad("with a blank in it", "tls -cert = /a\n", &[1]),
        bad("without its sign", "depth = 1\nlisten 443\n", &[2]),
        bad("with its value at once", "listen8443 =\n", &[1]),
        bad("below a value", "depth = 3\ntls-cert.of.all = /a\n", &[2]),
        bad("there is no such", "tls-whatever-it-takes = 1\n", &[1]),
    ]
}
