//! mkcert: a root in the folder that `mkcert -CAROOT` names; certificates lie wherever it was run.

use super::layout::{
    Layout,
    Place::{self, Issued, Key, Own},
    Standing::InUse,
    stem,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`rootCA.pem`",
    bases: &[""],
    fits: |paths| paths.has("rootCA.pem"),
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    match path {
        "rootCA.pem" => return Some(Own("root")),
        "rootCA-key.pem" => return Some(Key("root")),
        _ if path.contains('/') => return None,
        _ => {}
    }
    match stem(path, &["-key.pem"]) {
        Some(name) => Some(Key(name)),
        None => stem(path, &[".pem"]).map(|name| Issued(Some(name), InUse)),
    }
}
