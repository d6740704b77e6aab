//! How options stand in a server's files, to read them back.

use serde::{Deserialize, Serialize};

mod assignments;
mod braces;
mod directives;
mod environment;
mod flags;
mod items;
mod json;
mod keywords;
mod terms;
mod words;

/// One way to write options.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Syntax {
    /// `key = value`; `#` and `;` begin a comment, `[…]` a section
    Assignments,
    /// `key = value` and `group { key = value }`, which means `group.key`
    Braces,
    /// `key value …`, perhaps ending in `;`; `{ … }` and `<…> … </…>` are sections
    Directives,
    /// `PREFIX_GROUP__KEY=value`, which means `group.key`
    Environment,
    /// `--key value` or `-key value`
    Flags,
    /// Words as items of a YAML list: `- --key`, `- value`
    Items,
    /// The members of one JSON object
    Json,
    /// `name … key value key value …`, where each line is a section
    Keywords,
    /// Erlang's `{key, value}`; a list of them is a section
    Terms,
}

/// An option as it was found.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Found {
    /// From 1
    pub line: usize,
    /// The option
    pub name: String,
    /// What follows it, without quotes; empty where nothing does
    pub value: String,
}

/// Options that are meant together.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Section {
    /// Where it begins, from 1
    pub line: usize,
    /// What it is called; empty where it has no name
    pub name: String,
    /// Those of the sections around it first: of several the last counts
    pub options: Vec<Found>,
}

impl Syntax {
    /// Reads the sections out of a text: those that have no others inside.
    #[must_use]
    pub fn sections(self, text: &str) -> Vec<Section> {
        match self {
            Self::Assignments => assignments::sections(text),
            Self::Braces => vec![whole(braces::options(text))],
            Self::Directives => directives::sections(text),
            Self::Environment => vec![whole(environment::options(text))],
            Self::Flags => vec![whole(flags::options(text))],
            Self::Items => vec![whole(items::options(text))],
            Self::Json => vec![whole(json::options(text))],
            Self::Keywords => keywords::sections(text),
            Self::Terms => terms::sections(text),
        }
    }

    /// Reads all options out of a text, each once, in their order. Of a line of keywords this is the
    /// first, because the others may be values.
    #[must_use]
    pub fn options(self, text: &str) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        for section in self.sections(text) {
            let certain = match self {
                Self::Keywords => 1,
                _ => usize::MAX,
            };
            let options = section.options.into_iter().take(certain);
            let new = options.filter(|it| !all.contains(it));
            let new: Vec<_> = new.collect();
            all.extend(new);
        }
        all.sort_by_key(|option| option.line);
        all
    }
}

impl Section {
    /// The value that counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Found> {
        self.options.iter().rfind(|option| option.name == name)
    }
}

fn whole(options: Vec<Found>) -> Section {
    Section {
        line: 1,
        name: String::new(),
        options,
    }
}

fn found(line: usize, name: &str, value: &str) -> Found {
    Found {
        line,
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
    }
}

