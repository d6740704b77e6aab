//! Physical lines joined to logical ones, and the classes of characters that OpenSSL's grammar tells apart.

use super::{mistakes::Position, text::Text};

/// One octet of a file and where it stood.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    octet: char,
    position: Position,
}

/// A line with its continuations. Reading behind its end gives NUL, which no line contains.
#[derive(Clone, Debug)]
pub(super) struct Line {
    glyphs: Vec<Glyph>,
    end: Position,
}

/// Cuts a file into lines; a line that ends in one backslash goes on in the next, comments included.
pub(super) fn lines(file: usize, octets: &[u8]) -> impl Iterator<Item = Line> {
    let mut physical = octets.split(|&octet| octet == b'\n').zip(1..);
    std::iter::from_fn(move || {
        let mut glyphs = Vec::new();
        let mut end = Position::default();
        for (octets, line) in physical.by_ref() {
            end = append(
                &mut glyphs,
                octets,
                Position {
                    file,
                    line,
                    column: 1,
                },
            );
            let continues = matches!(glyphs.as_slice(), [.., before, last]
                    if last.octet == '\\' && before.octet != '\\')
                || matches!(glyphs.as_slice(), [only] if only.octet == '\\');
            if !continues {
                break;
            }
            glyphs.pop();
        }
        (end.line != 0).then_some(Line { glyphs, end })
    })
}

/// Appends a physical line without its line end; gives the position behind it.
fn append(glyphs: &mut Vec<Glyph>, octets: &[u8], mut position: Position) -> Position {
    let length = octets.iter().rposition(|&octet| octet != b'\r');
    for &octet in &octets[..length.map_or(0, |last| last + 1)] {
        // The later octets of a UTF-8 character stand in the column of its first.
        if octet & 0xc0 == 0x80 {
            position.column = position.column.saturating_sub(1).max(1);
        }
        let octet = char::from(octet);
        glyphs.push(Glyph { octet, position });
        position.column += 1;
    }
    position
}

impl Line {
    pub(super) fn at(&self, index: usize) -> char {
        self.glyphs.get(index).map_or('\0', |glyph| glyph.octet)
    }

    pub(super) fn len(&self) -> usize {
        self.glyphs.len()
    }

    pub(super) fn position(&self, index: usize) -> Position {
        self.glyphs
            .get(index)
            .map_or(self.end, |glyph| glyph.position)
    }

    /// Where a NUL stands, which would end the line for OpenSSL.
    pub(super) fn nul(&self) -> Option<Position> {
        let nul = self.glyphs.iter().find(|glyph| glyph.octet == '\0')?;
        Some(nul.position)
    }

    pub(super) fn starts_with(&self, index: usize, prefix: &str) -> bool {
        prefix.chars().zip(index..).all(|(c, at)| self.at(at) == c)
    }

    /// The text as it stands.
    pub(super) fn text(&self, start: usize, end: usize) -> Text {
        let mut text = Text::default();
        for index in start..end {
            text.push(self.at(index), self.position(index));
        }
        text.finish(self.position(end))
    }

    /// Cuts off the comment: from `#` on, unless it is quoted or escaped.
    pub(super) fn without_comment(mut self) -> Self {
        let mut index = 0;
        let end = loop {
            match self.at(index) {
                '\0' | '#' => break index,
                '\\' => index += 2,
                quote if is_quote(quote) => index = self.skip_quoted(index),
                _ => index += 1,
            }
        };
        self.end = self.position(end);
        self.glyphs.truncate(end);
        self
    }

    fn skip_quoted(&self, open: usize) -> usize {
        let mut index = open + 1;
        while self.at(index) != '\0' && self.at(index) != self.at(open) {
            index += if self.at(index) == '\\' { 2 } else { 1 };
        }
        index + 1
    }

    pub(super) fn skip_space(&self, mut index: usize) -> usize {
        while is_space(self.at(index)) {
            index += 1;
        }
        index
    }

    /// The end of the name that begins here; an escaped character belongs to it, with its backslash.
    pub(super) fn skip_name(&self, mut index: usize, dollar: bool) -> usize {
        loop {
            match self.at(index) {
                '\\' => index = (index + 2).min(self.len()),
                octet if is_name(octet) || (dollar && octet == '$') => index += 1,
                _ => return index,
            }
        }
    }

    /// The end of the variable's name that begins here.
    pub(super) fn skip_variable(&self, mut index: usize, dollar: bool) -> usize {
        while is_variable(self.at(index)) || (dollar && self.at(index) == '$') {
            index += 1;
        }
        index
    }

    /// The end of what stands from `start` on, without white space.
    pub(super) fn trimmed_end(&self, start: usize) -> usize {
        let mut end = self.len();
        while end > start && is_space(self.at(end - 1)) {
            end -= 1;
        }
        end
    }
}

pub(super) fn is_quote(octet: char) -> bool {
    matches!(octet, '"' | '\'' | '`')
}

fn is_space(octet: char) -> bool {
    matches!(octet, ' ' | '\t' | '\r' | '\n')
}

fn is_variable(octet: char) -> bool {
    octet.is_ascii_alphanumeric() || octet == '_'
}

fn is_name(octet: char) -> bool {
    is_variable(octet) || "!%&*+,-./;?@^|~".contains(octet)
}
