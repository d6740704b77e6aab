//! `--key value` words, over as many lines as there are.

use std::{borrow::Cow, iter};

use serde::Deserialize;

use super::{
    Found, Position, Shape, Source, Terms, found, is_space, of_words,
    words::{shell_words, split},
};

/// Options of one letter behind one hyphen, of which several may be one word (getopt(3)).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::emit) struct Short {
    /// Those that take no value; of all others it may follow at once
    flags: String,
    /// Those whose value is another option and its value, as in `-c name=value`
    #[serde(default)]
    names: String,
}

pub(super) fn options(source: &Source<'_>) -> Vec<Found> {
    let terms = source.terms();
    // Those of a list are another program's way to write them.
    let lines = source
        .text()
        .lines()
        .filter(|(_, line)| !line.trim_ascii_start().starts_with("- "));
    let lines = lines.map(|(position, line)| match terms.cuts {
        true => (position, uncommented(line)),
        false => (position, line),
    });
    let lines: Vec<_> = lines.collect();
    // Where `#` ends a line, quotes do not go on.
    let lines = match terms.cuts {
        true => lines
            .into_iter()
            .map(|(at, line)| (at, line.into()))
            .collect(),
        false => joined(&lines),
    };
    let words = lines.iter().flat_map(|(position, line)| {
        let line = line.trim_ascii_end().trim_end_matches('\\');
        shell_words(line)
            .into_iter()
            .map(move |word| (*position, word))
    });
    let mut options = among(&words.collect::<Vec<_>>(), &terms);
    let open = unbalanced(&lines);
    if let Some(option) = options.iter_mut().rfind(|it| Some(it.position) == open) {
        option.shape = Shape::Unbalanced;
    }
    options
}

/// What stands before the first `#` that has no backslash before it; nothing where that begins with another word than
/// an option, and goes on.
fn uncommented(line: &str) -> &str {
    let signs = line.match_indices('#').map(|(at, _)| at);
    let mut signs = signs.filter(|&at| !line[..at].ends_with('\\'));
    let said = line[..signs.next().unwrap_or(line.len())].trim_ascii();
    match said.starts_with('-') || !said.contains(is_space) {
        true => said,
        false => "",
    }
}

/// Where a quote begins that ends nowhere.
fn unbalanced(lines: &[(Position, Cow<'_, str>)]) -> Option<Position> {
    let mut begun: Option<(Position, char)> = None;
    for (position, line) in lines {
        match begun {
            Some((_, quote)) if line.contains(quote) => begun = None,
            Some(_) => {}
            None => begun = split(line).1.map(|quote| (*position, quote)),
        }
    }
    begun.map(|(position, _)| position)
}

/// The lines, with those in one behind which a quote goes on that begins behind an option.
fn joined<'t>(lines: &[(Position, &'t str)]) -> Vec<(Position, Cow<'t, str>)> {
    let mut all = Vec::with_capacity(lines.len());
    let mut rest = lines;
    while let [(position, line), behind @ ..] = rest {
        let (words, quote) = split(line);
        let is_option = words.iter().any(|word| name(word).is_some());
        // No quote is looked for twice that ends nowhere.
        let end = quote.filter(|_| is_option);
        let end = end.and_then(|quote| behind.iter().position(|(_, it)| it.contains(quote)));
        let (inside, behind) = behind.split_at(end.map_or(0, |end| end + 1));
        let whole = match inside {
            [] => Cow::Borrowed(*line),
            _ => {
                let inside = inside.iter().map(|(_, line)| *line);
                Cow::Owned(
                    iter::once(*line)
                        .chain(inside)
                        .collect::<Vec<_>>()
                        .join("\n"),
                )
            }
        };
        all.push((*position, whole));
        rest = behind;
    }
    all
}

