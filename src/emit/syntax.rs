//! How options stand in a server's files, to read them back.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use self::pattern::{fits, is_pattern};

mod assignments;
mod blocks;
mod braces;
mod columns;
mod directives;
mod environment;
mod flags;
mod groups;
mod hcl;
mod items;
mod json;
mod keywords;
mod lines;
mod lua;
mod obstacle;
pub(super) mod pattern;
mod properties;
mod settings;
mod source;
mod stanzas;
mod statements;
mod term_grammar;
mod terms;
pub(super) mod typed;
mod words;
mod yaml;

pub use assignments::Headings;
pub use columns::Columns;
pub(super) use flags::Short;
pub use groups::Merge;
pub(super) use items::item_lists;
pub use obstacle::{Blunder, Obstacle, Reason};
pub use source::Document;
use source::Text;
pub(super) use source::{Source, Terms};
pub use stanzas::Stanza;
pub(super) use words::shell_words;
pub use yaml::Twins;

/// One way to write options.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Syntax {
    /// `key = value`; `#` and `;` begin a comment, `[…]` a section
    Assignments,
    /// `key value`, `key: value` and `block { key = value }`, which means `block.key`
    Blocks,
    /// `key = value` and `group { key = value }`, which means `group.key`
    Braces,
    /// Words between blanks, each line a section
    Columns,
    /// `key value …` lines; what stands between `<…>` and `</…>` is a section
    Directives,
    /// `PREFIX_GROUP__KEY=value`, which means `group.key`
    Environment,
    /// `--key value` or `-key value`
    Flags,
    /// `name = value` below `[group]`, of which several may be read as one
    Groups,
    /// `key = value` and `key "name" { key = value }`, which means `key.name.key`; each of some blocks is a section
    Hcl,
    /// Words as items of a YAML list: `- --key`, `- value`
    Items,
    /// The members of one JSON object
    Json,
    /// `name … key value key value …`, where each line is a section
    Keywords,
    /// `key value …`, where `#` begins a comment at the beginning of a line only
    Lines,
    /// `key=value`, `key: value` or `key value`, as Java's properties
    Properties,
    /// `key = value` or `key value`, text in single quotes; `#` begins a comment anywhere
    Settings,
    /// `name value`, where some names begin a stanza
    Stanzas,
    /// `key value …;`, over as many lines as there are; `key value … { … }` is a section
    Statements,
    /// Erlang's `{key, value}`; a list of them is a section
    Terms,
    /// `key: value`, and what is indented below `group:` is `group.key`
    Yaml,
}

/// Where something stands.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// Which of the files that were read, from 0
    pub file: usize,
    /// From 1
    pub line: usize,
}

/// An option as it was found.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Found {
    /// Where it stands
    pub position: Position,
    /// The option
    pub name: String,
    /// What follows it, without quotes; empty where nothing does
    pub value: String,
    /// What follows it one by one, where the syntax has lists
    pub items: Vec<String>,
    /// What follows it, as words
    pub shape: Shape,
    /// It begins a block
    pub begins: bool,
    /// No variable stands in its value, whatever it looks like
    pub literal: bool,
    /// It stands under a condition, and the server may pass over it
    pub conditional: bool,
}

/// How many words follow an option.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Shape {
    /// The syntax has no words, or nobody counted
    #[default]
    Any,
    /// A sign says that a value follows, and none does
    Empty,
    /// One value, which the syntax itself tells from others
    Is(Type),
    /// Quotes do not end, or something follows them at once
    Unbalanced,
    /// It is no line, but a word of one, and nothing stands where its value should
    Valueless,
    /// So many; of the later ones one may begin as comments do elsewhere
    Words {
        /// How many
        count: usize,
        /// Whether one looks like a comment
        comment: bool,
    },
}

/// What a value is, where quotes and brackets say so.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// `{ … }`
    Block,
    /// `true`, `false` and what means the same, without quotes
    Bool,
    /// A date, without quotes
    Date,
    /// A number with a point, without quotes
    Fraction,
    /// `[ … ]`
    List,
    /// A whole number, without quotes
    Number,
    /// Anything in quotes, and words that are nothing else
    Text,
    /// What is only known when the server runs
    Variable,
}

/// Options that are meant together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Section {
    /// Where it begins
    pub position: Position,
    /// What it is called; empty where it has no name
    pub name: String,
    /// What stands in it, but not in those inside
    pub options: Vec<Found>,
    /// The one around it, which comes before it
    pub outer: Option<usize>,
    /// Others are inside; it has a meaning only in them
    pub has_others: bool,
    /// What the ones around it say, as far as it is known: of each option the one that counts
    pub around: Rc<[Rc<Found>]>,
}

