//! `--key value` words, over as many lines as there are.

use super::{Found, found, numbered, words::words};

pub(super) fn options(text: &str) -> Vec<Found> {
    // Those of a list are another program's way to write them.
    let lines = numbered(text).filter(|(_, line)| !line.trim_start().starts_with("- "));
    let words = lines.flat_map(|(number, line)| {
        let line = line.trim_end().trim_end_matches('\\');
        words(line).into_iter().map(move |word| (number, word))
    });
    among(&words.collect::<Vec<_>>())
}

/// The options among words, each with its line.
pub(super) fn among(words: &[(usize, String)]) -> Vec<Found> {
    let next = |index: usize| {
        let (_, next) = words.get(index + 1)?;
        name(next).is_none().then_some(next.as_str())
    };
    let option = |(index, (number, word)): (usize, &(usize, String))| {
        Some(found(*number, name(word)?, next(index).unwrap_or_default()))
    };
    words.iter().enumerate().filter_map(option).collect()
}

fn name(word: &str) -> Option<&str> {
    let name = word.strip_prefix('-')?.trim_start_matches('-');
    (!name.is_empty()).then_some(name)
}
