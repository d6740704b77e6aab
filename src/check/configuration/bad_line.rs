//! Every line is one that the server can read.

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
    let words = reading.worded().filter_map(|worded| {
        let option = worded.option;
        let shown = configuration.shown_name(option).unwrap_or("it");
        let wrong = shapeless(option, shown);
        let wrong = wrong.or_else(|| worded.wrong(|arity| wrong_count(option, arity, shown)));
        let (message, hint) = wrong?;
        Some(Fault::new(option, message, hint))
    });
    let repeated = reading.repeated().into_iter();
    let repeated = repeated.map(|(option, once)| {
        let word = option.value.split_whitespace().next();
        let message = match word.filter(|_| once.named) {
            Some(word) => format!("`{}` is not the first that has `{word}`", option.name),
            None => format!("`{}` stands here for the second time", option.name),
        };
        Fault::new(option, message, "leave one of the lines out")
    });
    let hint = "write the file as the server reads it";
    let blunders = reading.blunders.iter();
    let blunders = blunders.map(|blunder| Fault::at(blunder.position, blunder.message, hint));
    once(words.chain(repeated).chain(blunders))
}

/// What is wrong with a line whose words cannot be told, and what mends it.
fn shapeless(option: &Found, shown: &str) -> Option<(String, String)> {
    match option.shape {
        Shape::Any | Shape::Empty | Shape::Is(_) | Shape::Words { .. } => None,
        Shape::Unbalanced => Some((
            String::from("a quote does not end, or something follows its end at once"),
            String::from("put the whole value in quotes"),
        )),
        Shape::Valueless => Some((
            format!("`{shown}` ends the line, and its value is missing"),
            String::from("write the value behind it, or leave the word out"),
        )),
    }
}

/// What is wrong with the words of a line, and what mends it.
fn wrong_count(option: &Found, arity: &Arity, shown: &str) -> Option<(String, String)> {
    let Shape::Words { count, comment } = option.shape else {
        return None;
    };
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
        bad("one for another", "[a]\nuser = 1\nowner = 2\n", &[3]),
        bad(
            "one name in all sections",
            "[a]\nname = x\n[b]\nname = y\n[c]\nname = x 2\n",
            &[6],
        ),
        good("a version takes it", "elder = 1\nelder = 2\n"),
        good("in another section", "[b]\nuser = 1\nowner = 2\n"),
    ]
}
