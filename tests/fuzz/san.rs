//! Any octets as the value of `--san`: no panic, and what is taken reads back as the same name.

#![no_main]

use certctl::pki::san::{parse, parse_list};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(text) = std::str::from_utf8(octets) else {
        return;
    };
    match parse_list(text, "node1") {
        Ok(names) => {
            for name in names {
                assert!(name.to_der().len() > 2, "an empty name in {text:?}");
                assert_eq!(parse(&name.to_string()).as_ref(), Ok(&name), "{text:?}");
            }
        }
        Err(errors) => assert!(!errors.is_empty(), "refused without a word"),
    }
});
