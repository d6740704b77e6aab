//! Quotes, escapes and variables in a value (config(5)).

use std::ops::Range;

use super::{
    config::DEFAULT_SECTION,
    line::{Line, is_quote},
    mistakes::{Mistake, Mistakes, Position},
    reader::Reader,
    text::Text,
};

/// OpenSSL's own limit for a value that holds variables, in octets.
const MAX_EXPANDED_LENGTH: usize = 65_536;

/// The same for all values together: a line of ten octets can stand for 65,536.
const MAX_EXPANDED_IN_ALL: usize = 1 << 22;

/// The section that holds the environment's variables.
const ENVIRONMENT_SECTION: &str = "ENV";

/// A variable as a value names it.
struct Reference {
    section: Option<String>,
    name: String,
    /// The index behind it
    end: usize,
}

impl Reader<'_> {
    /// Reads a value; `section` is where variables are looked up that name none.
    pub(super) fn expand(
        &self,
        section: &str,
        line: &Line,
        range: Range<usize>,
    ) -> Result<Text, Mistakes> {
        let mut text = Text::default();
        let mut mistakes = None;
        let mut index = range.start;
        while index < range.end {
            match line.at(index) {
                quote if is_quote(quote) => index = unquote(line, index..range.end, &mut text),
                '\\' => {
                    if index + 1 < range.end {
                        text.push(unescape(line.at(index + 1)), line.position(index));
                    }
                    index += 2;
                }
                '$' if !self.dollar_in_names || matches!(line.at(index + 1), '{' | '(') => {
                    let reference = self.reference(line, index)?;
                    let position = line.position(index);
                    index = reference.end;
                    if let Err(more) = self.append(section, &reference, position, &mut text) {
                        mistakes.get_or_insert_with(Mistakes::default).add(more);
                    }
                }
                octet => {
                    text.push(octet, line.position(index));
                    index += 1;
                }
            }
        }
        mistakes.map_or_else(|| Ok(text.finish(line.position(range.end))), Err)
    }

    /// Reads `$name`, `${name}` or `$(name)`, each with or without `section::`.
    fn reference(&self, line: &Line, dollar: usize) -> Result<Reference, Mistake> {
        let closing = match line.at(dollar + 1) {
            '{' => Some('}'),
            '(' => Some(')'),
            _ => None,
        };
        let mut start = dollar + 1 + usize::from(closing.is_some());
        let mut end = line.skip_variable(start, self.dollar_in_names);
        let word = |start, end| line.text(start, end).as_word().as_str().to_owned();
        let mut section = None;
        if line.starts_with(end, "::") {
            section = Some(word(start, end));
            start = end + 2;
            end = line.skip_variable(start, self.dollar_in_names);
        }
        let name = word(start, end);
        if let Some(closing) = closing {
            if line.at(end) != closing {
                let message = format!("`{closing}` is missing behind the variable `{name}`");
                return Err(Mistake::new(line.position(end), message));
            }
            end += 1;
        }
        Ok(Reference { section, name, end })
    }

    fn append(
        &self,
        section: &str,
        reference: &Reference,
        position: Position,
        text: &mut Text,
    ) -> Result<(), Mistakes> {
        let value = self.look_up(section, reference, position)?;
        if text.len() + value.len() > MAX_EXPANDED_LENGTH {
            let message = format!("the value is longer than {MAX_EXPANDED_LENGTH} octets");
            return Err(Mistake::new(position, message).into());
        }
        let expanded = self.expanded.get() + value.len();
        self.expanded.set(expanded);
        if expanded > MAX_EXPANDED_IN_ALL {
            let message = format!("variables stand for more than {MAX_EXPANDED_IN_ALL} octets");
            return Err(Mistake::new(position, message).into());
        }
        text.push_variable(&value, position);
        Ok(())
    }

    /// The variable's value: from its section, the environment, else the default section.
    fn look_up(
        &self,
        section: &str,
        reference: &Reference,
        position: Position,
    ) -> Result<String, Mistakes> {
        let Reference { name, .. } = reference;
        let section = reference.section.as_deref().unwrap_or(section);
        let own = self.config.variable(section, name);
        let environment = || {
            let value = self.environment.variable(name)?;
            Some(value.bytes().map(char::from).collect())
        };
        if own.is_none()
            && section == ENVIRONMENT_SECTION
            && let Some(value) = environment()
        {
            return Ok(value);
        }
        match own.or_else(|| self.config.variable(DEFAULT_SECTION, name)) {
            Some(text) => Ok(text?.as_word().as_str().to_owned()),
            None => Err(undefined(section, name, position).into()),
        }
    }
}

fn undefined(section: &str, name: &str, position: Position) -> Mistake {
    if name.is_empty() {
        let mistake = Mistake::new(position, "`$` begins a variable, but no name follows");
        return mistake.hint("write `\\$` for a dollar sign");
    }
    let message = match section {
        ENVIRONMENT_SECTION => {
            let message = format!("the environment has no variable `{name}`");
            return Mistake::new(position, message).hint("set and export it for this command; what holds a secret, and certctl's own variables, are not seen here");
        }
        DEFAULT_SECTION => format!("the variable `{name}` has no value here"),
        _ => format!("the variable `{name}` has no value in [{section}] or before any section"),
    };
    Mistake::new(position, message)
        .hint("a variable must stand above its use; `\\$` is a dollar sign")
}

/// Copies what stands in quotes; a backslash takes the next character as it is.
fn unquote(line: &Line, range: Range<usize>, text: &mut Text) -> usize {
    let mut index = range.start + 1;
    while index < range.end && line.at(index) != line.at(range.start) {
        if line.at(index) == '\\' {
            index += 1;
        }
        if index < range.end {
            text.push(line.at(index), line.position(index));
        }
        index += 1;
    }
    index + 1
}

fn unescape(octet: char) -> char {
    match octet {
        'b' => '\x08',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}
