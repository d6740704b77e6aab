//! The words that a shell hands over, as certctl would get them.

use std::ffi::{OsStr, OsString};

use clap_complete::Shell;

/// A command line up to the cursor.
pub(crate) struct Words {
    /// Its words, of which the last is to be completed
    pub(crate) all: Vec<OsString>,
    /// What the shell keeps of the last word, whatever is completed
    pub(crate) before: String,
}

impl Words {
    /// At least one word.
    pub(crate) fn new(shell: Shell, given: &[OsString]) -> Self {
        if shell == Shell::Bash {
            return of_bash(given);
        }
        Self {
            all: given.to_vec(),
            before: String::new(),
        }
    }
}

/// bash cuts words at `=` and `:`, keeps quotes and backslashes, and replaces what stands behind the last cut.
fn of_bash(given: &[OsString]) -> Words {
    let is_sign = |word: &OsStr| word == "=" || word == ":";
    let mut all: Vec<OsString> = Vec::new();
    let mut before = String::new();
    let mut is_joined = false;
    for word in given {
        match all.last_mut() {
            Some(last) if is_joined || is_sign(word) => {
                if !is_sign(word) {
                    before = last.to_string_lossy().into_owned();
                }
                last.push(unquoted(word));
                if is_sign(word) {
                    before = last.to_string_lossy().into_owned();
                }
            }
            _ => {
                all.push(unquoted(word));
                before = String::new();
            }
        }
        is_joined = is_sign(word);
    }
    Words { all, before }
}

/// A word whose quotes may not be closed yet.
fn unquoted(word: &OsStr) -> OsString {
    let Some(text) = word.to_str() else {
        return word.to_owned();
    };
    let mut ends = ["", "'", "\""].iter();
    let words = ends.find_map(|end| shlex::split(&format!("{text}{end}")));
    match words.as_deref() {
        Some([only]) => only.into(),
        _ => word.to_owned(),
    }
}

/// A word as bash reads it back.
pub(crate) fn escaped(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./=:,@%+~{}".contains(c);
    let escape = |c: char| [(!is_plain(c)).then_some('\\'), Some(c)];
    word.chars().flat_map(escape).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_bash_are_put_together() {
        for (given, expected, before) in [
            ("certctl|sh", "certctl|sh", ""),
            ("certctl|--dir|=|pk", "certctl|--dir=pk", "--dir="),
            ("certctl|--dir|=", "certctl|--dir=", "--dir="),
            (
                "certctl|--dir|=|pki|show|no",
                "certctl|--dir=pki|show|no",
                "",
            ),
            ("certctl|--dir|=|pki|", "certctl|--dir=pki|", ""),
            ("certctl|'my pki'|a\\ b", "certctl|my pki|a b", ""),
            ("certctl|--san|DNS|:|a", "certctl|--san|DNS:a", "DNS:"),
        ] {
            let given: Vec<_> = given.split('|').map(OsString::from).collect();
            let words = Words::new(Shell::Bash, &given);
            let expected: Vec<_> = expected.split('|').map(OsString::from).collect();
            assert_eq!(words.all, expected);
            assert_eq!(words.before, before, "{expected:?}");
        }
    }

    #[test]
    fn what_bash_would_read_otherwise_is_escaped() {
        for (word, expected) in [
            ("node1", "node1"),
            ("a b", "a\\ b"),
            ("$(id)`'\";", "\\$\\(id\\)\\`\\'\\\"\\;"),
            ("é", "é"),
        ] {
            assert_eq!(escaped(word), expected);
        }
    }
}
