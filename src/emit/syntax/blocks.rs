//! `key value`, `key = value` and `key { … }`, over as many lines as there are, as NATS reads them (`conf/lex.go`,
//! `conf/parse.go`): an option in a block is called `BLOCK.KEY`. Strings stand in quotes or not, `#` and `//` begin a
//! comment, what stands in no quotes may be a number, a boolean or a variable, and of a key that stands twice in one
//! block the last counts, with all that is in it.

mod scalars;
mod tree;

use std::{iter::Peekable, str::Chars};

use super::{Found, Position, Shape, Source, Text, Type, found, is_space};
use tree::{Member, Scope, Value, flatten};

/// How many blocks and lists within each other are told apart: no option that is known is deeper.
const MAX_DEPTH: usize = 16;

const WITHOUT_VALUE: &str = "a name stands without its value";

/// What the server does not read, and where.
type Blame = (Position, &'static str);

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let text = source.text();
    let members = members(source, text, false);
    let mut options = Vec::new();
    flatten(&members, "", &mut options);
    options
}

/// The options of a JSON text: escapes are JSON's, of a key that stands twice all count, and values have no types.
pub(super) fn json(source: &mut Source<'_>) -> Vec<Found> {
    let text = source.text();
    let members = members(source, text, true);
    let mut options = Vec::new();
    flatten(&members, "", &mut options);
    let is_group = |option: &Found| matches!(option.shape, Shape::Is(Type::Block | Type::List));
    options.retain(|option| !is_group(option));
    for option in &mut options {
        option.shape = Shape::Any;
        option.literal = false;
    }
    options
}

fn members(source: &mut Source<'_>, text: Text<'_>, is_json: bool) -> Vec<Member> {
    let mut reader = Reader {
        rest: text.text.chars().peekable(),
        position: Position {
            file: text.file,
            line: 1,
        },
        is_json,
        scopes: vec![Scope::default()],
        depth: 0,
        is_cut: false,
    };
    reader.top(source);
    let top = reader.scopes.into_iter().next();
    top.unwrap_or_default().members
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    position: Position,
    is_json: bool,
    /// The blocks that are open, the innermost last
    scopes: Vec<Scope>,
    /// How many blocks and lists are open
    depth: usize,
    /// The text ends within something, which was told
    is_cut: bool,
}