impl Position {
    /// The beginning of the first file.
    pub const START: Self = Self { file: 0, line: 1 };
}

impl Syntax {
    /// Reads the sections out of a text, each after the one around it, and what the text includes.
    pub(super) fn sections(self, source: &mut Source<'_>) -> Vec<Section> {
        let text = source.text();
        match self {
            Self::Assignments => assignments::sections(source),
            Self::Blocks => vec![whole(blocks::options(source))],
            Self::Braces => vec![whole(braces::options(source))],
            Self::Columns => columns::sections(source),
            Self::Directives => directives::sections(source, false),
            Self::Environment => vec![whole(environment::options(source))],
            Self::Flags => vec![whole(flags::options(source))],
            Self::Groups => groups::sections(source),
            Self::Hcl => hcl::sections(source),
            Self::Items => vec![whole(items::options(source))],
            Self::Json => vec![whole(json::options(source))],
            Self::Keywords => keywords::sections(text),
            Self::Lines => vec![whole(lines::options(source))],
            Self::Properties => vec![whole(properties::options(source))],
            Self::Settings => vec![whole(settings::options(source))],
            Self::Stanzas => stanzas::sections(source),
            Self::Statements => directives::sections(source, true),
            Self::Terms => terms::sections(source),
            Self::Yaml => vec![whole(yaml::options(source))],
        }
    }

    /// Reads all options out of a text, in their order. Of a line of keywords this is the first, because
    /// the others may be values.
    #[must_use]
    pub fn options(self, text: &str) -> Vec<Found> {
        self.gathered(self.sections(&mut Source::alone(text)))
    }

    /// The options of sections, in their order.
    pub(super) fn gathered(self, sections: Vec<Section>) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        for section in sections {
            let certain = match self {
                Self::Keywords => 1,
                _ => usize::MAX,
            };
            all.extend(section.options.into_iter().take(certain));
        }
        all.sort_by_key(|option| option.position);
        all
    }
}

impl Section {
    fn new(position: Position, name: String, outer: Option<usize>) -> Self {
        Self {
            position,
            name,
            options: Vec::new(),
            outer,
            has_others: false,
            around: Rc::default(),
        }
    }

    /// A section that stands alone.
    pub(super) fn of(name: String, position: Position) -> Self {
        Self::new(position, name, None)
    }

    /// The value that counts; of a name with `*` the last that it stands for.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Found> {
        self.all().rfind(meant(name))
    }

    /// All values that count of an option that repeats: its own, or else those of the sections around it.
    #[must_use]
    pub fn each(&self, name: &str) -> Vec<&Found> {
        let is_meant = meant(name);
        let own: Vec<_> = self.options.iter().filter(is_meant).collect();
        match own.is_empty() {
            true => self.all().filter(is_meant).collect(),
            false => own,
        }
    }

    /// What holds in it: those of the sections around it first, as of several the last counts.
    #[must_use]
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Found> {
        let around = self.around.iter().map(|option| &**option);
        around.chain(&self.options)
    }
}

/// Whether an option has a name, or one that it stands for.
fn meant(name: &str) -> impl Fn(&&Found) -> bool + Copy {
    let is_pattern = is_pattern(name);
    move |option| option.name == name || is_pattern && fits(name, &option.name)
}

fn whole(options: Vec<Found>) -> Section {
    let mut section = Section::new(Position::START, String::new(), None);
    section.options = options;
    section
}

/// Whether it is a blank to servers: all others, such as those of U+00A0 that editors make, are letters to them.
fn is_space(character: char) -> bool {
    character.is_ascii_whitespace()
}

fn found(position: Position, name: &str, value: &str) -> Found {
    Found {
        position,
        name: name.trim_ascii().to_owned(),
        value: value.trim_ascii().to_owned(),
        items: Vec::new(),
        shape: Shape::default(),
        begins: false,
        literal: false,
        conditional: false,
    }
}

