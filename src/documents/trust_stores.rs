//! `certctl/install-root/v1`, `certctl/uninstall-root/v1`: what is run so that a root is trusted, or is not.

use serde::Serialize;

use crate::emit::shell_word;
#[cfg(test)]
use crate::host::trust_stores::STORES;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Name of the root
    pub(crate) name: &'a str,
    /// What is run for each trust store
    pub(crate) stores: Vec<Plan>,
}

/// What is to be run for one store.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Plan {
    /// The trust store
    #[cfg_attr(test, schemars(extend("enum" = STORES.map(|store| store.name))))]
    pub(crate) store: &'static str,
    #[serde(skip)]
    pub(crate) about: &'static str,
    /// Words of each command
    pub(crate) commands: Vec<Vec<String>>,
}

impl Document<'_> {
    /// The commands for a shell, one paragraph for each store.
    pub(crate) fn script(&self) -> String {
        let paragraph = |plan: &Plan| {
            let lines = plan.commands.iter();
            let lines = lines.map(|command| format!("{}\n", line(command)));
            format!("# {}\n{}", plan.about, lines.collect::<String>())
        };
        let paragraphs = self.stores.iter().map(paragraph);
        paragraphs.collect::<Vec<_>>().join("\n")
    }
}

/// A command for a shell.
pub(crate) fn line(command: &[String]) -> String {
    let words = command.iter().map(|word| shell_word(word));
    words.collect::<Vec<_>>().join(" ")
}
