//! One entry of a table that may stand for many: its name, and the names in its certificate.

use super::{
    Builder, EntrySpec, Model,
    reader::{Strings, Table},
};
use crate::{
    diagnostic::Diagnostic,
    pki::{
        entry_name::EntryName,
        general_name::{MAX_NAMES, each_once},
        octets::Name,
        range, san, subject,
    },
};

/// Most names that all entries have together: ten for each of the most entries that a range stands for.
const MAX_NAMES_IN_ALL: usize = 10 * range::MAX_NAMES;

/// Names as they are written, and the table in which they are.
type Sans<'a> = (&'a Table<'a>, &'a Strings);

impl Builder<'_> {
    /// Adds the entries of a table, all names that its name stands for.
    pub(super) fn named(
        &mut self,
        table: &Table<'_>,
        model: &Model,
        defaults: Option<&(Table<'_>, Strings)>,
    ) {
        // The defaults' names come first; an entry adds to them.
        let own = table.strings("san", &mut self.mistakes);
        let defaults = defaults.map(|(table, sans)| (table, sans));
        let sans: Vec<Sans<'_>> = defaults.into_iter().chain([(table, &own)]).collect();
        let Some(text) = table.string("name", &mut self.mistakes) else {
            let mistake = table.position("name", "an entry needs a name");
            return self.mistakes.add(mistake);
        };
        let names = match range::expand(&text) {
            Ok(names) => names,
            Err(error) => {
                let mistake = table.position("name", &error.to_string());
                return self.mistakes.add(mistake);
            }
        };
        if let Err(message) = self.count(names.len(), &sans) {
            return self.mistakes.add(table.position("name", &message));
        }
        for text in names {
            match text.parse::<EntryName>() {
                Ok(name) => self.entry_named(name, table, model, &sans),
                Err(error) => {
                    let mistake = table.position("name", &error.to_string());
                    return self.mistakes.add(mistake);
                }
            }
        }
    }

    /// Refuses what no fleet has, because a short text can stand for it.
    fn count(&mut self, entries: usize, sans: &[Sans<'_>]) -> Result<(), String> {
        let texts = sans.iter().flat_map(|(_, list)| *list);
        let names: usize = texts.map(|(text, _)| text.split(',').count()).sum();
        if names > MAX_NAMES {
            return Err(format!("a certificate takes {MAX_NAMES} names at most"));
        }
        self.names = self.names.saturating_add(names.saturating_mul(entries));
        let all = self.unsigned.len() + entries;
        for (found, most, what) in [
            (all, range::MAX_NAMES, "entries"),
            (self.names, MAX_NAMES_IN_ALL, "names"),
        ] {
            if found > most {
                self.is_full = true;
                return Err(format!("a fleet has {most} {what} at most"));
            }
        }
        Ok(())
    }

    fn entry_named(
        &mut self,
        name: EntryName,
        table: &Table<'_>,
        model: &Model,
        sans: &[Sans<'_>],
    ) {
        let here = table.position("name", &format!("the entry `{name}` stands here twice"));
        if let Some(first) = self.entries.get(&name) {
            let hint = format!("first in {}:{}", first.file, first.line);
            return self.mistakes.add(Diagnostic {
                hint: Some(hint),
                ..here
            });
        }
        let mut names = Vec::new();
        names.extend(
            model
                .name_san
                .then(|| san::parse(name.as_str()).ok())
                .flatten(),
        );
        for (table, list) in sans {
            for (text, span) in *list {
                match san::parse_list(text, name.as_str()) {
                    Ok(parsed) => names.extend(parsed),
                    Err(errors) => errors.iter().for_each(|error| {
                        let mistake = table.source.at(Some(span.clone()), &error.to_string());
                        self.mistakes.add(mistake);
                    }),
                }
            }
        }
        if model.local {
            names.extend(san::parse_list(san::LOCAL, "").unwrap_or_default());
        }
        let names = each_once(names);
        if names.is_empty() && model.extfile.is_none() {
            let message = format!("`{name}` would have no subject alternative name");
            self.mistakes.add(table.position("name", &message));
        }
        let subject = self.subject(&name, model, sans);
        self.entries.insert(name.clone(), here);
        self.unsigned.push(EntrySpec {
            subject,
            name,
            ca: model.ca.clone(),
            profile: model.profile,
            key_type: model.key_type,
            lifetime: model.lifetime,
            within: model.within,
            names,
            extfile: model.extfile.clone(),
            extensions: model.extensions.clone(),
        });
    }

    /// The subject that is asked for.
    fn subject(&mut self, name: &EntryName, model: &Model, sans: &[Sans<'_>]) -> Option<Name> {
        match subject::parse(model.subject.as_ref()?, name.as_str()) {
            Ok(subject) => Some(subject),
            Err(error) => {
                let mut tables = sans.iter().rev().map(|(table, _)| table);
                if let Some(table) = tables.find(|table| table.has("subject")) {
                    let mistake = table.position("subject", &error.to_string());
                    self.mistakes.add(mistake);
                }
                None
            }
        }
    }
}
