//! `PREFIX_GROUP__KEY=value` lines, as shells and unit files take them.

use super::{Found, assignments::assignment, found, numbered, words::words};

pub(super) fn options(text: &str) -> Vec<Found> {
    let lines = numbered(text).filter_map(|(number, line)| assignment(number, line.trim()));
    let variables = lines.filter_map(|variable| {
        let (_prefix, name) = variable.name.split_once('_')?;
        let name = name.replace("__", ".").to_lowercase();
        Some(found(
            variable.line,
            &name,
            &words(&variable.value).join(" "),
        ))
    });
    variables.collect()
}
