//! `openssl ca`: the configuration says where everything lies, so that only the index has its usual name.

use super::{
    easy_rsa::is_marked,
    layout::{
        Layout,
        Place::{self, Index, Issued, Key, List, ListNumber, Own},
        Standing::Kept,
        stem,
    },
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`index.txt`, the database of `openssl ca`,",
    bases: &["", "demoCA/"],
    fits: |paths| paths.has("index.txt") && !(paths.has("ca.crt") && is_marked(paths)),
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_in = |wanted: &str| folders.split('/').any(|folder| folder == wanted);
    let certificate = stem(name, &[".pem", ".crt", ".cer", ".cert"]);
    Some(match name {
        "index.txt" => Index,
        "crlnumber" => ListNumber,
        _ if is_in("newcerts") => certificate.map(|_| Issued(None, Kept))?,
        _ if is_in("private") => Key(stem(name, &[".pem", ".key"])?),
        _ if stem(name, &[".crl"]).is_some() || is_in("crl") && certificate.is_some() => List,
        _ => match stem(name, &[".key"]) {
            Some(name) => Key(name),
            None => Own(certificate?),
        },
    })
}
