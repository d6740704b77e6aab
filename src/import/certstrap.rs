//! certstrap: everything as `NAME.crt`, `.key` and `.csr` in one folder; each CA has a CRL from its first day.

use super::layout::{
    Layout,
    Place::{self, Key, List, Own},
    stem,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`NAME.crl` beside `NAME.crt`, and no `index.txt`,",
    bases: &["", "out/"],
    fits: |paths| !paths.has("index.txt") && paths.any_with(".crl", &[".crt"]),
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    match () {
        () if path.contains('/') => None,
        () if stem(path, &[".crl"]).is_some() => Some(List),
        () => match stem(path, &[".key"]) {
            Some(name) => Some(Key(name)),
            None => stem(path, &[".crt"]).map(Own),
        },
    }
}
