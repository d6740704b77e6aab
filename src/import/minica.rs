//! minica: `minica.pem`, and a folder a certificate.

use super::layout::{
    Layout,
    Place::{self, Issued, Key, Own},
    Standing::InUse,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`minica.pem`",
    bases: &[""],
    fits: |paths| paths.has("minica.pem"),
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    match path.split_once('/') {
        None if path == "minica.pem" => Some(Own("minica")),
        None if path == "minica-key.pem" => Some(Key("minica")),
        Some((name, "cert.pem")) => Some(Issued(Some(name), InUse)),
        Some((name, "key.pem")) => Some(Key(name)),
        _ => None,
    }
}
