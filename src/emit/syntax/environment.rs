//! `PREFIX_GROUP__KEY=value` lines, as shells and unit files take them.

use super::{Found, Text, assignments::assignment, found, words::words};

pub(super) fn options(text: Text<'_>) -> Vec<Found> {
    let lines = text
        .lines()
        .filter_map(|(position, line)| assignment(position, line.trim()));
    let variables = lines.filter_map(|variable| {
        let (_prefix, name) = variable.name.split_once('_')?;
        let name = name.replace("__", ".").to_lowercase();
        Some(found(
            variable.position,
            &name,
            &words(&variable.value).join(" "),
        ))
    });
    variables.collect()
}
