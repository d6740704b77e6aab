//! `key = value` or `key value` lines, as PostgreSQL splits them (`src/backend/utils/misc/guc-file.l`): what is no
//! word or number stands in single quotes, and `#` begins a comment anywhere.

use super::{Found, Source, Text, found};

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let mut options = Vec::new();
    let text = source.text();
    read(source, text, &mut options);
    options
}

fn read(source: &mut Source<'_>, text: Text<'_>, options: &mut Vec<Found>) {
    for (position, line) in text.lines() {
        match setting(line) {
            Ok(None) => {}
            Ok(Some((name, value))) => {
                let option = Found {
                    value,
                    ..found(position, name, "")
                };
                source.follow(&option, &mut |source, text| read(source, text, options));
                options.push(option);
            }
            Err(message) => source.blame(position, message),
        }
    }
}

/// What a line sets; nothing where it is empty.
fn setting(line: &str) -> Result<Option<(&str, String)>, &'static str> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let is_part = |it: char| is_letter(it) || it.is_ascii_digit() || it == '.';
    let end = line.find(|it| !is_part(it)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !name.starts_with(is_letter) {
        return Err("the line does not begin with a name");
    }
    let rest = rest.trim_ascii_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_ascii_start();
    let (value, rest) = match rest.strip_prefix('\'') {
        Some(rest) => quoted(rest).ok_or("a quote does not end")?,
        None => bare(rest)?,
    };
    match rest.trim_ascii_start() {
        "" => Ok(Some((name, value))),
        rest if rest.starts_with('#') => Ok(Some((name, value))),
        _ => Err("something follows the value"),
    }
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

/// A word or a number, and what follows it.
fn bare(rest: &str) -> Result<(String, &str), &'static str> {
    let ends = |it: char| it.is_ascii_whitespace() || it == '#';
    let (word, rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
    if word.is_empty() {
        return Err("a name stands without its value");
    }
    let is_number = word.starts_with(|it: char| it.is_ascii_digit() || "+-.".contains(it));
    let is_part = |it: char| match is_number {
        true => it.is_ascii_alphanumeric() || "+-.".contains(it),
        false => is_letter(it) || it.is_ascii_digit() || "-._:/".contains(it),
    };
    // Two numbers would be two values.
    let is_one = word.bytes().filter(|&byte| byte == b'.').count() <= 1;
    let begins_well = is_number && is_one || word.starts_with(is_letter);
    match begins_well && word.chars().all(is_part) {
        true => Ok((word.to_owned(), rest)),
        false => Err("a value that is no word and no number has to stand in single quotes"),
    }
}

/// A text up to the quote that ends it, and what follows; `None` where it does not end.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '\'' if rest.as_str().starts_with('\'') => value.extend(rest.next()),
            '\'' => return Some((value, rest.as_str())),
            '\\' => value.push(match rest.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                digit @ '0'..='7' => {
                    let mut octal = digit.to_digit(8)?;
                    for _ in 0..2 {
                        let Some(digit) = rest.clone().next().and_then(|it| it.to_digit(8)) else {
                            break;
                        };
                        rest.next();
                        octal = octal * 8 + digit;
                    }
                    char::from_u32(octal & 0xff)?
                }
                other => other,
            }),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `postgres -C` shows them, or refuses the line.
    #[test]
    fn lines() {
        for (line, expected) in [
            ("# a = b", Ok(None)),
            ("ssl = on # c", Ok(Some(("ssl", "on")))),
            ("ssl on", Ok(Some(("ssl", "on")))),
            ("ssl=on", Ok(Some(("ssl", "on")))),
            ("a.b = 'c # d' # e", Ok(Some(("a.b", "c # d")))),
            (r"a = 'it''s \'\\\101'", Ok(Some(("a", r"it's '\A")))),
            ("a = 12MB", Ok(Some(("a", "12MB")))),
            ("a = -0.5", Ok(Some(("a", "-0.5")))),
            ("a = b/c.d", Ok(Some(("a", "b/c.d")))),
            ("a = ''", Ok(Some(("a", "")))),
            (
                "a = /b",
                Err("a value that is no word and no number has to stand in single quotes"),
            ),
            (
                "a = 127.0.0.1",
                Err("a value that is no word and no number has to stand in single quotes"),
            ),
            ("a =", Err("a name stands without its value")),
            ("a = 'b", Err("a quote does not end")),
            ("a = b c", Err("something follows the value")),
            ("a = 'b'c", Err("something follows the value")),
            ("= b", Err("the line does not begin with a name")),
        ] {
            let expected = expected.map(|it| it.map(|(name, value)| (name, value.to_owned())));
            assert_eq!(setting(line), expected, "{line}");
        }
    }
}
