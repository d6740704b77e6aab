//! Names of entries, made of whatever another tool has called a certificate.

use std::collections::{HashMap, HashSet};

use crate::pki::entry_name::EntryName;

/// Longest name that is made: room is left for a number behind it.
const MAX_LENGTH: usize = 120;

/// The nearest name that is safe as a directory's; `None` where nothing is left of it.
#[must_use]
pub fn safe(text: &str) -> Option<EntryName> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let mut name = String::new();
    for c in text.chars() {
        match (c, name.chars().last()) {
            _ if name.len() == MAX_LENGTH => break,
            // Nothing before the first letter or digit.
            (c, None) if !c.is_ascii_alphanumeric() => {}
            ('.', Some('.')) => {}
            (c, _) if allowed(c) => name.push(c),
            (_, Some('-')) => {}
            _ => name.push('-'),
        }
    }
    name.trim_end_matches(['.', '-']).parse().ok()
}

/// Names that are taken, and the next number behind each that somebody wanted again.
#[derive(Debug, Default)]
pub struct Taken {
    names: HashSet<EntryName>,
    next: HashMap<EntryName, usize>,
}

impl Taken {
    /// Takes names.
    pub fn add(&mut self, names: impl IntoIterator<Item = EntryName>) {
        self.names.extend(names);
    }

    /// Whether somebody has it.
    #[must_use]
    pub fn has(&self, name: &EntryName) -> bool {
        self.names.contains(name)
    }

    /// Takes a name, or the first of `NAME-2`, `NAME-3` … that is free; each name is looked for once, however
    /// often it is wanted.
    pub fn take(&mut self, wanted: EntryName) -> EntryName {
        if self.names.insert(wanted.clone()) {
            return wanted;
        }
        let next = self.next.entry(wanted.clone()).or_insert(2);
        loop {
            // Twenty digits at most, for which there is room.
            let name = format!("{wanted}-{next}").parse::<EntryName>();
            *next += 1;
            match name {
                Ok(name) if self.names.insert(name.clone()) => return name,
                Ok(_) => {}
                Err(_) => return wanted,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        let long = "a".repeat(300);
        for (text, expected) in [
            ("node1", Some("node1")),
            ("n1.db.internal", Some("n1.db.internal")),
            ("../../etc/cron.d/x", Some("etc-cron.d-x")),
            ("a..b", Some("a.b")),
            ("a/../b", Some("a-.-b")),
            (".hidden", Some("hidden")),
            ("-flag", Some("flag")),
            ("*.example.com", Some("example.com")),
            ("example.com+4", Some("example.com-4")),
            ("Jörg Müller", Some("J-rg-M-ller")),
            ("a\nb\u{202e}", Some("a-b")),
            ("a.", Some("a")),
            ("...", None),
            ("", None),
            ("ü", None),
            (&long, Some(&long[..MAX_LENGTH])),
        ] {
            let found = safe(text).map(|name| name.to_string());
            assert_eq!(found.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn taken_names_get_a_number() {
        let name = |text: &str| text.parse::<EntryName>().expect("a name");
        let mut taken = Taken::default();
        taken.add([name("a"), name("b-2")]);
        for (wanted, expected) in [
            ("a", "a-2"),
            ("a", "a-3"),
            ("b", "b"),
            ("b", "b-3"),
            ("c", "c"),
        ] {
            assert_eq!(taken.take(name(wanted)), name(expected), "{wanted}");
        }
    }

    #[test]
    fn many_of_one_name_take_no_longer_each() {
        let mut taken = Taken::default();
        let wanted: EntryName = "a".parse().expect("a name");
        let last = (0..100_000).map(|_| taken.take(wanted.clone())).last();
        assert_eq!(last.expect("many").as_str(), "a-100000");
    }
}
