//! `step ca init`: a root and an intermediate. What step-ca has issued lies in a database that only it reads.

use super::layout::{
    Layout,
    Place::{self, Key, Own},
    stem,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`certs/root_ca.crt`",
    bases: &["", ".step/"],
    fits: |paths| paths.has("certs/root_ca.crt"),
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match folder {
        "certs" | "" => match stem(name, &[".crt", ".pem"]) {
            Some(name) => Some(Own(name)),
            None => stem(name, &[".key"]).map(Key),
        },
        "secrets" => stem(name, &["_key", ".key"]).map(Key),
        _ => None,
    }
}
