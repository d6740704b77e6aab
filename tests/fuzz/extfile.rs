//! Any octets as an extfile: no panic, and mistakes that stand somewhere.

#![no_main]

use certctl::extfile::{Environment, Extfile, Included, Issuer, Role};
use libfuzzer_sys::fuzz_target;

/// Surroundings in which an included file includes the next.
struct Surroundings;

impl Environment for Surroundings {
    fn variable(&self, name: &str) -> Option<String> {
        Some(name.to_uppercase())
    }

    fn include(&self, path: &str) -> Result<Included, String> {
        let octets = format!(".include {path}\nx = y").into_bytes();
        Ok(match path.contains('/') {
            true => Included::Directory(vec![(path.to_owned(), octets)]),
            false => Included::File(octets),
        })
    }
}

fuzz_target!(|octets: &[u8]| {
    let extfile = Extfile::parse("fuzz.cnf", octets, &Surroundings);
    for role in [Role::Authority, Role::Leaf] {
        match extfile.request(None, &Issuer::default(), role) {
            Ok(requested) => drop(requested.extensions(b"key")),
            Err(mistakes) => assert!(!mistakes.0.is_empty(), "refused without a word"),
        }
    }
});
