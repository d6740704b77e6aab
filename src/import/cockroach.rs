//! `cockroach cert`: CAs whose files may hold several certificates, the newest first, and leaves that their names tell.

use super::layout::{
    Layout,
    Place::{self, Issued, Key, Own},
    Standing::InUse,
    stem,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`ca.crt` beside `node.crt` or `client.USER.crt`",
    bases: &["", "certs/"],
    fits: |paths| {
        let is_client = |path: &str| path.starts_with("client.") && stem(path, &[".crt"]).is_some();
        paths.has("ca.crt") && (paths.has("node.crt") || paths.any(is_client))
    },
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    match stem(name, &[".key"]) {
        // The CAs' keys lie apart, in a folder that the manual calls my-safe-directory.
        Some(key) if folders.is_empty() || is_authority(key) => return Some(Key(key)),
        _ if !folders.is_empty() => return None,
        _ => {}
    }
    let name = stem(name, &[".crt"])?;
    match is_authority(name) {
        true => Some(Own(name)),
        false => Some(Issued(Some(name), InUse)),
    }
}

fn is_authority(name: &str) -> bool {
    name == "ca" || name.ends_with("-ca")
}
