//! Whose configuration a file is, told by what stands in it.

use std::collections::BTreeSet;

use super::{endpoint::Endpoint, manifest::Format, server::Server, syntax::Found};
use crate::nearest::nearest;

/// Tells whose configuration a file is: that of the server most of whose options stand in it.
///
/// A format counts where one of its options with files is there, or where the file is called as the
/// server calls it.
#[must_use]
pub fn recognise<'a>(
    servers: &'a [Server],
    file_name: &str,
    text: &str,
) -> Option<(&'a Server, &'a Format)> {
    let formats = servers.iter().flat_map(|server| {
        let formats = server.manifest.formats.iter();
        formats.map(move |format| (server, format))
    });
    let scored = formats.filter_map(|(server, format)| {
        let points = points(server, format, file_name, text)?;
        Some((points, (server, format)))
    });
    // Of several the first, which is the server's default format.
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, found)| found)
}

/// How many of the server's options stand in a text; `None` where it is not the server's.
fn points(server: &Server, format: &Format, file_name: &str, text: &str) -> Option<usize> {
    let syntax = format.syntax.filter(|_| format.mount.is_none())?;
    let endpoints = server.endpoints(format);
    let files: BTreeSet<_> = endpoints.flat_map(Endpoint::options).collect();
    let sections = syntax.sections(text);
    let options = || sections.iter().flat_map(|section| &section.options);
    let known = |option: &Found| server.known(format, &option.name).map(str::to_owned);
    let names: BTreeSet<String> = options().filter_map(known).collect();
    let has_file = files.iter().any(|name| names.contains(name.get_ref()));
    let is_meant = |option: &Found| {
        known(option).is_none() && nearest(&option.name, server.names(format)).is_some()
    };
    let is_file = !files.is_empty() && !names.is_empty();
    let is_called_so = is_file && format.path.rsplit('/').next() == Some(file_name);
    // One word alone may be any program's.
    let is_theirs = has_file && (names.len() > 1 || options().any(is_meant));
    (is_called_so || is_theirs).then_some(names.len())
}