/// Lines with their numbers.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Syntax; 9] = [
        Syntax::Assignments,
        Syntax::Braces,
        Syntax::Directives,
        Syntax::Environment,
        Syntax::Flags,
        Syntax::Items,
        Syntax::Json,
        Syntax::Keywords,
        Syntax::Terms,
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
                    let line = text.lines().nth(option.line - 1);
                    prop_assert!(line.is_some(), "{syntax:?} {option:?}");
                }
            }
        }
    }

    #[test]
    fn options() {
        for (syntax, text, expected) in [
            (
                Syntax::Assignments,
                "# c\n[s]\nkey = a=b\nflag\n",
                vec![(3, "key", "a=b"), (4, "flag", "")],
            ),
            (
                Syntax::Braces,
                "a.b = 1 # c\nrpc {\n  key = \"x y\", other: 2\n  in { k = v }\n}\n## c\n",
                vec![
                    (1, "a.b", "1"),
                    (3, "rpc.key", "x y"),
                    (3, "rpc.other", "2"),
                    (4, "rpc.in.k", "v"),
                ],
            ),
            (
                Syntax::Directives,
                "server {\n  key a \"b c\"; # d\n}\n<x>\n",
                vec![(1, "server", ""), (2, "key", "a b c")],
            ),
            (
                Syntax::Environment,
                "APP_GROUP__MY_KEY='1'\n",
                vec![(1, "group.my_key", "1")],
            ),
            (
                Syntax::Flags,
                "run --on --key 'v w' \\\n# --no\n- --item\n  --a=b\n",
                vec![(1, "on", ""), (1, "key", "v w"), (4, "a=b", "")],
            ),
            (
                Syntax::Items,
                "command:\n  - run\n  - --on\n  - --key\n  - \"v w\"\n  - end\n  key: -1\n",
                vec![(3, "on", ""), (4, "key", "v w")],
            ),
            (Syntax::Json, "{\"a\": 1}", vec![(1, "a", "1")]),
            (
                Syntax::Keywords,
                "# c\n  bind :1 ssl crt \"/a b\"\n",
                vec![(2, "bind", ":1")],
            ),
            (
                Syntax::Terms,
                "%% c\n[{server, [{certfile, \"/a\"},\n{verify,verify_peer}]}].",
                vec![(2, "certfile", "/a"), (3, "verify", "verify_peer")],
            ),
        ] {
            let found = syntax.options(text);
            let found: Vec<_> = found
                .iter()
                .map(|it| (it.line, &*it.name, &*it.value))
                .collect();
            assert_eq!(found, expected, "{syntax:?}");
        }
    }

    #[test]
    fn sections() {
        for (syntax, text, expected) in [
            (Syntax::Assignments, "a = 1\n", vec![(1, "", "a=1")]),
            (
                Syntax::Assignments,
                "a = 1\n[x]\nb = 2\n[y]\na = 3\n",
                vec![(2, "x", "a=1 b=2"), (4, "y", "a=1 a=3")],
            ),
            (
                Syntax::Directives,
                "a 1;\nserver {\n b 2; location / { c 3; }\n location /x {\n d 4;\n }\n}\n",
                vec![
                    (
                        3,
                        "location /",
                        "a=1 server= b=2 location=/ location=/x c=3",
                    ),
                    (
                        4,
                        "location /x",
                        "a=1 server= b=2 location=/ location=/x d=4",
                    ),
                ],
            ),
            (
                Syntax::Directives,
                "A 1\n<VirtualHost *:443>\nB 2\n<Location \"/\">\nC 3\n</Location>\nD 4\n</VirtualHost>\n",
                vec![(4, "Location /", "A=1 B=2 D=4 C=3")],
            ),
            (Syntax::Directives, "a \"b\"\n", vec![(1, "", "a=b")]),
            (
                Syntax::Keywords,
                "bind :1\nserver s :2 check\n",
                vec![
                    (1, "bind", "bind=:1 :1="),
                    (2, "server", "server=s s=:2 :2=check check="),
                ],
            ),
            (
                Syntax::Terms,
                "[{server,[{x,{y,[{z,1}]}},{a,b}]},{client,[{c,\"d\"}]}].",
                vec![(1, "server", "a=b"), (1, "client", "c=d")],
            ),
        ] {
            let found = syntax.sections(text);
            let found: Vec<_> = found
                .iter()
                .map(|it| {
                    let pair = |option: &Found| format!("{}={}", option.name, option.value);
                    let options: Vec<_> = it.options.iter().map(pair).collect();
                    (it.line, it.name.clone(), options.join(" "))
                })
                .collect();
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(line, name, options)| (line, name.to_owned(), options.to_owned()))
                .collect();
            assert_eq!(found, expected, "{syntax:?} {text}");
        }
    }
}
