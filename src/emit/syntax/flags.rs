//! `--key value` words, over as many lines as there are.

use super::{Found, Position, Text, found, words::shell_words};

pub(super) fn options(text: Text<'_>) -> Vec<Found> {
    // Those of a list are another program's way to write them.
    let lines = text
        .lines()
        .filter(|(_, line)| !line.trim_start().starts_with("- "));
    let words = lines.flat_map(|(position, line)| {
        let line = line.trim_end().trim_end_matches('\\');
        shell_words(line)
            .into_iter()
            .map(move |word| (position, word))
    });
    among(&words.collect::<Vec<_>>())
}

/// The options among words, each with its place.
pub(super) fn among(words: &[(Position, String)]) -> Vec<Found> {
    let next = |index: usize| {
        let (_, next) = words.get(index + 1)?;
        name(next).is_none().then_some(next.as_str())
    };
    let option = |(index, (position, word)): (usize, &(Position, String))| {
        Some(found(
            *position,
            name(word)?,
            next(index).unwrap_or_default(),
        ))
    };
    words.iter().enumerate().filter_map(option).collect()
}

/// An option's name; what begins with a digit is a number less than nothing.
fn name(word: &str) -> Option<&str> {
    let name = word.strip_prefix('-')?.trim_start_matches('-');
    let is_number = name.starts_with(|it: char| it.is_ascii_digit());
    (!name.is_empty() && !is_number).then_some(name)
}
