//! `key = value` lines, perhaps below `[…]`. Of some sections all of one name are one.

use super::{Found, Merge, Position, Section, Shape, Source, Text, found, of_words};

/// What was read, and where the lines that follow belong.
struct Read {
    sections: Vec<Section>,
    place: usize,
}

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let mut all = Read {
        sections: vec![Section::new(Position::START, String::new(), None)],
        place: 0,
    };
    let text = source.text();
    read(source, text, &mut all);
    all.sections[0].has_others = all.sections.len() > 1;
    all.sections
}

fn read(source: &mut Source<'_>, text: Text<'_>, all: &mut Read) {
    for (position, line) in text.lines() {
        let line = line.trim();
        let name = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        if let Some(name) = name {
            all.begin(source.terms().merges, position, name);
        } else if let Some(option) = assignment(position, line) {
            source.follow(&option, &mut |source, text| read(source, text, all));
            all.sections[all.place].options.push(option);
        }
    }
}

impl Read {
    fn begin(&mut self, merges: &[Merge], position: Position, name: &str) {
        let is_one = merges.iter().any(|merge| merge.holds(name));
        let mut before = self.sections.iter();
        let same = before.position(|section| is_one && section.name == name);
        self.place = same.unwrap_or_else(|| {
            // What stands before the first section holds in all of them.
            let section = Section::new(position, name.to_owned(), Some(0));
            self.sections.push(section);
            self.sections.len() - 1
        });
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
