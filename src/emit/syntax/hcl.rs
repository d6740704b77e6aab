//! `key = value` and `key "name" { … }`, as HashiCorp's first HCL reads them (`hcl/scanner`, `hcl/parser`): an option
//! in a block is called `KEY.NAME.OPTION`. Each block of those that the format sets apart is a section.

use std::{iter::Peekable, str::Chars};

use super::{Found, Position, Section, Source, blocks, found};

/// How many blocks within each other are told apart: no option that is known is deeper.
const MAX_BLOCKS: usize = 16;

type Blame = &'static str;

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let mut whole = Section::new(Position::START, String::new(), None);
    let text = source.text();
    // Such files may be JSON, too.
    if text.text.trim_ascii_start().starts_with('{') {
        whole.options = blocks::json(source);
        return vec![whole];
    }
    let apart = source.terms().stanzas.iter();
    let mut reader = Reader {
        rest: text.text.chars().peekable(),
        line: 1,
        apart: apart.map(|stanza| &*stanza.begins).collect(),
        sections: vec![whole],
    };
    let end = reader.items(&[], 0);
    let (sections, line) = (reader.sections, reader.line);
    if let Err(message) = end {
        source.blame(at(line), message);
    }
    sections
}

fn at(line: usize) -> Position {
    Position { file: 0, line }
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    line: usize,
    /// Blocks that are sections
    apart: Vec<&'t str>,
    sections: Vec<Section>,
}

