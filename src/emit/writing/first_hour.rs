//! What nodes are given in the first hour, by what the manifest says of it.

use std::sync::Arc;

use minijinja::context;
use serde::Serialize;
use toml::Spanned;

use super::engine::value;
use crate::emit::{
    error::EmitError, manifest::Format, request::Outside, server::Server, version::Version,
};

/// A node as templates see it.
#[derive(Clone, Debug, Serialize)]
pub struct SetupNode {
    /// Name of its entry
    pub name: String,
    /// The name by which others reach it
    pub host: String,
    /// Its address, or its `host` where none is given
    pub address: String,
}

/// The cluster as templates see it.
#[derive(Clone, Debug)]
pub struct SetupFacts<'a> {
    /// The version of the server
    pub version: &'a Version,
    /// All nodes
    pub nodes: &'a [SetupNode],
    /// Where certificate and key lie on each
    pub directory: &'a str,
    /// Folder with a folder for each node and client, here
    pub folder: &'a str,
    /// Names of clients
    pub clients: &'a [String],
}

impl Server {
    /// Where certificate and key usually lie on a node.
    #[must_use]
    pub fn usual_directory(&self) -> String {
        let said = self.manifest.setup.directory.clone();
        said.unwrap_or_else(|| format!("/etc/{}/tls", self.name))
    }

    /// The user whose they are.
    #[must_use]
    pub fn owner(&self) -> &str {
        let said = self.manifest.setup.owner.as_deref();
        said.unwrap_or(&self.name)
    }

    /// The formats that are written for each node.
    pub fn setup_formats(&self) -> impl Iterator<Item = &Format> {
        let wanted = &self.manifest.setup.formats;
        let is_wanted = |(index, format): &(usize, &Format)| match wanted.is_empty() {
            true => *index == 0,
            false => wanted.iter().any(|name| *name.get_ref() == format.name),
        };
        let formats = self.manifest.formats.iter().enumerate();
        formats.filter(is_wanted).map(|(_, format)| format)
    }

    /// Names of options and parameters that these formats cannot do without, and that nothing sets: questions
    /// for a person.
    #[must_use]
    pub fn setup_questions(&self) -> Vec<String> {
        let set: Vec<_> = self
            .manifest
            .setup
            .options()
            .map(Spanned::get_ref)
            .collect();
        let mut questions: Vec<String> = Vec::new();
        for name in self.setup_formats().flat_map(|format| &format.requires) {
            let name = name.get_ref();
            if !set.contains(&name) && !questions.contains(name) {
                questions.push(name.clone());
            }
        }
        questions
    }

    /// What a node's options are set to.
    ///
    /// # Errors
    ///
    /// A mistake in a template.
    pub fn setup_set(
        &self,
        facts: &SetupFacts<'_>,
        node: &SetupNode,
        outside: &Arc<dyn Outside>,
    ) -> Result<Vec<(String, String)>, Vec<EmitError>> {
        let mut set = Vec::new();
        for (name, template) in &self.manifest.setup.set {
            let exists = self.manifest.spec(name.get_ref());
            if !exists.is_some_and(|spec| spec.exists_in(facts.version)) {
                continue;
            }
            let value = self.setup_text(facts, Some(node), template, outside)?;
            if !value.is_empty() {
                set.push((name.get_ref().clone(), value));
            }
        }
        Ok(set)
    }

    /// What one of the setup's templates becomes, for a node or for all of them.
    ///
    /// # Errors
    ///
    /// A mistake in it.
    pub fn setup_text(
        &self,
        facts: &SetupFacts<'_>,
        node: Option<&SetupNode>,
        template: &Spanned<String>,
        outside: &Arc<dyn Outside>,
    ) -> Result<String, Vec<EmitError>> {
        let mut engine = self.engine();
        engine.suppose(facts.version.clone());
        engine.serve(Arc::clone(outside), false);
        let others = facts.nodes.iter();
        let others = others.filter(|it| node.is_none_or(|node| it.name != node.name));
        let context = context! {
            node => value(node),
            nodes => value(facts.nodes),
            others => value(others.collect::<Vec<_>>()),
            directory => facts.directory,
            folder => facts.folder,
            clients => value(facts.clients),
        };
        let text = engine.inline(template, &context);
        text.map_err(|error| vec![error])
    }
}
