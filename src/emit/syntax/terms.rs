//! Erlang's terms, as far as files with options use them: `{key, value}`, and lists of these.

use super::{
    Position, Section, Source, found, term_grammar,
    words::{Token, tokens},
};

/// How many braces are open around the list of a section, and around one of its options.
const SECTION: usize = 1;
const OPTION: usize = 2;

/// Stands for a value that is a tuple.
const TUPLE: &str = "{…}";

/// A line without its comment; within quotes `%` begins none.
fn code(line: &str) -> &str {
    let mut quote = None;
    let mut is_escaped = false;
    for (index, character) in line.char_indices() {
        match (quote, character) {
            _ if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (None, '%') => return &line[..index],
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
    }
    line
}

/// The line with the characters that `\r` and the like stand for (Erlang, Reference Manual §Escape Sequences).
fn readable(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('\\') {
        text.push_str(before);
        let escaped = escaped(behind);
        let (character, after) = match escaped {
            Some((character, after)) => (Some(character), after),
            None => {
                let mut characters = behind.chars();
                (characters.next(), characters.as_str())
            }
        };
        // A quote that is a number is none that ends the text.
        let is_kept = escaped.is_none_or(|(character, _)| "\"\\".contains(character));
        text.extend(is_kept.then_some('\\'));
        text.extend(character);
        rest = after;
    }
    text + rest
}

/// The character that stands for another, or is told by its number, and what follows it.
fn escaped(text: &str) -> Option<(char, &str)> {
    let mut rest = text.chars();
    let other = match rest.next()? {
        'b' => '\u{8}',
        'd' => '\u{7f}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        's' => ' ',
        't' => '\t',
        'v' => '\u{b}',
        '^' => char::from(u8::try_from(rest.next()?).ok()? & 31),
        'x' => return hexadecimal(rest.as_str()),
        '0'..='7' => {
            let is_digit = |it: char| it.is_digit(8);
            let count = text.chars().take(3).take_while(|it| is_digit(*it)).count();
            return numbered(&text[..count], 8, &text[count..]);
        }
        _ => return None,
    };
    Some((other, rest.as_str()))
}

/// Two digits, or any number in braces.
fn hexadecimal(text: &str) -> Option<(char, &str)> {
    let (digits, rest) = match text.strip_prefix('{') {
        Some(text) => text.split_once('}')?,
        None => text.split_at_checked(2)?,
    };
    numbered(digits, 16, rest)
}

fn numbered<'t>(digits: &str, base: u32, rest: &'t str) -> Option<(char, &'t str)> {
    let number = u32::from_str_radix(digits, base).ok()?;
    Some((char::from_u32(number)?, rest))
}

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let text = source.text();
    if let Some((position, message)) = term_grammar::wrong(text) {
        source.blame(position, message);
    }
    let mut sections: Vec<Section> = Vec::new();
    let mut pair: Vec<(Position, String)> = Vec::new();
    let mut depth = 0_usize;
    let mut is_listed = false;
    for (position, line) in text.lines() {
        for token in tokens(&readable(code(line)), "{}[],.#") {
            match token {
                Token::Word(word) => pair.push((position, word)),
                Token::Mark('{') => {
                    if depth == SECTION && !is_listed {
                        source.blame(position, "it stands outside of the list of options");
                    }
                    if let (OPTION, Some(section), [(position, key)]) =
                        (depth, sections.last_mut(), &pair[..])
                    {
                        section.options.push(found(*position, key, TUPLE));
                    }
                    depth += 1;
                    pair.clear();
                }
                Token::Mark('[') if depth == SECTION => {
                    is_listed = true;
                    if let Some((position, name)) = pair.pop() {
                        sections.push(Section::new(position, name, None));
                    }
                }
                Token::Mark(']') if depth == SECTION => is_listed = false,
                Token::Mark('}') => {
                    let last = sections.last_mut().filter(|_| depth == OPTION);
                    if let (Some(section), [(position, key), values @ ..]) = (last, &pair[..])
                        && !values.is_empty()
                    {
                        // Those of a list stand side by side.
                        let values: Vec<_> = values.iter().map(|(_, word)| &**word).collect();
                        section
                            .options
                            .push(found(*position, key, &values.join(" ")));
                    }
                    depth = depth.saturating_sub(1);
                    pair.clear();
                }
                Token::Mark(_) => {}
            }
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_stand_for_others() {
        for (line, expected) in [
            (r"/a b", r"/a b"),
            (r#"/a\x{e9}\"b\\"#, r#"/aé\"b\\"#),
            (r"\x{22}\x{5c}\x{41}", r#"\"\\A"#),
            (r"\x{110000} \x{zz} \", r"\x{110000} \x{zz} \"),
            (
                r"\b\d\e\f\n\r\s\t\v\q",
                "\u{8}\u{7f}\u{1b}\u{c}\n\r \t\u{b}\\q",
            ),
            (r"\^a\^M\101\60\7z\x41\x4", "\u{1}\rA0\u{7}zA\\x4"),
        ] {
            assert_eq!(readable(line), expected, "{line}");
        }
    }
}
