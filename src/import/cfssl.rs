//! cfssl: `NAME.pem`, `NAME-key.pem` and `NAME.csr`, as `cfssljson -bare` writes them.

use super::layout::{
    Layout,
    Place::{self, Key, List, Own},
    stem,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`NAME.pem` with `NAME-key.pem` and `NAME.csr`",
    bases: &[""],
    fits: |paths| paths.any_with(".csr", &[".pem", "-key.pem"]),
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    if path.contains('/') {
        return None;
    }
    if stem(path, &[".crl"]).is_some() {
        return Some(List);
    }
    match stem(path, &["-key.pem"]) {
        Some(name) => Some(Key(name)),
        None => stem(path, &[".pem"]).map(Own),
    }
}