/// An option of a line of words.
fn of_words(position: Position, name: &str, values: &[String]) -> Found {
    Found {
        shape: Shape::Words {
            count: values.len(),
            comment: values.iter().any(|word| word.starts_with('#')),
        },
        ..found(position, name, &values.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::emit::NoFiles;

    const ALL: [Syntax; 17] = [
        Syntax::Assignments,
        Syntax::Blocks,
        Syntax::Braces,
        Syntax::Columns,
        Syntax::Directives,
        Syntax::Environment,
        Syntax::Flags,
        Syntax::Groups,
        Syntax::Items,
        Syntax::Json,
        Syntax::Keywords,
        Syntax::Lines,
        Syntax::Settings,
        Syntax::Stanzas,
        Syntax::Statements,
        Syntax::Terms,
        Syntax::Yaml,
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// Whatever the text, options stand in it, each where it is said to.
        #[test]
        fn every_option_stands_in_its_line(
            lines in prop::collection::vec("[ \\-a-c.,;:=#%'\"<>/\\\\{}\\[\\]]{0,12}|\\PC{0,8}", 0..12)
        ) {
            let text = lines.join("\n");
            for syntax in ALL {
                for option in syntax.options(&text) {
                    let line = text.lines().nth(option.position.line - 1);
                    prop_assert!(line.is_some(), "{syntax:?} {option:?}");
                }
            }
        }
    }

    /// A text's options, each with its line.
    type Told = &'static [(usize, &'static str, &'static str)];

    const OPTIONS: &[(Syntax, &str, Told)] = &[
        (
            Syntax::Assignments,
            "# c\n[s]\nkey = a=b\nflag\n",
            &[(3, "key", "a=b"), (4, "flag", "")],
        ),
        (
            Syntax::Braces,
            "a.b = 1 # c\nrpc {\n  key = \"x y\", other: 2\n  in { k = v }\n}\n## c\n",
            &[
                (1, "a.b", "1"),
                (3, "rpc.key", "x y"),
                (3, "rpc.other", "2"),
                (4, "rpc.in.k", "v"),
            ],
        ),
        (
            Syntax::Braces,
            "a = 1\nb { c = x }\nb.c = null\nd = null\nd = 2\n",
            &[(1, "a", "1"), (5, "d", "2")],
        ),
        (
            Syntax::Statements,
            "server {\n  key a \"b c\"; # d\n}\n",
            &[(1, "server", ""), (2, "key", "a b c")],
        ),
        (
            Syntax::Environment,
            "APP_GROUP__MY_KEY='1'\n",
            &[(1, "group.my_key", "1")],
        ),
        (
            Syntax::Flags,
            "run --on --key 'v w' \\\n# --no\n- --item\n  --a=b --c -1\n",
            &[
                (1, "on", ""),
                (1, "key", "v w"),
                (4, "a=b", ""),
                (4, "c", "-1"),
            ],
        ),
        (
            Syntax::Items,
            "command:\n  - run\n  - --on\n  - --key\n  - \"v w\"\n  - end\n  key: -1\n",
            &[(3, "on", ""), (4, "key", "v w")],
        ),
        (Syntax::Json, "{\"a\": 1}", &[(1, "a", "1")]),
        (Syntax::Json, "{\"a\": \"b\"}", &[(1, "a", "b")]),
        (Syntax::Json, "{\"a\": \"b\",}", &[]),
        (
            Syntax::Keywords,
            "# c\n  bind :1 ssl crt \"/a b\"\n",
            &[(2, "bind", ":1")],
        ),
        (
            Syntax::Keywords,
            "bind :1 crt a\\ b#c\nbind\\ x '#' \"a\\\"b\"c\n",
            &[(1, "bind", ":1"), (2, "bind x", "#")],
        ),
        (
            Syntax::Lines,
            " # c\nkey  a \"b c\" # d\nkey 'a\\'b'\nkey \"\\x41\\n\"\n",
            &[(2, "key", "a b c # d"), (3, "key", "a'b"), (4, "key", "A")],
        ),
        (
            Syntax::Directives,
            "Key a # b\nKey \\\n  'c d'\n# e \\\nf\nKey \"x\"y\n",
            &[(1, "Key", "a # b"), (2, "Key", "c d"), (6, "Key", "x y")],
        ),
        (
            Syntax::Directives,
            "Key a\\\n b\nKey c\\ \nKey d \\\n<e\nKey f\\\n",
            &[
                (1, "Key", "a b"),
                (3, "Key", "c\\"),
                (4, "Key", "d <e"),
                (6, "Key", "f"),
            ],
        ),
        (
            Syntax::Statements,
            "a ${b}/c\\;d \\\"e\\\" \"f\\\"g\"; h #i\n;\nx_by_lua_block { if {} then y; }\nz 1;\n",
            &[
                (1, "a", "${b}/c\\;d \"e\" f\"g"),
                (1, "h", ""),
                (3, "x_by_lua_block", ""),
                (4, "z", "1"),
            ],
        ),
        (
            Syntax::Terms,
            "[{server, [{certfile, \"/a%b\"}]}]. % c\n",
            &[(1, "certfile", "/a%b")],
        ),
        (
            Syntax::Terms,
            "[{server, [{certfile, \"/a\\x{e9}\\\"\\x{22}b\\\\\"}]}].",
            &[(1, "certfile", "/aé\"\"b\\")],
        ),
        (
            Syntax::Braces,
            "// c\na = b // c\nd = \"http://e\"\nf = [g, h,\n i]\nj = k\n",
            &[
                (2, "a", "b"),
                (3, "d", "http://e"),
                (5, "f", "[ g , h , i ]"),
                (6, "j", "k"),
            ],
        ),
        (
            Syntax::Terms,
            "%% c\n[{server, [{certfile, \"/a\"},\n{verify,verify_peer}]}].",
            &[(2, "certfile", "/a"), (3, "verify", "verify_peer")],
        ),
    ];

    #[test]
    fn options() {
        for (syntax, text, expected) in OPTIONS {
            let found = syntax.options(text);
            let found: Vec<_> = found
                .iter()
                .map(|it| (it.position.line, &*it.name, &*it.value))
                .collect();
            assert_eq!(found, *expected, "{syntax:?}");
        }
    }

    /// Each with its number and that of the one around it.
    #[test]
    fn sections() {
        for (syntax, text, expected) in [
            (Syntax::Assignments, "a = 1\n", vec!["1 in -: a=1"]),
            (
                Syntax::Assignments,
                "a = 1\n[x]\nb = 2\n[y]\na = 3\n",
                vec![
                    "1 in -, others in it: a=1",
                    "2 x in 0: b=2",
                    "4 y in 0: a=3",
                ],
            ),
            (
                Syntax::Statements,
                "a 1;\nserver {\n b 2; location / { c 3; }\n location /x {\n d 4;\n }\n}\n",
                vec![
                    "1 in -, others in it: a=1 server=",
                    "2 server in 0, others in it: b=2 location=/ location=/x",
                    "3 location / in 1: c=3",
                    "4 location /x in 1: d=4",
                ],
            ),
            (
                Syntax::Directives,
                "A 1\n<VirtualHost *:443>\nB 2\n<Location \"/\">\nC 3\n</Location>\nD 4\n</VirtualHost>\n",
                vec![
                    "1 in -, others in it: A=1",
                    "2 VirtualHost *:443 in 0, others in it: B=2 D=4",
                    "4 Location / in 1: C=3",
                ],
            ),
            (Syntax::Directives, "a \"b\"\n", vec!["1 in -: a=b"]),
            (Syntax::Directives, "# a;\nb %{c}\n", vec!["1 in -: b=%{c}"]),
            (
                Syntax::Statements,
                "a { b 1; }",
                vec!["1 in -, others in it: a=", "1 a in 0: b=1"],
            ),
            (
                Syntax::Statements,
                "a 1;\n}\n}\nb 2;\n",
                vec!["1 in -: a=1 b=2"],
            ),
            (
                Syntax::Keywords,
                "bind :1\nserver s :2 check\n",
                vec![
                    "1 bind in -: bind=:1 :1=",
                    "2 server in -: server=s s=:2 :2=check check=",
                ],
            ),
            (
                Syntax::Terms,
                "[{server,[{x,{y,[{z,1}]}},{a,b}]},{client,[{c,\"d\"}]}].",
                vec!["1 server in -: x={…} a=b", "1 client in -: c=d"],
            ),
        ] {
            let headings = Headings::default();
            let terms = Terms {
                headings: Some(&headings),
                ..Terms::default()
            };
            let document = Document {
                path: Path::new(""),
                text,
                files: &NoFiles,
            };
            let found = syntax.sections(&mut Source::new(document, terms));
            let found: Vec<_> = found.iter().map(shown).collect();
            assert_eq!(found, expected, "{syntax:?} {text}");
        }
    }

    fn shown(section: &Section) -> String {
        let line = section.position.line.to_string();
        let head = [line.as_str(), &section.name].join(" ");
        let outer = section
            .outer
            .map_or("-".to_owned(), |outer| outer.to_string());
        let others = if section.has_others {
            ", others in it"
        } else {
            ""
        };
        let pair = |option: &Found| format!("{}={}", option.name, option.value);
        let options: Vec<_> = section.options.iter().map(pair).collect();
        format!("{} in {outer}{others}: {}", head.trim(), options.join(" "))
    }
}
