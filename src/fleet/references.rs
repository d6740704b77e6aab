//! Checks the CAs that a fleet file names, once all its files are read.

use std::{
    collections::{HashMap, HashSet},
    mem,
};

use super::{Builder, Fleet};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    pki::{
        authorities::{Fallen, State, Undecided},
        entry_name::EntryName,
    },
};

impl Builder<'_> {
    pub(super) fn has_authority(&self, name: &EntryName) -> bool {
        self.standing.stands(name) || self.fleet.authorities.iter().any(|spec| spec.name == *name)
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

    /// Looks for CAs that neither stand nor are made.
    fn check_names(&mut self) {
        let parents = self.parents.iter();
        let named = parents.map(|(_, parent, mistake)| (parent, mistake));
        let issuers = self.issuers.iter().map(|(ca, mistake)| (ca, mistake));
        for (ca, mistake) in named.chain(issuers) {
            if self.has_authority(ca) {
                continue;
            }
            let fallen = self.standing.fallen(ca);
            let hint = match &fallen {
                Some(fallen) => anew(fallen) + "; or name another CA",
                None => format!("a `[[ca]]` with `name = \"{ca}\"` makes it"),
            };
            self.mistakes.add(Diagnostic {
                message: fallen.map_or_else(|| mistake.message.clone(), |it| it.to_string()),
                hint: Some(hint),
                ..mistake.clone()
            });
        }
    }

    /// Entries that name no CA are signed by the only one without a CA below it.
    fn fill_in_issuers(&mut self) {
        let mut all = self.standing.clone();
        let specs = self.fleet.authorities.iter();
        for spec in specs.filter(|spec| !self.standing.stands(&spec.name)) {
            all.add(spec.name.clone(), spec.parent.clone(), State::Used);
        }
        let signer = all.signer();
        for spec in mem::take(&mut self.unsigned) {
            let name = spec.name.clone();
            match spec.signed(signer.as_ref().copied()) {
                Ok(spec) => self.fleet.entries.push(spec),
                Err(undecided) => {
                    self.unsigned_by_anybody(&name, undecided);
                    // The others would be told the same.
                    if *undecided == Undecided::None {
                        break;
                    }
                }
            }
        }
    }

    fn unsigned_by_anybody(&mut self, name: &EntryName, undecided: &Undecided) {
        let here = self.entries.get(name);
        let (message, hint) = explained(undecided);
        self.mistakes.add(Diagnostic {
            file: here.map_or_else(String::new, |here| here.file.clone()),
            line: here.map_or(1, |here| here.line),
            column: here.map_or(1, |here| here.column),
            message,
            hint: Some(hint),
        });
    }
}

/// Why an entry without a `ca` has none, and what helps.
fn explained(undecided: &Undecided) -> (String, String) {
    let named = |ca: &EntryName| format!("add `ca = \"{ca}\"` to it, or to `[defaults]`");
    match undecided {
        Undecided::None => (
            "there is no CA, and the file makes none".to_owned(),
            "add `[[ca]]` with `name = \"root\"` to the file".to_owned(),
        ),
        Undecided::Several(all) => {
            let list: Vec<_> = all.iter().map(EntryName::as_str).collect();
            let list = list.join(", ");
            (
                format!("no `ca` is named, and several could sign: {list}"),
                all.first().map(named).unwrap_or_default(),
            )
        }
        Undecided::Fallen(fallen) => {
            let or = fallen
                .above
                .as_ref()
                .map(|above| format!("; or {}", named(above)));
            (
                format!("no `ca` is named, and {undecided}"),
                anew(fallen) + &or.unwrap_or_default(),
            )
        }
    }
}

/// What in the file gives a CA a successor.
fn anew(fallen: &Fallen) -> String {
    let parent = fallen.above.as_ref();
    let parent = parent.map(|parent| format!(" and `parent = \"{parent}\"`"));
    format!(
        "a `[[ca]]` with `name = \"{}\"`{} makes another",
        fallen.with,
        parent.unwrap_or_default()
    )
}
