//! Every line is one that the server can read.

use std::collections::HashSet;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::emit::{Arity, Found, Shape};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "bad-line",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "A line has other words than the server reads there: too many, none, or a quote that does not end; the server does not start, or reads something else",
    hint: "write the line as the server reads it: a value of several words in quotes, a comment on a line of its own",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let manifest = &reading.server.manifest;
    let words = reading.sections.iter().flat_map(|section| {
        section.options.iter().filter_map(|option| {
            let arity = manifest.arity(&option.name);
            let arity = arity.filter(|arity| arity.is_in(&section.name));
            let shown = configuration.shown_name(option).unwrap_or("it");
            let (message, hint) = wrong(option, arity, shown)?;
            Some(Fault::new(option, message, hint))
        })
    });
    let repeated = reading.sections.iter().flat_map(|section| {
        let mut known = HashSet::new();
        section.options.iter().filter_map(move |option| {
            let arity = manifest.arity(&option.name)?;
            let first = option.value.split_whitespace().next();
            let first = first.filter(|_| arity.distinct);
            let is_once = arity.once || arity.distinct;
            (is_once && !known.insert((&*option.name, first))).then(|| {
                let message = format!("`{}` stands here for the second time", option.name);
                Fault::new(option, message, "leave one of the lines out")
            })
        })
    });
    let blunders = reading.blunders.iter().map(|blunder| Fault {
        position: blunder.position,
        message: blunder.message.to_owned(),
        hint: String::from("write the file as the server reads it"),
    });
    once(words.chain(repeated).chain(blunders))
}

/// What is wrong with the words of a line, and what mends it.
fn wrong(option: &Found, arity: Option<&Arity>, shown: &str) -> Option<(String, String)> {
    let (count, comment) = match option.shape {
        Shape::Any | Shape::Is(_) => return None,
        Shape::Unbalanced => {
            let message = "a quote does not end, or something follows its end at once";
            return Some((
                message.to_owned(),
                String::from("put the whole value in quotes"),
            ));
        }
        Shape::Valueless => {
            return Some((
                format!("`{shown}` ends the line, and its value is missing"),
                String::from("write the value behind it, or leave the word out"),
            ));
        }
        Shape::Words { count, comment } => (count, comment),
    };
    let arity = arity?;
    if option.begins != arity.begins {
        let (message, hint) = match arity.begins {
            true => (
                "begins a block, and no `{` follows",
                "write `{` behind it, and `}` at its end",
            ),
            false => ("begins no block, and `{` follows", "end the line with `;`"),
        };
        return Some((format!("`{shown}` {message}"), hint.to_owned()));
    }
    if arity.takes(count) {
        return None;
    }
    let message = format!("`{shown}` takes {}, and here are {count}", arity.expected());
    let hint = match count {
        _ if comment => "put the comment in a line of its own: here `#` begins none",
        0 => "write its value there",
        _ => "put a value of several words in quotes",
    };
    Some((message, hint.to_owned()))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("one word", "chain = yes\n"),
        good("a flag", "flag\n"),
        bad("no value", "chain = yes\npeer\n", &[2]),
        bad("twice", "only = 1\nchain = yes\nonly = 2\n", &[3]),
        good("in two sections", "[a]\nonly = 1\n[b]\nonly = 2\n"),
    ]
}
