//! Erlang's terms, as far as files with options use them: `{key, value}`, and lists of these.

use super::{
    Found, Section, found, numbered,
    words::{Token, tokens},
};

/// How many braces are open around the list of a section, and around one of its options.
const SECTION: usize = 1;
const OPTION: usize = 2;

pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut pair: Vec<(usize, String)> = Vec::new();
    let mut depth = 0_usize;
    for (number, line) in numbered(text) {
        let line = line.split('%').next().unwrap_or_default();
        for token in tokens(line, "{}[],.") {
            match token {
                Token::Word(word) => pair.push((number, word)),
                Token::Mark('{') => {
                    depth += 1;
                    pair.clear();
                }
                Token::Mark('[') if depth == SECTION => {
                    if let Some((line, name)) = pair.pop() {
                        let options: Vec<Found> = Vec::new();
                        sections.push(Section {
                            line,
                            name,
                            options,
                        });
                    }
                }
                Token::Mark('}') => {
                    let last = sections.last_mut().filter(|_| depth == OPTION);
                    if let (Some(section), [(line, key), (_, value)]) = (last, &pair[..]) {
                        section.options.push(found(*line, key, value));
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
