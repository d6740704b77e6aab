//! `--key value` words, over as many lines as there are.

use super::{Found, Position, Text, found, of_words, words::shell_words};

pub(super) fn options(text: Text<'_>, greedy: bool) -> Vec<Found> {
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
    among(&words.collect::<Vec<_>>(), greedy)
}

/// The options among words, each with its place and the word behind it, or all up to the next option.
pub(super) fn among(words: &[(Position, String)], greedy: bool) -> Vec<Found> {
    let is_value = |(_, word): &&(Position, String)| name(word).is_none();
    let option = |(index, (position, word)): (usize, &(Position, String))| {
        let behind = words[index + 1..].iter().take_while(is_value);
        let mut values = behind.map(|(_, word)| word.clone());
        let name = name(word)?;
        Some(match greedy {
            true => of_words(*position, name, &values.collect::<Vec<_>>()),
            false => found(*position, name, &values.next().unwrap_or_default()),
        })
    };
    words.iter().enumerate().filter_map(option).collect()
}

/// An option's name; what begins with a digit is a number less than nothing.
fn name(word: &str) -> Option<&str> {
    let name = word.strip_prefix('-')?.trim_start_matches('-');
    let is_number = name.starts_with(|it: char| it.is_ascii_digit());
    (!name.is_empty() && !is_number).then_some(name)
}
