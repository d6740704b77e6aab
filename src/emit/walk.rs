//! From nothing to a cluster: what is typed for a server, of `walk.sh` in its folder.

use super::server::Server;

/// What stands beside a manifest.
const FILE: &str = "walk.sh";

/// Commands that belong together, and what they are for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// What is told before them
    pub about: String,
    /// Lines for a shell
    pub commands: String,
}

impl Server {
    /// The way from no PKI to servers that run: first what lays their files and starts them, then what shows that it
    /// works, last what a stranger tries, and in vain. Empty where nobody has walked it.
    #[must_use]
    pub fn walk(&self) -> Vec<Step> {
        let text = self.text(FILE).unwrap_or_default();
        let mut steps = Vec::new();
        for paragraph in text.split("\n\n").map(|it| it.trim_matches('\n')) {
            match (about(paragraph), steps.last_mut()) {
                (Some(about), _) => steps.push(Step {
                    about,
                    commands: String::new(),
                }),
                (None, Some(step)) => step.commands.extend([paragraph, "\n"]),
                (None, None) => {}
            }
        }
        steps
    }
}

/// What a paragraph of comments says, in one line.
fn about(paragraph: &str) -> Option<String> {
    let lines: Option<Vec<_>> = paragraph
        .lines()
        .map(|line| line.strip_prefix("# "))
        .collect();
    lines
        .filter(|lines| !lines.is_empty())
        .map(|it| it.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::Catalogue;

    /// A walk of this text.
    fn walk(text: &str) -> Vec<(String, String)> {
        let catalogue = Catalogue::embedded();
        let name = catalogue
            .names()
            .next()
            .expect("some are built in")
            .to_owned();
        let added = [(format!("{name}/{FILE}"), text.to_owned())];
        let server = catalogue
            .overlay("mine", added)
            .server(&name)
            .expect("it is built in");
        let steps = server.walk().into_iter();
        steps.map(|it| (it.about, it.commands)).collect()
    }

    #[test]
    fn comments_before_an_empty_line_begin_a_step() {
        let table: [(&str, &[(&str, &str)]); 4] = [
            ("", &[]),
            ("echo\n", &[]),
            ("# One,\n# two.\n\na\nb\n", &[("One, two.", "a\nb\n")]),
            (
                "# One.\n\n# no step\na\n\nb\n\n# Two.\n\nc\n",
                &[("One.", "# no step\na\nb\n"), ("Two.", "c\n")],
            ),
        ];
        for (text, expected) in table {
            let found = walk(text);
            let found: Vec<_> = found
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
