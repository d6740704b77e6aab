//! Questions on the terminal, where somebody is there to answer.

use std::io::{self, IsTerminal as _};

use zeroize::Zeroizing;

use super::Report;

/// Asks on the terminal for a passphrase or PIN without showing it; `repeat` asks twice.
pub(crate) fn ask_secret(what: &str, repeat: bool) -> Result<Zeroizing<String>, Report> {
    let (first, rest) = what.split_at(1);
    let mut question = dialoguer::Password::new().with_prompt(first.to_uppercase() + rest);
    if repeat {
        question = question.with_confirmation("The same again", "The two differ");
    }
    question
        .interact()
        .map(Zeroizing::new)
        .map_err(|error| Report::failed("prompt", format!("no answer from the terminal: {error}")))
}

/// Asks yes or no, default no; without a terminal the answer is `otherwise`.
pub(crate) fn confirm(question: &str, otherwise: bool) -> Result<bool, Report> {
    match is_interactive() {
        true => yes_or_no(question, false),
        false => Ok(otherwise),
    }
}

/// Asks for a line on the terminal; what is shown in brackets is taken where nothing is typed.
pub(crate) fn ask(question: &str, usual: Option<&str>) -> Result<String, Report> {
    let mut input = dialoguer::Input::<String>::new().with_prompt(question);
    if let Some(usual) = usual {
        input = input.default(usual.to_owned());
    }
    input
        .interact_text()
        .map_err(|error| Report::failed("prompt", format!("no answer from the terminal: {error}")))
}

/// Asks yes or no, default yes.
pub(crate) fn proceed(question: &str) -> Result<bool, Report> {
    yes_or_no(question, true)
}

fn yes_or_no(question: &str, usual: bool) -> Result<bool, Report> {
    let question = dialoguer::Confirm::new().with_prompt(question);
    let answer = question.default(usual).interact();
    answer
        .map_err(|error| Report::failed("prompt", format!("no answer from the terminal: {error}")))
}

/// Whether somebody can be asked.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}
