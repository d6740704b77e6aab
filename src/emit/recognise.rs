//! Whose configuration a file is, told by what stands in it.

use std::collections::BTreeSet;

use super::{endpoint::Endpoint, manifest::Format, server::Server};
use crate::nearest::nearest;

/// Tells whose configuration a file is: that of the server most of whose options stand in it.
///
/// A format counts where one of its options with files is there, or where the file is called as such
/// files are.
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

impl Server {
    /// The format in which most of the server's options stand in a text; `None` where there is none.
    #[must_use]
    pub fn format_of(&self, text: &str) -> Option<&Format> {
        let formats = self.manifest.formats.iter().rev();
        let scored = formats.filter_map(|format| {
            let count = Options::read(self, format, text)?.known.len();
            (count > 0).then_some((count, format))
        });
        scored
            .max_by_key(|(count, _)| *count)
            .map(|(_, format)| format)
    }
}

/// The names that stand in a text, read as one format.
struct Options {
    /// As the manifest spells them
    known: BTreeSet<String>,
    unknown: BTreeSet<String>,
}

impl Options {
    fn read(server: &Server, format: &Format, text: &str) -> Option<Self> {
        if format.syntax.is_none() || format.mount.is_some() {
            return None;
        }
        let (mut known, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        for option in format.sections(text).into_iter().flat_map(|it| it.options) {
            match server.known(format, &option.name) {
                Some(name) => known.insert(name.to_owned()),
                None => unknown.insert(option.name),
            };
        }
        Some(Self { known, unknown })
    }
}

/// How many of the server's options stand in a text; `None` where it is not the server's.
fn points(server: &Server, format: &Format, file_name: &str, text: &str) -> Option<usize> {
    let options = Options::read(server, format, text)?;
    let count = options.known.len();
    let files: Vec<_> = server
        .endpoints(format)
        .flat_map(Endpoint::options)
        .collect();
    let has_file = files
        .iter()
        .any(|name| options.known.contains(name.get_ref()));
    let is_misspelt = |name: &String| {
        let first = name.split([' ', '=']).next().unwrap_or_default();
        let is_joined = server.known(format, first).is_some();
        is_joined || nearest(name, server.names(format)).is_some()
    };
    let is_theirs = match server.knows_all() {
        // Where all names are known, most must be; they may be common words.
        true => count > 1 && count > options.unknown.len(),
        // One word alone may be any program's.
        false => has_file && (count > 1 || options.unknown.iter().any(is_misspelt)),
    };
    let called = format.path.rsplit('/').next().into_iter();
    let mut called = called.chain(format.names.iter().map(String::as_str));
    let is_called_so = count > 0 && !files.is_empty() && called.any(|name| name == file_name);
    (is_theirs || is_called_so).then_some(count)
}
