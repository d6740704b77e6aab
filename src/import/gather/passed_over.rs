//! What of a source is not read, in words.

use std::{collections::BTreeMap, path::Path};

use crate::import::{Files, Tool, some_of};

/// What has a place in the layout is told by itself, for it may be what matters; all else, below which there may be
/// such a place, a line a reason.
pub(super) fn told(files: &dyn Files, tool: Tool, base: &str) -> Vec<String> {
    let has_place = |inside: &str| (tool.layout().place)(inside).is_some();
    let mut told = Vec::new();
    let mut others: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, reason) in files.passed_over() {
        match path.strip_prefix(base).map(has_place) {
            Some(true) => told.push(format!("{}: passed over: {reason}", files.shown(path))),
            Some(false) => others.entry(reason).or_default().push(files.shown(path)),
            None => {}
        }
    }
    let stray = |path: &&String| {
        let inside = path.strip_prefix(base);
        inside.is_some_and(|inside| !has_place(inside) && is_called_a_list(inside))
    };
    let lists = files.paths().iter().filter(stray);
    let lists: Vec<_> = lists.map(|path| files.shown(path)).collect();
    if !lists.is_empty() {
        others.insert(
            "no CRL has its place there, and `--crl FILE` reads one",
            lists,
        );
    }
    let others = others.iter();
    told.extend(others.map(|(reason, paths)| format!("passed over: {reason}: {}", some_of(paths))));
    told
}

/// Whether a file is called as if it were a CRL.
fn is_called_a_list(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let name = path.rsplit_once('/').map_or(&*path, |(_, name)| name);
    let ending = Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str());
    match ending {
        Some("crl") => true,
        Some("pem" | "der") => name.contains("crl"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_lists() {
        for (path, is_list) in [
            ("crls/old.crl", true),
            ("OLD.CRL", true),
            ("x/crl-2.pem", true),
            ("crl/ca.pem", false),
            ("crlnumber", false),
            ("a.pem", false),
        ] {
            assert_eq!(is_called_a_list(path), is_list, "{path}");
        }
    }
}
