//! `PREFIX_GROUP__KEY=value` lines, as shells and unit files take them.

use super::{
    Found, Source,
    assignments::assignment,
    found,
    words::{shell_words, split},
};

/// Behind a value a shell reads a comment; systemd makes it part of the value (systemd.exec(5), `EnvironmentFile=`).
const COMMENT: &str = "systemd knows no comment behind a value, and makes it part of the value";

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    if source.terms().by_unit {
        let lines = source.text().lines();
        let commented: Vec<_> = lines.filter(|(_, line)| has_comment(line)).collect();
        for (position, _) in commented {
            source.blame(position, COMMENT);
        }
    }
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

/// Whether a shell reads a comment behind an assignment. Where `export` stands before it, systemd reads nothing.
fn has_comment(line: &str) -> bool {
    let line = line.trim_ascii();
    let is_meant = !line.starts_with(['#', ';']) && !line.starts_with("export ");
    let value = line.find('=').filter(|_| is_meant);
    // In a comment what is added is lost.
    value.is_some_and(|begin| {
        let (words, open) = split(&format!("{} end", &line[begin..]));
        open.is_none() && words.last().is_none_or(|word| word != "end")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_behind_values() {
        for (line, expected) in [
            ("A=\"x\" # y", true),
            ("A=x #y", true),
            ("A= # y", true),
            ("A=#y", false),
            ("A=x#y", false),
            ("A='x # y'", false),
            ("A=\"x # y", false),
            ("# A=x # y", false),
            ("export A=x # y", false),
            ("A=x", false),
        ] {
            assert_eq!(has_comment(line), expected, "{line}");
        }
    }
}