/// The options among words, each with its place and the word behind it, or all up to the next option.
pub(super) fn among(words: &[(Position, String)], terms: &Terms<'_>) -> Vec<Found> {
    let is_value = |(_, word): &&(Position, String)| name(word).is_none();
    let option = |(index, (position, word)): (usize, &(Position, String))| {
        let behind = words[index + 1..].iter().take_while(is_value);
        let mut values = behind.map(|(_, word)| word.clone());
        let Some(name) = name(word) else {
            return Vec::new();
        };
        match terms.short {
            Some(short) if !word.starts_with("--") => {
                short.options(*position, name, &values.next().unwrap_or_default())
            }
            _ if terms.greedy => vec![of_words(*position, name, &values.collect::<Vec<_>>())],
            _ => vec![found(*position, name, &values.next().unwrap_or_default())],
        }
    };
    words.iter().enumerate().flat_map(option).collect()
}

/// An option's name; what begins with a digit is a number less than nothing.
fn name(word: &str) -> Option<&str> {
    let name = word.strip_prefix("--").or(word.strip_prefix('-'))?;
    let is_number = name.starts_with(|it: char| it.is_ascii_digit());
    (!name.is_empty() && !is_number).then_some(name)
}

impl Short {
    /// The options of one word; `next` is the word behind it.
    fn options(&self, position: Position, word: &str, next: &str) -> Vec<Found> {
        let mut options = Vec::new();
        let mut letters = word.chars();
        while let Some(letter) = letters.next() {
            let name = letter.to_string();
            if self.flags.contains(letter) {
                options.push(found(position, &name, ""));
                continue;
            }
            let value = Some(letters.as_str()).filter(|rest| !rest.is_empty());
            let value = value.unwrap_or(next);
            options.push(match value.split_once('=') {
                Some((name, value)) if self.names.contains(letter) => found(position, name, value),
                _ => found(position, &name, value),
            });
            break;
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::emit::{manifest::include::NoFiles, syntax::Document};

    fn read(text: &str, terms: Terms<'_>) -> Vec<String> {
        let document = Document {
            path: Path::new(""),
            text,
            files: &NoFiles,
        };
        let options = options(&Source::new(document, terms)).into_iter();
        let shown = options.map(|it| {
            let end = if it.shape == Shape::Unbalanced {
                "?"
            } else {
                ""
            };
            format!("{}={}{end}", it.name, it.value)
        });
        shown.collect()
    }

    #[test]
    fn quotes_go_on_in_the_next_line() {
        for (text, expected) in [
            ("a --b 'c\nd' --e f\n--g h\n", &["b=c\nd", "e=f", "g=h"][..]),
            ("a --b \"c\n# d\n\" --e f\n", &["b=c\n# d", "e=f"]),
            ("It's here\na --b c\nthat it's\n", &["b=c"]),
            ("a --b 'c\n--e f\n", &["b=c?", "e=f"]),
        ] {
            assert_eq!(read(text, Terms::default()), expected, "{text}");
        }
    }

    #[test]
    fn one_hyphen_and_two() {
        let short = Short {
            flags: String::from("vZ"),
            names: String::from("c"),
        };
        for (text, expected) in [
            ("p --port 1 -Z", vec!["port=1", "Z="]),
            ("-p1 -p 2 -vZp 3", vec!["p=1", "p=2", "v=", "Z=", "p=3"]),
            ("-port=1", vec!["p=ort=1"]),
            (
                "-c ssl=on -cssl-x=/a=b -c x",
                vec!["ssl=on", "ssl-x=/a=b", "c=x"],
            ),
            ("-vv -5 - ---p", vec!["v=", "v=", "-p="]),
        ] {
            let terms = Terms {
                short: Some(&short),
                ..Terms::default()
            };
            assert_eq!(read(text, terms), expected, "{text}");
        }
        assert_eq!(read("-port 1", Terms::default()), ["port=1"]);
    }

    #[test]
    fn comments_and_quotes() {
        let cuts = Terms {
            cuts: true,
            ..Terms::default()
        };
        let text = "--a=1# b\n--c \\#d\nlogfile --e\n'--f'\n";
        assert_eq!(read(text, cuts), ["a=1=", "c=#d", "f="]);
        for (text, expected) in [
            ("--a='1'\n--b '2\n--c 3\n", vec!["a=1=", "b=2?", "c=3"]),
            ("--a '1\n2' --b\n", vec!["a=1\n2", "b="]),
            ("# don't\n--a\n", vec!["a="]),
            ("--a \\'\n", vec!["a='"]),
        ] {
            assert_eq!(read(text, Terms::default()), expected, "{text}");
        }
    }
}
