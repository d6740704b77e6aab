//! Erlang's terms, as far as files with options use them: `{key, value}`, and lists of these.

use super::{
    Found, Section, found, numbered,
    words::{Token, tokens},
};

pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut pair: Vec<(usize, String)> = Vec::new();
    for (number, line) in numbered(text) {
        let line = line.split('%').next().unwrap_or_default();
        for token in tokens(line, "{}[],.") {
            match token {
                Token::Word(word) => pair.push((number, word)),
                Token::Mark('{') => pair.clear(),
                Token::Mark('[') => {
                    // A list that has a name holds options; one without holds sections.
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
                    let last = sections.last_mut();
                    if let (Some(section), [(line, key), (_, value)]) = (last, &pair[..]) {
                        section.options.push(found(*line, key, value));
                    }
                    pair.clear();
                }
                Token::Mark(_) => {}
            }
        }
    }
    sections
}
