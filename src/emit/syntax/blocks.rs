//! `key value`, `key = value` and `key { … }`, over as many lines as there are, as NATS and HCL write them: an option
//! in a block is called `BLOCK.KEY`. Strings stand in quotes or not, and `#` and `//` begin a comment.

use std::{iter::Peekable, str::Chars};

use super::{Found, Position, Source, Text, found};

/// How many blocks within each other are told apart: no option that is known is deeper.
const MAX_BLOCKS: usize = 16;

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let mut options = Vec::new();
    let text = source.text();
    read(source, text, &[], &mut options);
    options
}

/// Reads a text whose blocks stand in these.
fn read(source: &mut Source<'_>, text: Text<'_>, around: &[String], options: &mut Vec<Found>) {
    let mut reader = Reader {
        rest: text.text.chars().peekable(),
        position: Position {
            file: text.file,
            line: 1,
        },
        blocks: around.to_vec(),
        open: Vec::new(),
        is_begun: false,
    };
    while let Some(part) = reader.next() {
        match part {
            Part::Wrong(position, message) => source.blame(position, message),
            Part::Option(option) => {
                let blocks = reader.blocks.clone();
                source.follow(&option, &mut |source, text| {
                    read(source, text, &blocks, options);
                });
                options.push(option);
            }
        }
    }
}

enum Part {
    Option(Found),
    Wrong(Position, &'static str),
}

/// What is open.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Open {
    Block,
    List,
    /// A block that is one of a list, or all of a text
    Item,
    /// A list that is one of a list
    Inner,
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    position: Position,
    blocks: Vec<String>,
    open: Vec<(Open, Position)>,
    /// Something stood there already
    is_begun: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Part> {
        loop {
            self.pass(|it| it.is_whitespace() || it == ',' || it == ';');
            let position = self.position;
            let in_list = matches!(self.open.last(), Some((Open::List | Open::Inner, _)));
            match self.rest.peek().copied() {
                None => {
                    let (_, position) = self.open.pop()?;
                    self.open.clear();
                    return Some(Part::Wrong(position, "a block or a list does not end"));
                }
                Some('#') => self.pass(|it| it != '\n'),
                Some('/') if self.begins_comment() => self.pass(|it| it != '\n'),
                Some(end @ ('}' | ']')) => {
                    self.step();
                    if !self.close(end) {
                        return Some(Part::Wrong(
                            position,
                            "a bracket closes what it did not open",
                        ));
                    }
                }
                Some('{') => {
                    self.step();
                    self.open.push((Open::Item, position));
                    if !in_list && self.is_begun {
                        return Some(Part::Wrong(position, "a block has no name"));
                    }
                }
                Some('[') if in_list => {
                    self.step();
                    self.open.push((Open::Inner, position));
                }
                Some(_) if in_list => {
                    if self.word().is_none() {
                        return Some(Part::Wrong(position, "a quote does not end"));
                    }
                    self.pass(is_blank);
                    if !self.is_ended() {
                        let message = "two values of a list have no comma between them";
                        return Some(Part::Wrong(position, message));
                    }
                }
                Some(_) => {
                    if let Some(part) = self.option() {
                        return Some(part);
                    }
                }
            }
        }
    }

    /// A key, and what follows it; nothing where that is a block or a list.
    fn option(&mut self) -> Option<Part> {
        let position = self.position;
        self.is_begun = true;
        let wrong = |message| Some(Part::Wrong(position, message));
        let Some(mut key) = self.key() else {
            return wrong("a quote does not end");
        };
        loop {
            self.pass(char::is_whitespace);
            if self.rest.next_if(|it| "=:".contains(*it)).is_some() {
                self.pass(is_blank);
                if self.open.is_empty() && self.rest.peek() == Some(&'\n') {
                    return wrong("a name stands without its value");
                }
            }
            // Within a block the value may stand in the next line.
            self.pass(char::is_whitespace);
            match self.rest.peek().copied() {
                Some('{') => {
                    self.step();
                    self.open.push((Open::Block, position));
                    self.blocks.push(key);
                    return None;
                }
                Some('[') => {
                    self.step();
                    self.open.push((Open::List, position));
                    self.blocks.push(key);
                    return None;
                }
                None | Some('}' | ']' | ',' | ';' | '#') => {
                    return wrong("a name stands without its value");
                }
                Some(_) => {}
            }
            let Some(value) = self.word() else {
                return wrong("a quote does not end");
            };
            self.pass(is_blank);
            // A block may have a name of its own, as in `listener "tcp" { … }`.
            if self.rest.peek() == Some(&'{') {
                key = format!("{key}.{value}");
                continue;
            }
            if !self.is_ended() {
                return wrong("something follows the value in its line");
            }
            if self.blocks.len() > MAX_BLOCKS {
                return None;
            }
            let name = match (self.blocks.is_empty(), key.as_str()) {
                (true, _) | (_, "include") => key,
                (false, _) => format!("{}.{key}", self.blocks.join(".")),
            };
            return Some(Part::Option(Found {
                value,
                ..found(position, &name, "")
            }));
        }
    }

