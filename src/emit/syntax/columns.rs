//! Lines of columns, each a section: words between blanks or in double quotes, several of a column with commas
//! between them, and `name=value` behind them (`tokenize_auth_file` in PostgreSQL's `src/backend/libpq/hba.c`).

use std::net::IpAddr;

use serde::Deserialize;

use super::{Position, Section, Source, Text, found};

/// What lines of one kind consist of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Words that begin such lines; any where there is none
    #[serde(default)]
    pub first: Vec<String>,
    /// What the columns are called; one with `?` is there where it holds an address. `*` alone: the first word is
    /// an option, the second its value
    pub names: Vec<String>,
}

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let mut sections = Vec::new();
    let text = source.text();
    read(source, text, &mut sections);
    sections
}

fn read(source: &mut Source<'_>, text: Text<'_>, sections: &mut Vec<Section>) {
    for (position, line) in logical(text) {
        let fields = fields(&line);
        let Some(first) = fields.first() else {
            continue;
        };
        let mut section = Section::new(position, first.clone(), None);
        match section.fill(source.terms().columns, &fields) {
            Ok(()) => {}
            Err(message) => source.blame(position, message),
        }
        let includes = section.options.first().cloned();
        sections.push(section);
        if let Some(option) = includes {
            source.follow(&option, &mut |source, text| read(source, text, sections));
        }
    }
}

impl Section {
    fn fill(&mut self, all: &[Columns], fields: &[String]) -> Result<(), &'static str> {
        let is_meant = |it: &&Columns| it.first.is_empty() || it.first.contains(&fields[0]);
        let kind = all.iter().find(is_meant);
        let kind = kind.ok_or("the line begins with a word that begins none")?;
        let mut add = |name: &str, value: &str| {
            let value = value.replace(BETWEEN, " ");
            self.options.push(found(self.position, name, &value));
        };
        if kind.names == ["*"] {
            add(&fields[0], fields.get(1).map_or("", String::as_str));
            return Ok(());
        }
        let mut rest = fields;
        for (index, name) in kind.names.iter().enumerate() {
            match (name.strip_suffix('?'), rest) {
                (Some(name), [value, behind @ ..]) if is_address(value) => {
                    add(name, value);
                    rest = behind;
                }
                (Some(_), _) if index > 0 && is_address(&fields[index - 1]) => {
                    return Err(
                        "an address needs its mask: `ADDRESS/BITS`, or in the column behind it",
                    );
                }
                (Some(_), _) if index > 0 && is_torn(&fields[index - 1]) => {
                    return Err("only a numeric address has a mask: `ADDRESS/BITS`");
                }
                (Some(_), _) => {}
                (None, [value, behind @ ..]) => {
                    add(name, value);
                    rest = behind;
                }
                (None, []) => return Err("the line has too few words"),
            }
        }
        for option in rest.iter().flat_map(|field| field.split(BETWEEN)) {
            let (name, value) = option
                .split_once('=')
                .ok_or("the line has a word more than its columns, and it is no NAME=VALUE")?;
            add(name, value);
        }
        Ok(())
    }
}

/// Whether a word is a numeric address; `10` and `10.1` are such, too.
fn is_address(word: &str) -> bool {
    let is_part = |it: char| it.is_ascii_digit() || it == '.';
    let is_short = word.starts_with(|it: char| it.is_ascii_digit()) && word.chars().all(is_part);
    is_short || word.parse::<IpAddr>().is_ok()
}

/// Whether a mask stands behind what is no address, or is none.
fn is_torn(word: &str) -> bool {
    word.split_once('/').is_some_and(|(host, bits)| {
        let most = if host.contains(':') { 128 } else { 32 };
        !is_address(host) || !bits.parse().is_ok_and(|bits: u8| bits <= most)
    })
}

/// Lines of which a backslash at the end takes in the next.
fn logical(text: Text<'_>) -> Vec<(Position, String)> {
    let mut all: Vec<(Position, String)> = Vec::new();
    let mut goes_on = false;
    for (position, line) in text.lines() {
        let part = line.strip_suffix('\\');
        match all.last_mut().filter(|_| goes_on) {
            Some((_, whole)) => whole.push_str(part.unwrap_or(line)),
            None => all.push((position, part.unwrap_or(line).to_owned())),
        }
        goes_on = part.is_some();
    }
    all
}

/// What is between the words of a column: it stands in no line.
const BETWEEN: char = '\n';

/// The columns of a line, of several words each; a quote ends with its line, too.
fn fields(line: &str) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    let mut field: Option<String> = None;
    let (mut is_quoted, mut goes_on) = (false, false);
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' if is_quoted && rest.next_if_eq(&'"').is_some() => {
                field.get_or_insert_default().push('"');
            }
            '"' => {
                is_quoted = !is_quoted;
                field.get_or_insert_default();
                goes_on = false;
            }
            _ if is_quoted => field.get_or_insert_default().push(character),
            '#' => break,
            // Before a word it is passed over.
            ',' if field.is_none() => {}
            ',' => {
                field.get_or_insert_default().push(BETWEEN);
                goes_on = true;
            }
            _ if character.is_ascii_whitespace() => {
                if !goes_on {
                    fields.extend(field.take());
                }
            }
            _ => {
                field.get_or_insert_default().push(character);
                goes_on = false;
            }
        }
    }
    fields.extend(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns() {
        for (line, expected) in [
            ("# a", vec![]),
            ("host all,b \"c d\" # e", vec!["host", "all\nb", "c d"]),
            ("a, b c", vec!["a\nb", "c"]),
            (",a ,b", vec!["a", "b"]),
            ("\"a\"\"b\" c=\"d e\"", vec!["a\"b", "c=d e"]),
            ("a \"b c", vec!["a", "b c"]),
        ] {
            assert_eq!(fields(line), expected, "{line}");
        }
        for (word, expected) in [
            ("10.0.0.0/8", false),
            ("10.1/16", false),
            ("::1/128", false),
            ("all", false),
            (".example.test", false),
            ("/", true),
            ("localhost/32", true),
            ("10.0.0.0/33", true),
            ("::/129", true),
            ("10.0.0.0/x", true),
        ] {
            assert_eq!(is_torn(word), expected, "{word}");
        }
    }
}
