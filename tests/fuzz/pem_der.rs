//! Whatever the octets, inspect and verify neither panic nor run on and on.
#![no_main]

use certctl::pki::{
    chain::{Purpose, Request, verify},
    inspect::inspect,
    key_file,
    pem,
    recognize::certificates,
    revocation_list::RevocationList,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = pem::decode(octets);
    let _ = inspect(octets);
    let _ = key_file::read(octets, None, None);
    let crls = RevocationList::read(octets).unwrap_or_default();
    let Ok(found) = certificates(octets) else {
        return;
    };
    let (first, last) = (&found[0], &found[found.len() - 1]);
    for trust in [first, last] {
        let request = Request {
            leaf: first,
            untrusted: &found[1..],
            trust: std::slice::from_ref(trust),
            crls: &crls,
            purpose: Purpose::Server,
            host: None,
            at: first.validity().not_after,
        };
        if let Err(failure) = verify(&request) {
            let _ = failure.to_string();
        }
    }
});
