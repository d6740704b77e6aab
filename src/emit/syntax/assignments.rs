//! `key = value` lines, perhaps below `[…]`.

use super::{Found, Section, found, numbered};

pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut sections = vec![Section {
        line: 1,
        ..Section::default()
    }];
    for (number, line) in numbered(text) {
        let line = line.trim();
        let name = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        if let Some(name) = name {
            sections.push(Section {
                line: number,
                name: name.to_owned(),
                // What stands before the first section holds in all of them.
                options: sections[0].options.clone(),
            });
        } else if let Some(last) = sections.last_mut() {
            last.options.extend(assignment(number, line));
        }
    }
    if sections.len() > 1 {
        sections.remove(0);
    }
    sections
}

pub(super) fn assignment(number: usize, line: &str) -> Option<Found> {
    if line.is_empty() || line.starts_with(['#', ';', '[']) {
        return None;
    }
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    Some(found(number, name, value))
}
