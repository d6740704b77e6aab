//! What was found of one chain, for people.

use std::fmt::Write as _;

use crate::{
    cli::{document::time, table::aligned},
    documents::verify::{Document, LaterDocument},
};

impl Document {
    /// For a person, under the name that the user knows.
    pub(in crate::cli) fn text(&self, name: &str) -> String {
        let verdict = if self.ok { "holds" } else { "does not hold" };
        let mut text = format!("{name} {verdict}{}\n", unchecked(self));
        for later in &self.revocation.later {
            let LaterDocument {
                certificate,
                on,
                reason,
            } = later;
            let _ = writeln!(
                text,
                "  {certificate} was revoked later, on {on} ({reason})"
            );
        }
        for fault in &self.faults {
            let section = fault.section.map(|section| format!(" ({section})"));
            let _ = writeln!(
                text,
                "  {:?} ({}): {}{}",
                fault.certificate,
                fault.place,
                fault.message,
                section.unwrap_or_default()
            );
        }
        text += "\n";
        let rows = self.chain.iter().map(|link| {
            let until = format!("until {}", time(link.certificate.not_after));
            [
                format!("  {}", link.place),
                link.certificate.subject.clone(),
                until,
            ]
        });
        text + &aligned(rows) + &self.unused_in_words()
    }

    fn unused_in_words(&self) -> String {
        let shown: Vec<_> = self.unused.iter().take(MAX_UNUSED).cloned().collect();
        let more = self.unused.len() - shown.len();
        if shown.is_empty() {
            return String::new();
        }
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let why = "the first certificate of the file is the one in question";
        format!("\n  not used: {}{more} ({why})\n", shown.join(", "))
    }
}

/// How many certificates that are not used are told by name.
const MAX_UNUSED: usize = 5;

/// Of which certificates nobody was asked whether they were revoked; said only of a chain that holds.
fn unchecked(document: &Document) -> String {
    let unchecked = &document.revocation.unchecked;
    match unchecked.len() {
        _ if !document.ok => String::new(),
        0 => String::new(),
        all if all + 1 == document.chain.len() => String::from("; revocation was not checked"),
        _ => format!("; revocation was not checked of {}", unchecked.join(", ")),
    }
}
