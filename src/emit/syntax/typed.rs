//! What the values of options are, in syntaxes whose quotes and brackets say so.

use serde::Deserialize;

use super::Type;

/// Options whose values are of some types.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// The options; what begins with a dot is the end of several names
    pub options: Vec<String>,
    /// Each of the types that they take
    pub is: Vec<Type>,
}

impl Typed {
    /// The names that are known as a whole.
    pub(in crate::emit) fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.options.iter().map(String::as_str);
        names.filter(|name| !name.starts_with('.'))
    }

    /// Whether it speaks of an option.
    #[must_use]
    pub fn is_of(&self, name: &str) -> bool {
        let mut options = self.options.iter();
        options.any(|option| match option.strip_prefix('.') {
            Some(bare) => name == bare || name.ends_with(option.as_str()),
            None => name == option,
        })
    }

    /// Whether a value may be of this type; what only the server knows may be anything.
    #[must_use]
    pub fn takes(&self, kind: Type) -> bool {
        kind == Type::Variable || self.is.contains(&kind)
    }

    /// What is taken, in words.
    #[must_use]
    pub fn described(&self) -> String {
        let words: Vec<_> = self.is.iter().map(|kind| kind.described()).collect();
        words.join(", or ")
    }
}

impl Type {
    fn described(self) -> &'static str {
        match self {
            Self::Block => "a block: `{ … }`",
            Self::Bool => "`true` or `false`, without quotes",
            Self::Date => "a date, without quotes",
            Self::Fraction => "a number with a point, without quotes",
            Self::List => "a list: `[ … ]`",
            Self::Number => "a number, without quotes",
            Self::Text => "a text: put it in quotes",
            Self::Variable => "a variable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ends_of_names() {
        let typed: Typed =
            toml::from_str("options = ['.tls.verify', 'port']\nis = ['bool', 'number']")
                .expect("it is whole");
        for (name, expected) in [
            ("tls.verify", true),
            ("cluster.tls.verify", true),
            ("verify", false),
            ("mytls.verify", false),
            ("port", true),
            ("cluster.port", false),
        ] {
            assert_eq!(typed.is_of(name), expected, "{name}");
        }
        assert!(
            typed.takes(Type::Number) && typed.takes(Type::Variable) && !typed.takes(Type::Text)
        );
        assert_eq!(
            typed.described(),
            "`true` or `false`, without quotes, or a number, without quotes"
        );
    }
}