    /// Whether a bracket closes what is open. Where nothing is, some too many at the end are passed over.
    fn close(&mut self, end: char) -> bool {
        let Some((open, _)) = self.open.last().copied() else {
            self.pass(|it| it.is_whitespace() || it == '}');
            return end == '}' && self.rest.peek().is_none();
        };
        let is_right = match open {
            Open::List | Open::Inner => end == ']',
            Open::Block | Open::Item => end == '}',
        };
        if is_right {
            self.open.pop();
            if matches!(open, Open::Block | Open::List) {
                self.blocks.pop();
            }
        }
        is_right
    }

    /// Whether nothing follows a value that would have to stand in a line of its own.
    fn is_ended(&mut self) -> bool {
        match self.rest.peek() {
            None | Some('\n' | '}' | ']' | ',' | ';' | '#') => true,
            Some('/') => self.begins_comment(),
            Some(_) => false,
        }
    }

    fn key(&mut self) -> Option<String> {
        match self.rest.peek() {
            Some('"' | '\'') => self.word(),
            _ => Some(self.bare(|it| "=:".contains(it))),
        }
    }

    /// A word, in quotes or not; nothing where a quote does not end.
    fn word(&mut self) -> Option<String> {
        match self.rest.peek().copied() {
            Some(quote @ ('"' | '\'')) => {
                self.step();
                let word = self.quoted(quote)?;
                let is_number = !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
                // In quotes it is none.
                Some(if is_number {
                    format!("{quote}{word}{quote}")
                } else {
                    word
                })
            }
            _ => Some(self.bare(|it| "{}[],;".contains(it))),
        }
    }

    /// What reaches up to a blank or one of these; at least one character.
    fn bare(&mut self, ends: impl Fn(char) -> bool) -> String {
        let mut word = String::from_iter(self.step());
        while let Some(next) = self.rest.peek().copied() {
            if next.is_whitespace() || ends(next) {
                break;
            }
            word.extend(self.step());
        }
        word
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut word = String::new();
        loop {
            match self.step()? {
                it if it == quote => return Some(word),
                '\\' if quote == '"' => word.push(match self.step()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                }),
                other => word.push(other),
            }
        }
    }

    fn begins_comment(&self) -> bool {
        let mut rest = self.rest.clone();
        rest.next() == Some('/') && rest.next() == Some('/')
    }

    fn pass(&mut self, is_passed: impl Fn(char) -> bool) {
        while self.rest.peek().copied().is_some_and(&is_passed) {
            self.step();
        }
    }

    fn step(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.position.line += usize::from(next == '\n');
        Some(next)
    }
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() && character != '\n'
}

#[cfg(test)]
mod tests {
    use super::{super::Syntax, *};

    #[test]
    fn blocks() {
        for (text, expected) in [
            (
                "a: b # c\nd = 'e f'\ng h // i\n",
                vec!["1 a=b", "2 d=e f", "3 g=h"],
            ),
            (
                "tls {\n cert: \"/a \\\"b\"\n in { c d }\n}\ne: f",
                vec!["2 tls.cert=/a \"b", "3 tls.in.c=d", "5 e=f"],
            ),
            (
                "routes = [\n nats://a:b@c:1\n nats://d ]\nk: nats://e",
                vec!["4 k=nats://e"],
            ),
            (
                "u: [{n: a, p: b}, {n: c}]\nd: 1",
                vec!["1 u.n=a", "1 u.p=b", "1 u.n=c", "2 d=1"],
            ),
            (
                "listener \"tcp\" {\n a = 1\n}\n",
                vec!["2 listener.tcp.a=1"],
            ),
            ("a { b: c; d: e }", vec!["1 a.b=c", "1 a.d=e"]),
            ("k {a:\nb\n}\nc\nd\ne: 'f", vec!["1 k.a=b", "4 c=d"]),
            ("a: \"1\"\nb: \"c\"\n}\n", vec!["1 a=\"1\"", "2 b=c"]),
            (
                "{\"a\": \"b\", \"c\": {\"d\": 1}}",
                vec!["1 a=b", "1 c.d=1"],
            ),
        ] {
            let found = Syntax::Blocks.options(text).into_iter();
            let found: Vec<_> = found
                .map(|it| format!("{} {}={}", it.position.line, it.name, it.value))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn blunders() {
        for (text, expected) in [
            ("a {\n b: c\n", vec![1]),
            ("a: b\n}}\n", vec![]),
            ("a: [ b }\n", vec![1, 1]),
            ("a: 'b\n", vec![1]),
            ("a: b c: d\n", vec![1]),
            ("k {a:\n}", vec![1]),
            ("a: b\n{\n c: d\n}\n", vec![2]),
            ("a: [ [ b ]\n", vec![1]),
            ("a: [ b c ]\n", vec![1]),
            ("a:\nb\n", vec![1, 2]),
            ("a: b\n}\nc: d\n", vec![2]),
        ] {
            let mut source = Source::alone(text);
            options(&mut source);
            let (_, _, blunders, _) = source.finish();
            let lines: Vec<_> = blunders.iter().map(|it| it.position.line).collect();
            assert_eq!(lines, expected, "{text}");
        }
    }
}
