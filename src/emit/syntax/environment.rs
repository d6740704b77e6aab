//! `PREFIX_GROUP__KEY=value` lines, as shells and unit files take them.

use super::{Found, Source, assignments::assignment, found, words::shell_words};

pub(super) fn options(source: &Source<'_>) -> Vec<Found> {
    let prefix = source.terms().prefix;
    let lines = source
        .text()
        .lines()
        .filter_map(|(position, line)| assignment(position, line.trim_ascii()));
    let variables = lines.filter_map(|variable| {
        let name = match prefix {
            Some(prefix) => variable.name.strip_prefix(prefix)?,
            None => variable.name.split_once('_')?.1,
        };
        let name = name.replace("__", ".").to_lowercase();
        Some(found(
            variable.position,
            &name,
            &shell_words(&variable.value).join(" "),
        ))
    });
    variables.collect()
}
