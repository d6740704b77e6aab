//! Checks the CAs that a fleet file names, once all its files are read.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Builder, Fleet};
use crate::{
    extfile::{Diagnostic, Diagnostics},
    pki::entry_name::EntryName,
};

impl Builder<'_> {
    pub(super) fn has_authority(&self, name: &EntryName) -> bool {
        self.standing.contains_key(name)
            || self.fleet.authorities.iter().any(|spec| spec.name == *name)
    }

    /// Checks what only the whole of all files and the PKI directory tells: the CAs that are named.
    pub(super) fn finish(mut self) -> Result<Fleet, Diagnostics> {
        self.check_circles();
        self.check_names();
        self.fill_in_issuers();
        self.mistakes.or(self.fleet)
    }

    /// Looks for parents that lead in a circle.
    fn check_circles(&mut self) {
        let parent_of: HashMap<_, _> = self
            .fleet
            .authorities
            .iter()
            .filter_map(|authority| Some((authority.name.clone(), authority.parent.clone()?)))
            .collect();
        for (start, _, position) in &self.parents {
            let mut seen = HashSet::from([start]);
            let mut above = parent_of.get(start);
            while let Some(name) = above {
                if !seen.insert(name) {
                    let message = format!("the CAs above `{start}` lead back to it");
                    self.mistakes.add(Diagnostic {
                        message,
                        ..position.clone()
                    });
                    break;
                }
                above = parent_of.get(name);
            }
        }
    }

    /// Looks for CAs that neither stand nor are made. A CA that stands may have lost its parent.
    fn check_names(&mut self) {
        let is_lost = |name: &EntryName, parent: &EntryName| {
            self.standing.get(name).and_then(Option::as_ref) == Some(parent)
        };
        let parents = self.parents.iter();
        let parents = parents.filter(|(name, parent, _)| !is_lost(name, parent));
        let named = parents.map(|(_, parent, mistake)| (parent, mistake));
        let issuers = self.issuers.iter().map(|(ca, mistake)| (ca, mistake));
        for (ca, mistake) in named.chain(issuers) {
            if !self.has_authority(ca) {
                self.mistakes.add(Diagnostic {
                    hint: Some(format!("a `[[ca]]` with `name = \"{ca}\"` makes it")),
                    ..mistake.clone()
                });
            }
        }
    }

    /// Entries that name no CA are signed by the only one without a CA below it.
    fn fill_in_issuers(&mut self) {
        let authorities = &self.fleet.authorities;
        let made = authorities.iter().map(|spec| (&spec.name, &spec.parent));
        let all: Vec<_> = self.standing.iter().chain(made).collect();
        let parents: HashSet<_> = all
            .iter()
            .filter_map(|(_, parent)| parent.as_ref())
            .collect();
        let names = all.iter().map(|(name, _)| *name);
        let last: BTreeSet<_> = names
            .filter(|name| !parents.contains(name))
            .cloned()
            .collect();
        let names: Vec<_> = last.iter().map(EntryName::as_str).collect();
        let (message, hint) = match names[..] {
            [] => (
                "there is no CA, and the file makes none".to_owned(),
                "add `[[ca]]` with `name = \"root\"` to the file".to_owned(),
            ),
            [first, ..] => (
                format!(
                    "no `ca` is named, and several could sign: {}",
                    names.join(", ")
                ),
                format!("add `ca = \"{first}\"` to it, or to `[defaults]`"),
            ),
        };
        for spec in self
            .fleet
            .entries
            .iter_mut()
            .filter(|spec| spec.ca.is_none())
        {
            if last.len() == 1 {
                spec.ca = last.first().cloned();
                continue;
            }
            self.mistakes.add(Diagnostic {
                message: message.clone(),
                hint: Some(hint.clone()),
                ..self.entries[&spec.name].clone()
            });
            if last.is_empty() {
                break;
            }
        }
    }
}
