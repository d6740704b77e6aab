//! `key value …` lines as Redis splits them.

use super::{Found, Shape, Source, Text, found, is_space, of_words};

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let mut options = Vec::new();
    let text = source.text();
    read(source, text, &mut options);
    options
}

fn read(source: &mut Source<'_>, text: Text<'_>, options: &mut Vec<Found>) {
    for (position, line) in text.lines() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let option = match split(line).as_deref() {
            Some([name, values @ ..]) => of_words(position, name, values),
            Some([]) => continue,
            None => {
                let (name, value) = line.split_once(is_space).unwrap_or((line, ""));
                Found {
                    shape: Shape::Unbalanced,
                    ..found(position, name, value)
                }
            }
        };
        source.follow(&option, &mut |source, text| read(source, text, options));
        options.push(option);
    }
}

/// The words of a line; `None` where quotes do not end, or something follows them at once
/// (`sdssplitargs` in `src/sds.c`).
fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = line.trim_ascii_start().chars().peekable();
    while rest.peek().is_some() {
        let mut word = String::new();
        while let Some(character) = rest.next_if(|it| !it.is_ascii_whitespace()) {
            match character {
                '"' | '\'' => {
                    quoted(character, &mut rest, &mut word)?;
                    // Only a blank may follow.
                    if rest.peek().is_some_and(|next| !next.is_ascii_whitespace()) {
                        return None;
                    }
                }
                _ => word.push(character),
            }
        }
        words.push(word);
        while rest.next_if(char::is_ascii_whitespace).is_some() {}
    }
    Some(words)
}

/// Takes a quoted text up to its end.
fn quoted(quote: char, rest: &mut impl Iterator<Item = char>, word: &mut String) -> Option<()> {
    loop {
        match rest.next()? {
            it if it == quote => return Some(()),
            '\\' if quote == '"' => word.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'x' => {
                    let digits: String = rest.take(2).collect();
                    char::from(u8::from_str_radix(&digits, 16).ok()?)
                }
                other => other,
            }),
            '\\' => match rest.next()? {
                '\'' => word.push('\''),
                other => word.extend(['\\', other]),
            },
            other => word.push(other),
        }
    }
}
