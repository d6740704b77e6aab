//! Any octets as a fleet file: no panic, mistakes that stand in the file, and a plan for what is taken.

#![no_main]

use std::collections::HashSet;

use certctl::{
    fleet::{
        Loader, parse,
        plan::{Action, entries},
    },
    pki::authorities::Authorities,
};
use libfuzzer_sys::fuzz_target;
use time::OffsetDateTime;

/// Files of any name that include the next.
struct Files;

impl Loader for Files {
    fn load(&self, path: &str) -> Result<String, String> {
        match path.len() {
            0..10 => Ok(format!("include = [{:?}]", format!("{path}a"))),
            _ => Err(String::from("too deep")),
        }
    }
}

fuzz_target!(|octets: &[u8]| {
    let Ok(text) = std::str::from_utf8(octets) else {
        return;
    };
    let fleet = match parse("fleet.toml", text, &Files, &Authorities::default()) {
        Ok(fleet) => fleet,
        Err(mistakes) => {
            assert!(!mistakes.0.is_empty(), "refused without a word");
            for mistake in mistakes.0.iter().filter(|it| it.file == "fleet.toml") {
                let lines = text.split('\n').count();
                assert!((1..=lines).contains(&mistake.line), "{mistake} of {lines}");
                assert!(mistake.column > 0, "{mistake}");
            }
            return;
        }
    };
    let names: HashSet<_> = fleet.entries.iter().map(|entry| &entry.name).collect();
    assert_eq!(names.len(), fleet.entries.len(), "a name stands twice");
    let now = OffsetDateTime::UNIX_EPOCH;
    let signed: Vec<_> = fleet
        .entries
        .iter()
        .map(|entry| (entry, entry.ca.as_ref().expect("parse fills it in")))
        .collect();
    let plan = entries(&signed, |_| None, now, |_, _| None);
    assert!(plan.iter().all(|(_, change)| change.action == Action::Create));
});
