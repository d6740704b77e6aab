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

/// The line with the characters that `\x{…}` stands for (Erlang, Reference Manual §Escape Sequences).
fn readable(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('\\') {
        text.push_str(before);
        let numbered = numbered(behind);
        let (character, after) = match numbered {
            Some((character, after)) => (Some(character), after),
            None => {
                let mut characters = behind.chars();
                (characters.next(), characters.as_str())
            }
        };
        // A quote that is a number is none that ends the text.
        let is_escaped = numbered.is_none_or(|(character, _)| "\"\\".contains(character));
        text.extend(is_escaped.then_some('\\'));
        text.extend(character);
        rest = after;
    }
    text + rest
}

/// The character that is told by its number, and what follows it.
fn numbered(text: &str) -> Option<(char, &str)> {
    let (digits, rest) = text.strip_prefix("x{")?.split_once('}')?;
    let number = u32::from_str_radix(digits, 16).ok()?;
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
        for token in tokens(&readable(code(line)), "{}[],.") {
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
    fn characters_by_number() {
        for (line, expected) in [
            (r"/a b", r"/a b"),
            (r#"/a\x{e9}\"b\\"#, r#"/aé\"b\\"#),
            (r"\x{22}\x{5c}\x{41}", r#"\"\\A"#),
            (r"\x{110000} \x{zz} \", r"\x{110000} \x{zz} \"),
        ] {
            assert_eq!(readable(line), expected, "{line}");
        }
    }
}
