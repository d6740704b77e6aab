//! What a finding repeats of a file. Whoever has a configuration checked by root, or is shown the report, may read less than
//! root: an include can name any file, and what stands in it is then no option, but perhaps a secret.

use std::path::Path;

use super::Configuration;
use crate::emit::{Found, OptionSpec, Position};

/// Longest word that is taken for a name: some servers' are of 50 characters.
const MAX_WORD: usize = 64;

impl Configuration<'_> {
    /// The option's name, where it is one: of the server's, or in its own file a word that could be.
    pub(super) fn shown_name<'o>(&self, option: &'o Found) -> Option<&'o str> {
        let server = self.reading.server;
        let name = &*option.name;
        let is_known = || server.names(self.reading.format).any(|known| known == name);
        let is_shown = !self.is_foreign(option.position) && is_word(name, "_.-") || is_known();
        is_shown.then_some(name)
    }

    /// The option's value, where it is a word that anybody may read.
    pub(super) fn shown_value<'o>(&self, option: &'o Found, spec: &OptionSpec) -> Option<&'o str> {
        let is_shown = !spec.secret
            && !self.is_foreign(option.position)
            && is_word(&option.value, "_.:/[]*@-");
        is_shown.then_some(&*option.value)
    }

    /// A path that stands at this place, where the owner of the configuration wrote it.
    pub(super) fn shown_path(&self, position: Position, path: &Path) -> String {
        match self.is_foreign(position) {
            true => String::from("what this file names"),
            false => path.display().to_string(),
        }
    }

    /// Whether a file belongs to somebody else than the one that includes it.
    pub(super) fn is_foreign(&self, position: Position) -> bool {
        let own = self.owners.first();
        self.owners.get(position.file) != own
    }
}

pub(super) fn is_word(text: &str, others: &str) -> bool {
    let is_allowed = |it: char| it.is_ascii_alphanumeric() || others.contains(it);
    (1..=MAX_WORD).contains(&text.len()) && text.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::super::{RULES, sample::bad};

    /// Lines of files that are no configuration, each with what must not be told of it.
    const SECRETS: [(&str, &str); 8] = [
        ("root:$6$SALT$HASH:19000:0:99999:7:::", "HASH"),
        ("tls-crt SECRET", "SECRET"),
        ("tls-crt+SECRET = x", "SECRET"),
        ("verify = the SECRET of it", "SECRET"),
        ("verify = \u{202e}SECRET", "SECRET"),
        ("listen = SECRET=", "SECRET"),
        ("tls-key = a SECRET", "SECRET\n"),
        ("-----BEGIN SECRET-----", "SECRET"),
    ];

    fn told(text: &'static str, included: Option<&[Option<u32>; 2]>) -> String {
        let case = match included {
            Some([Some(0), Some(0)]) => bad("", "include = a\n", &[])
                .beside(&[("a", text)])
                .owned(&[Some(0), Some(0)]),
            Some(_) => bad("", "include = a\n", &[])
                .beside(&[("a", text)])
                .owned(&[Some(5), Some(0)]),
            None => bad("", text, &[]),
        };
        let configuration = case.configuration();
        let faults = RULES.iter().flat_map(|rule| (rule.broken)(&configuration));
        faults
            .map(|fault| format!("{} {}\n", fault.message, fault.hint))
            .collect()
    }

    #[test]
    fn nothing_is_repeated_but_names_and_words() {
        for (line, secret) in SECRETS {
            for owners in [None, Some(&[Some(0), Some(0)]), Some(&[Some(5), Some(0)])] {
                let told = told(line, owners);
                assert!(!told.contains(secret), "{line}: {told}");
            }
        }
    }

    #[test]
    fn words_of_another_owners_file_are_not_repeated() {
        for line in [
            "tls-crt = 1",
            "verify = hunter2",
            "listen = hunter2",
            "include = hunter2",
        ] {
            let is_told = |owners| {
                let told = told(line, owners);
                told.contains("hunter2") || told.contains("tls-crt")
            };
            assert!(is_told(None), "{line}");
            assert!(is_told(Some(&[Some(0), Some(0)])), "{line}");
            assert!(!is_told(Some(&[Some(5), Some(0)])), "{line}");
        }
    }
}
