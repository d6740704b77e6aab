//! Options inside of an option's value: connection strings, and what is handed on to a library.

use serde::Deserialize;
use toml::Spanned;

use super::connection_uri;
use crate::emit::syntax::{Found, Section};

/// An option whose value is a text of `name=value`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inner {
    /// The option; what is inside is called `OPTION.NAME`
    pub option: Spanned<String>,
    /// What stands between them, beside blanks
    #[serde(default)]
    pub between: String,
    /// Blanks, quotes and backslashes are like all else, as getsubopt(3) has it
    #[serde(default)]
    pub plain: bool,
    /// Beginnings of values that are connection URIs, and say the same in their parts
    #[serde(default)]
    pub schemes: Vec<String>,
}

impl Inner {
    /// Adds to a section what stands inside of the option's values.
    pub(in crate::emit) fn open(&self, section: &mut Section, ignores_case: bool) {
        let name = self.option.get_ref();
        let is_meant = |option: &&Found| match ignores_case {
            true => option.name.eq_ignore_ascii_case(name),
            false => option.name == *name,
        };
        let outer = section.options.iter().filter(is_meant);
        let inside: Vec<_> = outer.flat_map(|outer| self.pairs(outer)).collect();
        section.options.extend(inside);
    }

    fn pairs(&self, outer: &Found) -> Vec<Found> {
        let mut schemes = self.schemes.iter();
        if let Some(uri) = schemes.find_map(|scheme| outer.value.strip_prefix(scheme)) {
            let all = connection_uri::parameters(uri).into_iter();
            return all
                .map(|(name, value)| self.inside(outer, &name, value))
                .collect();
        }
        let ends = |it: char| !self.plain && it.is_ascii_whitespace() || self.between.contains(it);
        let mut pairs = Vec::new();
        let mut rest = outer.value.trim_start_matches(ends);
        while let Some((name, behind)) = rest.split_once('=') {
            let (value, behind) = match self.plain {
                true => {
                    let (value, behind) =
                        behind.split_at(behind.find(ends).unwrap_or(behind.len()));
                    (value.to_owned(), behind)
                }
                false => value(behind.trim_ascii_start(), ends),
            };
            // What stands before it without a value says nothing.
            let name = match self.plain {
                true => name.rsplit(ends).next().unwrap_or_default(),
                false => name.trim_ascii(),
            };
            pairs.push(self.inside(outer, name, value));
            rest = behind.trim_start_matches(ends);
        }
        pairs
    }

    fn inside(&self, outer: &Found, name: &str, value: String) -> Found {
        Found {
            name: format!("{}.{name}", self.option.get_ref()),
            value,
            ..outer.clone()
        }
    }
}

/// A value, in single quotes or not, and what follows it.
fn value(text: &str, ends: impl Fn(char) -> bool) -> (String, &str) {
    let (is_quoted, text) = match text.strip_prefix('\'') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let mut value = String::new();
    let mut rest = text.chars();
    loop {
        let here = rest.as_str();
        match rest.next() {
            None => return (value, ""),
            Some('\\') => value.extend(rest.next()),
            Some('\'') if is_quoted => return (value, rest.as_str()),
            Some(other) if !is_quoted && ends(other) => return (value, here),
            Some(other) => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::syntax::Syntax;

    #[test]
    fn pairs() {
        for (between, text, expected) in [
            (
                "','\nplain = true #",
                "cert=/a 'b\\c,key= d,",
                vec!["cert=/a 'b\\c", "key= d"],
            ),
            (
                "''",
                "host=a sslcert='/b c' x = 1",
                vec!["host=a", "sslcert=/b c", "x=1"],
            ),
            ("''", r"a='it\'s \\' b=\ c", vec![r"a=it's \", "b= c"]),
            (
                "';'",
                "socket.ssl_key=/a; c=d;",
                vec!["socket.ssl_key=/a", "c=d"],
            ),
            ("''", "a", vec![]),
            (
                "','\nplain = true #",
                "jwt,pub-key=/a,b,priv-key=/c",
                vec!["pub-key=/a", "priv-key=/c"],
            ),
            (
                "''\nschemes = ['db://']",
                "db://a?sslcert=/b%20c",
                vec!["host=a", "sslcert=/b c"],
            ),
        ] {
            let inner: Inner =
                toml::from_str(&format!("option = 'o'\nbetween = {between}")).expect("it is whole");
            let outer = Syntax::Assignments.options("o = x\n").remove(0);
            let outer = Found {
                value: text.to_owned(),
                ..outer
            };
            let found = inner.pairs(&outer).into_iter();
            let found: Vec<_> = found
                .map(|it| format!("{}={}", &it.name[2..], it.value))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