impl Reader<'_> {
    /// Reads what stands in no block.
    fn top(&mut self, source: &mut Source<'_>) {
        loop {
            self.pass(|it| it.is_ascii_whitespace() || it == '{');
            match self.rest.peek().copied() {
                None => return,
                Some(_) if self.comment() => {}
                Some(_) => {
                    let end = self.entry(source, true);
                    self.recover(source, end);
                }
            }
        }
    }

    /// Goes on in the next line, or at the end of the block, where the server would not go on at all.
    fn recover(&mut self, source: &mut Source<'_>, outcome: Result<(), Blame>) {
        if let Err((position, message)) = outcome {
            if !self.is_cut {
                source.blame(position, message);
            }
            self.is_cut |= self.rest.peek().is_none();
            self.pass(|it| !"\n}".contains(it));
        }
    }

    /// Whether a comment began, which is passed over.
    fn comment(&mut self) -> bool {
        let mut rest = self.rest.clone();
        let begins = match rest.next() {
            Some('#') => true,
            Some('/') => rest.next() == Some('/'),
            _ => false,
        };
        if begins {
            self.pass(|it| it != '\n');
        }
        begins
    }

    /// What may follow a value: a comment, the end of its line or of the block; some signs are passed over.
    fn end(&mut self, is_top: bool) -> Result<(), Blame> {
        self.pass(is_blank);
        match self.rest.peek().copied() {
            None | Some('\n' | '\r') => Ok(()),
            Some('}') if !is_top => Ok(()),
            Some(';' | ',' | '}') => {
                self.step();
                Ok(())
            }
            Some(_) if self.comment() => Ok(()),
            Some(_) => Err((self.position, "something follows the value in its line")),
        }
    }

    /// A key with its value, and what may follow.
    fn entry(&mut self, source: &mut Source<'_>, is_top: bool) -> Result<(), Blame> {
        let member = self.member(source, is_top)?;
        self.end(is_top)?;
        if let (Some(scope), Some(member)) = (self.scopes.last_mut(), member) {
            scope.add(member, self.is_json);
        }
        Ok(())
    }

    /// A key with its value; nothing where it is no option.
    fn member(&mut self, source: &mut Source<'_>, is_top: bool) -> Result<Option<Member>, Blame> {
        let position = self.position;
        let is_bare = !matches!(self.rest.peek(), Some('"' | '\''));
        let name = self.key()?;
        if is_bare && is_top && name.trim_matches('}').is_empty() {
            // A bracket too many at the end is a name without a value, for which nobody looks.
            return match self.rest.clone().all(is_space) {
                true => Ok(None),
                false => Err((position, "a bracket closes what it did not open")),
            };
        }
        let is_apart = self.rest.peek().is_some_and(char::is_ascii_whitespace);
        if is_bare && is_apart && name.eq_ignore_ascii_case("include") {
            return self.include(source, position).map(|()| None);
        }
        self.pass(is_space);
        if self.rest.next_if(|it| "=:".contains(*it)).is_some() {
            match is_top {
                true => self.pass(is_blank),
                false => self.pass(is_space),
            }
        }
        match self.rest.peek().copied() {
            None | Some('\n' | '\r' | ',' | ';' | '}' | ']' | '#') => {
                return Err((position, WITHOUT_VALUE));
            }
            Some(_) => {}
        }
        let value = self.value(source)?;
        Ok(Some(Member {
            name,
            position,
            value,
        }))
    }

    fn key(&mut self) -> Result<String, Blame> {
        let position = self.position;
        match self.rest.peek().copied() {
            Some(quote @ ('"' | '\'')) => {
                self.step();
                self.quoted(quote)
            }
            Some('=' | ':' | ';' | ',' | '[' | ']' | '{') => {
                Err((position, "no name can begin with this sign"))
            }
            _ => match self.until(|it| it.is_ascii_whitespace() || "=:".contains(it)) {
                word if word.contains('{') => Err((
                    position,
                    "`{` is part of the name: a blank has to stand before it",
                )),
                word => Ok(word),
            },
        }
    }

    /// What another file says, as if it stood here.
    fn include(&mut self, source: &mut Source<'_>, position: Position) -> Result<(), Blame> {
        self.pass(is_blank);
        let value = match self.rest.peek().copied() {
            Some(quote @ ('"' | '\'')) => {
                self.step();
                self.quoted(quote)?
            }
            None | Some('[' | '{' | '(' | '-' | '\\' | '\n' | '\r' | '0'..='9') => {
                return Err((position, "`include` has no file behind it"));
            }
            Some(_) => self.until(|it| it.is_ascii_whitespace() || ";}'".contains(it)),
        };
        let option = Found {
            value,
            ..found(position, "include", "")
        };
        let mut included = Vec::new();
        source.follow(&option, &mut |source, text| {
            included.extend(members(source, text, false));
        });
        let mut scopes = self.scopes.iter_mut();
        if let Some(scope) = scopes.next_back() {
            for member in included {
                scope.add(member, false);
            }
        }
        Ok(())
    }

    fn value(&mut self, source: &mut Source<'_>) -> Result<Value, Blame> {
        let position = self.position;
        match self.rest.peek().copied() {
            Some(open @ ('{' | '[')) => {
                self.step();
                if self.depth == MAX_DEPTH {
                    return Err((position, "blocks are too deep within each other"));
                }
                self.depth += 1;
                let value = match open {
                    '{' => self.block(source, position),
                    _ => self.list(source, position),
                };
                self.depth -= 1;
                value
            }
            Some(quote @ ('"' | '\'')) => {
                self.step();
                let text = match quote {
                    '"' => self.escaped(position)?,
                    _ => self.quoted(quote)?,
                };
                Ok(Value::Scalar(text, Type::Text))
            }
            Some('(') => {
                self.step();
                self.paragraph(position)
            }
            Some('-' | '.' | '0'..='9') => self.number(),
            _ => self.bare(),
        }
    }

    fn block(&mut self, source: &mut Source<'_>, start: Position) -> Result<Value, Blame> {
        self.scopes.push(Scope::default());
        loop {
            self.pass(is_space);
            match self.rest.peek().copied() {
                end @ (None | Some('}')) => {
                    let end = end.ok_or((start, "a block or a list does not end"));
                    self.recover(source, end.map(drop));
                    self.step();
                    let scope = self.scopes.pop().unwrap_or_default();
                    return Ok(Value::Block(scope.members));
                }
                Some(_) if self.comment() => {}
                Some(_) => {
                    let end = self.entry(source, false);
                    self.recover(source, end);
                }
            }
        }
    }

    fn list(&mut self, source: &mut Source<'_>, start: Position) -> Result<Value, Blame> {
        let mut items = Vec::new();
        loop {
            self.pass(is_space);
            match self.rest.peek().copied() {
                None => return Err((start, "a block or a list does not end")),
                Some(']') => {
                    self.step();
                    return Ok(Value::List(items));
                }
                Some(_) if self.comment() => {}
                Some(_) => {
                    let item = self.item(source).map(|item| items.push(item));
                    self.recover(source, item);
                }
            }
        }
    }

    /// One value of a list, and the comma or the end of the line behind it.
    fn item(&mut self, source: &mut Source<'_>) -> Result<Value, Blame> {
        let position = self.position;
        if self.rest.next_if(|it| ",}".contains(*it)).is_some() {
            return Err((position, "a value has to stand there"));
        }
        let item = self.value(source)?;
        self.pass(is_blank);
        match self.rest.peek().copied() {
            None | Some('\n' | '\r' | ']') => {}
            Some(',') => {
                self.step();
            }
            Some(_) if self.comment() => {}
            Some(_) => {
                let message = "two values of a list have no comma between them";
                return Err((self.position, message));
            }
        }
        Ok(item)
    }

    /// What reaches up to one of these, or to the end.
    fn until(&mut self, ends: impl Fn(char) -> bool) -> String {
        let mut word = String::new();
        while self.rest.peek().is_some_and(|&next| !ends(next)) {
            word.extend(self.step());
        }
        word
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
    matches!(character, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::syntax::Syntax;

    /// As `nats-server -t` takes them, or refuses them.
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
                vec!["1 routes=nats://a:b@c:1 nats://d", "4 k=nats://e"],
            ),
            (
                "u: [{n: a, p: b}, {n: c}]\nd: 1",
                vec!["1 u=", "1 u.n=a", "1 u.p=b", "1 u.n=c", "2 d=1"],
            ),
            ("a { b: c; d: e }", vec!["1 a.b=c", "1 a.d=e"]),
            ("k {a:\nb\n}\nc\nd\ne: 'f", vec!["1 k.a=b", "4 c=d"]),
            ("a: \"1\"\nb: \"c\"\n}\n", vec!["1 a=1", "2 b=c"]),
            (
                "a: b }\nc: d#e\nf: g'\nh 'i'",
                vec!["1 a=b", "2 c=d#e", "3 f=g", "4 h=i"],
            ),
            ("a: \"\\x41\\tb\"\n", vec!["1 a=A\tb"]),
            ("a: (\nb\n)\nc: d", vec!["1 a=\nb\n", "4 c=d"]),
            // The last of a name counts.
            ("t { a: 1, b: 2 }\nt { a: 3 }\n", vec!["2 t.a=3"]),
            (
                "x: 1\nt { y: b, a: $x, c: $y }\nd: $z",
                vec!["1 x=1", "2 t.y=b", "2 t.a=1", "2 t.c=b", "3 d=$z"],
            ),
            (
                "{\"a\": \"b\", \"c\": {\"d\": 1}}",
                vec!["1 a=b", "1 c.d=1"],
            ),
        ] {
            let found = Syntax::Blocks.options(text).into_iter();
            let found = found.filter(|it| it.shape != Shape::Is(Type::Block));
            let found: Vec<_> = found
                .map(|it| format!("{} {}={}", it.position.line, it.name, it.value))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn types() {
        for (value, expected) in [
            ("true", Type::Bool),
            ("On", Type::Bool),
            ("'true'", Type::Text),
            ("t", Type::Text),
            ("1", Type::Number),
            ("-1", Type::Number),
            ("1k", Type::Number),
            ("1GB", Type::Number),
            ("\"1\"", Type::Text),
            ("1.5", Type::Fraction),
            ("1abc", Type::Text),
            ("127.0.0.1:1", Type::Text),
            ("2020-01-01T00:00:00Z", Type::Date),
            ("$x", Type::Variable),
            ("$2a$10$abc", Type::Text),
            ("{}", Type::Block),
            ("[1, 2]", Type::List),
        ] {
            let found = Syntax::Blocks.options(&format!("k: {value}\n"));
            assert_eq!(found[0].shape, Shape::Is(expected), "{value}");
        }
    }

    #[test]
    fn blunders() {
        for (text, expected) in [
            ("a {\n b: c\n", vec![1]),
            ("a: b\n}}\n", vec![]),
            ("a: b\n}\n}\n", vec![2]),
            ("a: [ b }\n", vec![1, 1, 1]),
            ("a: 'b\n", vec![1]),
            ("a: b c: d\n", vec![1]),
            ("a a { b: c }\n", vec![1]),
            ("a { b b { c: d }\n}\n", vec![1]),
            ("a {; b: c }\n", vec![1]),
            ("a { b: c; ; d: e }\n", vec![1]),
            ("a { b: c, # d\n e: f }\n", vec![]),
            ("a { # b\n c: d } # e\n", vec![]),
            ("a{\n b: c\n}\n", vec![1]),
            ("k {a:\n}", vec![1]),
            ("a: b\n{\n c: d\n}\n", vec![]),
            ("a: [ [ b ]\n", vec![1]),
            ("a: [ b c ]\n", vec![1, 1]),
            ("a: [ b,, c ]\n", vec![1, 1]),
            ("a:\nb\n", vec![1, 2]),
            ("a: b\n}\nc: d\n", vec![2]),
            ("a: \"b\\c\"\n", vec![1]),
            ("a: b\\c\n", vec![1]),
            ("a: -b\n", vec![1]),
            ("a: 1.5x\n", vec![1]),
            ("= a\n", vec![1]),
            ("include\nb: c", vec![1]),
        ] {
            let mut source = Source::alone(text);
            options(&mut source);
            let (_, _, blunders, _) = source.finish();
            let lines: Vec<_> = blunders.iter().map(|it| it.position.line).collect();
            assert_eq!(lines, expected, "{text}");
        }
    }

    /// In files of JSON nothing has a type, and of a name all count.
    #[test]
    fn json() {
        let text = r#"{"a": [{"b": "c\/d"}, {"b": "$e"}], "a": {"b": true}}"#;
        let found = super::json(&mut Source::alone(text)).into_iter();
        let found: Vec<_> = found
            .map(|it| format!("{}={}", it.name, it.value))
            .collect();
        assert_eq!(found, ["a.b=c/d", "a.b=$e", "a.b=true"]);
    }
}
