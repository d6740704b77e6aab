//! Any octets as an extfile: no panic, and mistakes that stand somewhere.

#![no_main]

use certctl::{
    extfile::{Environment, Extfile, Included, Role, Subject},
    pki::serial::Serial,
};
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
    let subject = Subject {
        name: &[0x30, 0],
        public_key: b"key",
        serial: &Serial::from_integer(&[1]),
    };
    let extfile = Extfile::parse("fuzz.cnf", octets, &Surroundings);
    for role in [Role::Authority, Role::Leaf] {
        match extfile.request(None, None, role) {
            Ok(requested) => drop(requested.extensions(&subject)),
            Err(mistakes) => assert!(!mistakes.0.is_empty(), "refused without a word"),
        }
    }
});