impl Reader<'_> {
    /// What stands in a block, up to its end, which is passed, or in the text.
    fn items(&mut self, around: &[String], section: usize) -> Result<(), Blame> {
        if around.len() > MAX_BLOCKS {
            return Err("blocks are too deep within each other");
        }
        loop {
            self.pass()?;
            match self.rest.peek() {
                None if around.is_empty() => return Ok(()),
                None => return Err("a block does not end"),
                Some('}') if !around.is_empty() => {
                    self.step();
                    return Ok(());
                }
                Some(',') => {
                    self.step();
                }
                Some(_) => self.item(around, section)?,
            }
        }
    }

    /// A key with what follows it.
    fn item(&mut self, around: &[String], section: usize) -> Result<(), Blame> {
        let line = self.line;
        let mut names = around.to_vec();
        loop {
            names.push(match self.rest.peek() {
                Some('"') => self.text()?,
                Some(it) if it.is_alphabetic() || *it == '_' => self.word(),
                _ => return Err("a name has to stand there"),
            });
            self.pass()?;
            match self.rest.peek() {
                Some('=') if names.len() > around.len() + 1 => {
                    return Err("behind two names only a block can stand: `{`, and no `=`");
                }
                Some('=') => {
                    self.step();
                    self.pass()?;
                    return self.value(&names, section, line);
                }
                Some('{') => return self.value(&names, section, line),
                Some(_) => {}
                None => return Err("a name stands without its value"),
            }
        }
    }

    fn value(&mut self, names: &[String], section: usize, line: usize) -> Result<(), Blame> {
        let name = names.join(".");
        let value = match self.rest.peek().copied() {
            Some('{') => {
                self.step();
                let is_apart = self.apart.contains(&&*name);
                let inside = if is_apart {
                    self.sections.len()
                } else {
                    section
                };
                if is_apart {
                    let own = Section::new(at(line), name, Some(0));
                    self.sections.push(own);
                }
                return self.items(names, inside);
            }
            Some('[') => {
                self.step();
                return self.list(names, section);
            }
            Some('<') => return self.heredoc(),
            Some('"') => self.text()?,
            _ => self.bare()?,
        };
        let option = Found {
            value,
            ..found(at(line), &name, "")
        };
        self.sections[section].options.push(option);
        Ok(())
    }

    /// What stands in a list, up to its end; the options are those of blocks in it.
    fn list(&mut self, names: &[String], section: usize) -> Result<(), Blame> {
        loop {
            self.pass()?;
            match self.rest.peek() {
                None => return Err("a list does not end"),
                Some(']') => {
                    self.step();
                    return Ok(());
                }
                Some(',') => {
                    self.step();
                }
                Some('{') => self.value(names, section, self.line)?,
                Some('"') => drop(self.text()?),
                Some(_) => drop(self.bare()?),
            }
        }
    }

    /// A number or a truth: whatever else a value is stands in quotes.
    fn bare(&mut self) -> Result<String, Blame> {
        let word = self.word();
        let is_number = word
            .trim_start_matches('-')
            .starts_with(|it: char| it.is_ascii_digit());
        match is_number || ["true", "false"].contains(&&*word) {
            true => Ok(word),
            false => Err("a text has to stand in double quotes"),
        }
    }

    /// `<<WORD`, and lines up to one that is the word alone.
    fn heredoc(&mut self) -> Result<(), Blame> {
        let begin = self.line_of_text();
        let word = begin.trim_start_matches('<').trim_start_matches('-');
        while self.rest.peek().is_some() {
            if self.line_of_text().trim_ascii() == word.trim_ascii() {
                return Ok(());
            }
        }
        Err("`<<` does not end")
    }

    fn line_of_text(&mut self) -> String {
        let mut line = String::new();
        while let Some(next) = self.rest.next_if(|it| *it != '\n') {
            line.push(next);
        }
        self.step();
        line
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        let is_part = |it: &char| it.is_alphanumeric() || "-_.+".contains(*it);
        while let Some(next) = self.rest.next_if(is_part) {
            word.push(next);
        }
        word
    }

    /// A text in double quotes, all of it in one line; within `${` and `}` quotes and ends of lines belong to it.
    fn text(&mut self) -> Result<String, Blame> {
        const OPEN: Blame = "a quote does not end";
        let mut text = String::new();
        let mut depth = 0_usize;
        self.step();
        loop {
            match self.step().ok_or(OPEN)? {
                '"' if depth == 0 => return Ok(text),
                '\n' if depth == 0 => return Err(OPEN),
                '\\' => text.push(self.escaped()?),
                other => {
                    match other {
                        '{' if depth > 0 || text.ends_with('$') => depth += 1,
                        '}' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    text.push(other);
                }
            }
        }
    }

    /// The character that an escape stands for; where there is no such, nothing is read.
    fn escaped(&mut self) -> Result<char, Blame> {
        const NONE: Blame = "there is no such escape: write two backslashes for one";
        let (count, base) = match self.rest.peek().ok_or(NONE)? {
            '0'..='7' => (3, 8),
            'x' => (2, 16),
            'u' => (4, 16),
            'U' => (8, 16),
            _ => (0, 0),
        };
        if count == 0 {
            return Ok(match self.rest.next().ok_or(NONE)? {
                'a' => '\u{7}',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                own @ ('"' | '\\') => own,
                _ => return Err(NONE),
            });
        }
        self.rest.next_if(|it| !it.is_ascii_digit());
        let is_digit = |it: &char| it.is_digit(base);
        let digits: String = (0..count)
            .map_while(|_| self.rest.next_if(is_digit))
            .collect();
        let number = u32::from_str_radix(&digits, base).ok();
        let number = number.filter(|_| digits.len() == count);
        number.and_then(char::from_u32).ok_or(NONE)
    }

    /// Passes blanks and comments.
    fn pass(&mut self) -> Result<(), Blame> {
        loop {
            let mut ahead = self.rest.clone();
            match (ahead.next(), ahead.next()) {
                (Some(it), _) if it.is_ascii_whitespace() => {
                    self.step();
                }
                (Some('#'), _) | (Some('/'), Some('/')) => {
                    while self.rest.next_if(|it| *it != '\n').is_some() {}
                }
                (Some('/'), Some('*')) => {
                    let mut last = ' ';
                    self.step();
                    self.step();
                    loop {
                        let next = self.step().ok_or("a comment does not end")?;
                        if (last, next) == ('*', '/') {
                            break;
                        }
                        last = next;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn step(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.line += usize::from(next == '\n');
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::emit::{
        manifest::include::NoFiles,
        syntax::{Document, Stanza, Terms},
    };

    #[test]
    fn blocks_are_sections() {
        let apart = ["l.t", "s.r.j"].map(|begins| Stanza {
            begins: begins.to_owned(),
            options: Vec::new(),
            when: None,
        });
        for (text, expected) in [
            ("a = \"b\" # c\nd=1\n", &["0 1 a=b", "0 2 d=1"] as &[_]),
            ("a = \"b\\\"#//\" // c", &["0 1 a=b\"#//"]),
            ("/* a = 1\n*/ b = true", &["0 2 b=true"]),
            (
                "l \"t\" {\n a = 1 }\nl t { a = 2 }",
                &["1 2 l.t.a=1", "2 3 l.t.a=2"],
            ),
            (
                "s \"r\" {\n p = 1\n j {\n a = 1\n }\n j { a = 2 }\n q = 3 }",
                &[
                    "0 2 s.r.p=1",
                    "0 7 s.r.q=3",
                    "1 4 s.r.j.a=1",
                    "2 6 s.r.j.a=2",
                ],
            ),
            ("a = [\"b\", 1]\nc = [{ d = 1 }]", &["0 2 c.d=1"]),
            ("a = { b = 1, c = 2 }", &["0 1 a.b=1", "0 1 a.c=2"]),
            ("a = <<E\nb = 1\nE\nc = 2", &["0 4 c=2"]),
            ("{ \"a\": \"b\" }", &["0 1 a=b"]),
            ("a = 1 c", &["0 1 a=1", "! 1"]),
            ("a = -1.5\nb = tls12", &["0 1 a=-1.5", "! 2"]),
            ("a = [true, on]", &["! 1"]),
            ("a = \"b\n", &["! 2"]),
            ("a = \"b${\"c\n}\" d = 1", &["0 1 a=b${\"c\n}", "0 2 d=1"]),
            ("a = \"b${\"\nc = 1", &["! 2"]),
            ("a = 'b'", &["! 1"]),
            ("a {\n b = 1\n", &["0 2 a.b=1", "! 3"]),
            ("a = 1\n}", &["0 1 a=1", "! 2"]),
            ("a\n", &["! 2"]),
            ("a = 1\nb c = 2", &["0 1 a=1", "! 2"]),
            ("a \"b\"\nc = 2", &["! 2"]),
            ("a = [1", &["! 1"]),
            ("/* a", &["! 1"]),
            (
                r#"a = "\t\"\\\101\x41\u00e9\U0001f600""#,
                &["0 1 a=\t\"\\AAé😀"],
            ),
            (r#"a = "/\c""#, &["! 1"]),
            (r#"a = "/\x4""#, &["! 1"]),
            (r#"a = "\"#, &["! 1"]),
        ] {
            let document = Document {
                path: Path::new(""),
                text,
                files: &NoFiles,
            };
            let terms = Terms {
                stanzas: &apart,
                ..Terms::default()
            };
            let mut source = Source::new(document, terms);
            let sections = sections(&mut source);
            let sections = (0..).zip(&sections);
            let mut all: Vec<_> = (sections.flat_map(|(number, it)| {
                let shown = move |it: &Found| {
                    format!("{number} {} {}={}", it.position.line, it.name, it.value)
                };
                it.options.iter().map(shown)
            }))
            .collect();
            let (_, _, blunders, _) = source.finish();
            all.extend(blunders.iter().map(|it| format!("! {}", it.position.line)));
            assert_eq!(all, expected, "{text}");
        }
    }
}
