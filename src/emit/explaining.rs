//! What the codes of a manifest's rules stand for, from the templates of their messages.

use super::{manifest::Rule, server::Server};
use crate::explained::Explained;

/// What is written of a rule whose manifest does not say it.
const OWN: &str = "the server's manifest";

impl Server {
    /// What each of its rules stands for, in the order of the manifest, and whether it holds for files
    /// that somebody wrote.
    pub fn explained(&self) -> impl Iterator<Item = (Explained, &Rule)> {
        let rules = self.manifest.rules.iter();
        rules.map(|rule| (explained(rule, &self.manifest.title), rule))
    }
}

fn explained(rule: &Rule, title: &str) -> Explained {
    let in_general = |text: &str| in_general(&text.replace("{{ title }}", title));
    let hint = rule.hint.as_ref();
    let hint = hint.or_else(|| rule.file.as_ref().map(|file| &file.mend));
    let hint = hint.map(|hint| in_general(hint.get_ref()));
    Explained {
        code: rule.code.clone().into(),
        severity: rule.severity,
        source: rule.source.clone().map_or(OWN.into(), Into::into),
        meaning: capitalised(&in_general(rule.message.get_ref())).into(),
        hint: hint.unwrap_or_default().into(),
    }
}

/// A template with a word in capitals for each expression: `ENTRY` for `{{ it.entry }}`.
fn in_general(template: &str) -> String {
    let mut pieces = template.split("{{");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (expression, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        text.push_str(&name(expression.trim()));
        text.push_str(rest);
    }
    text
}

/// The last name of a path such as `listener.tls.entry` or `param['server-name']`, whatever filters follow;
/// of other expressions nothing is said that would hold always.
fn name(expression: &str) -> String {
    let path = expression.split([' ', '|']).next().unwrap_or_default();
    let path = path.trim_end_matches(|c: char| c.is_ascii_digit() || "[]".contains(c));
    let last = match path
        .strip_suffix('\'')
        .and_then(|path| path.rsplit_once("['"))
    {
        Some((_, key)) => key,
        None => path.rsplit('.').next().unwrap_or_default(),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match !last.is_empty() && last.chars().all(is_name) {
        true => last.to_uppercase(),
        false => String::from("…"),
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::Catalogue;

    #[test]
    fn expressions_become_names() {
        for (template, expected) in [
            ("as it is", "as it is"),
            ("`{{ it.entry }}` lives", "`ENTRY` lives"),
            ("{{ param['server-name'] }}", "SERVER-NAME"),
            ("{{ listener.cluster.clients[0] }}!", "CLIENTS!"),
            ("{{ set['node.name'] | split('@') | last }}", "NODE.NAME"),
            ("{{ option.port or '6379' }}", "PORT"),
            ("{{ own.entry if own }}", "ENTRY"),
            ("{{ (a ~ b) | shell }}", "…"),
            ("a{{ '; b' if c }}", "a…"),
            ("{{ unfinished", "UNFINISHED"),
        ] {
            assert_eq!(in_general(template), expected, "{template}");
        }
    }

    #[test]
    fn every_rule_of_the_servers_has_a_source_and_a_remedy() {
        for server in Catalogue::embedded().servers().expect("sound") {
            for (explained, rule) in server.explained() {
                let name = format!("{}: {}", server.name, rule.code);
                assert!(rule.source.is_some(), "{name}");
                for text in [&explained.meaning, &explained.hint] {
                    assert!(!text.is_empty() && !text.ends_with('.'), "{name}: {text}");
                }
            }
        }
    }
}
