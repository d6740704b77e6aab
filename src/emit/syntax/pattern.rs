//! Names in which `*` stands for a word of the writer's own: `ciphers.*` is `ciphers.1`, `ciphers.2` and so on.

use std::borrow::Cow;

use super::is_space;

/// A word of the writer's own.
const ANY: &str = "*";

/// Whether a name stands for others.
pub(in crate::emit) fn is_pattern(name: &str) -> bool {
    name.contains(ANY)
}

/// Whether a name is one of those that a pattern stands for; one without `*` stands for itself.
pub(in crate::emit) fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once(ANY) {
        None => pattern == name,
        Some((start, _)) => name.starts_with(start) && filled(pattern, name) == name,
    }
}

/// A pattern with the words of a name that has as many parts.
pub(in crate::emit) fn filled<'p>(pattern: &'p str, name: &str) -> Cow<'p, str> {
    let parts = |name: &str| name.split('.').count();
    if !is_pattern(pattern) || parts(pattern) != parts(name) {
        return Cow::Borrowed(pattern);
    }
    let pairs = pattern.split('.').zip(name.split('.'));
    let words = pairs.map(|(part, own)| match part {
        ANY if !own.is_empty() && !own.contains(is_space) => own,
        part => part,
    });
    Cow::Owned(words.collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_ones_own() {
        for (pattern, name, expected, whole) in [
            ("a.b", "a.b", true, "a.b"),
            ("a.b", "a.c", false, "a.b"),
            ("a.*", "a.7", true, "a.7"),
            ("a.*", "a.some-name", true, "a.some-name"),
            ("a.*", "b.7", false, "a.7"),
            ("a.*", "a", false, "a.*"),
            ("a.*", "a.", false, "a.*"),
            ("a.*", "a.7.b", false, "a.*"),
            ("a.*.b", "a.7.b", true, "a.7.b"),
            ("a.*.b", "a.7.c", false, "a.7.b"),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
            assert_eq!(filled(pattern, name), whole, "{pattern} {name}");
        }
    }
}
