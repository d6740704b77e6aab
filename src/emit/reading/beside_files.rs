//! Finds the files that options name besides those of endpoints.

use std::{collections::HashSet, path::Path};

use toml::Spanned;

use super::{Missed, Reading};
use crate::emit::{
    error::EmitError,
    manifest::besides::{Beside, FileOption},
    syntax::{Found, Section},
};

impl Reading<'_> {
    /// Finds the files that options name besides those of endpoints, and says where they are.
    pub(super) fn find_besides(&mut self, start: Option<&Path>) -> Result<(), EmitError> {
        let engine = self.engine();
        let manifest = &self.server.manifest;
        let files = manifest.files.iter();
        let files: Vec<_> = files.filter(|it| it.is_in(&self.format.name)).collect();
        let (mut known, mut besides) = (HashSet::new(), Vec::new());
        for (_, section) in self.scopes() {
            for file in &files {
                let all: Vec<_> = self.named(file, section);
                if all.is_empty() {
                    continue;
                }
                let is_read = file.when.as_ref().map_or(Ok(true), |when| {
                    engine.holds(when, &self.options(section, &Missed::default()))
                })?;
                let base = file.base.as_ref();
                let base = base.and_then(|base| self.root(base.get_ref(), start));
                let base = base.as_deref().or(start);
                for option in all.into_iter().filter(|_| is_read) {
                    let target = match option.literal {
                        true => manifest.paths.literal(&option.value, base),
                        false => manifest.paths.target(&option.value, base),
                    };
                    if known.insert((option.clone(), file.holds)) {
                        let holds = file.holds;
                        besides.push(Beside {
                            option,
                            holds,
                            target,
                        });
                    }
                }
            }
        }
        self.besides = besides;
        Ok(())
    }

    /// The options that count in a section, with their paths.
    fn named(&self, file: &FileOption, section: &Section) -> Vec<Found> {
        let repeated = self.server.repeated();
        let of = |name: &str| match file.each || repeated.contains(name) {
            true => section.each(name),
            false => section.get(name).into_iter().collect(),
        };
        let all = file.options.iter().map(Spanned::get_ref);
        let found = all.flat_map(|name| of(name));
        let with_path = found.filter_map(|option| {
            let value = file.path(&option.value)?.to_owned();
            Some(Found {
                value,
                ..option.clone()
            })
        });
        with_path.collect()
    }
}
