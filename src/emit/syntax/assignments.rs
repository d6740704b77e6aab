//! `key = value` lines, perhaps below `[…]`.

use super::{Found, Position, Section, Shape, Source, Text, found, of_words};

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let mut sections = vec![Section::new(Position::START, String::new(), None)];
    let text = source.text();
    read(source, text, &mut sections);
    sections[0].has_others = sections.len() > 1;
    sections
}

fn read(source: &mut Source<'_>, text: Text<'_>, sections: &mut Vec<Section>) {
    for (position, line) in text.lines() {
        let line = line.trim();
        let name = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        if let Some(name) = name {
            // What stands before the first section holds in all of them.
            sections.push(Section::new(position, name.to_owned(), Some(0)));
        } else if let Some(option) = assignment(position, line) {
            source.follow(&option, &mut |source, text| read(source, text, sections));
            if let Some(last) = sections.last_mut() {
                last.options.push(option);
            }
        }
    }
}

pub(super) fn assignment(position: Position, line: &str) -> Option<Found> {
    if line.is_empty() || line.starts_with(['#', ';', '[']) {
        return None;
    }
    // As in `%include FILE`, whatever the file is called.
    let command = line.split_once(char::is_whitespace);
    if let Some((name, value)) = command.filter(|_| line.starts_with('%')) {
        return Some(found(position, name, value));
    }
    let Some((name, value)) = line.split_once('=') else {
        return Some(of_words(position, line, &[]));
    };
    let mut option = found(position, name, value);
    if option.value.is_empty() {
        option.shape = Shape::Words {
            count: 0,
            comment: false,
        };
    }
    Some(option)
}
