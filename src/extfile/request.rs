//! What every extension's reader needs: the sections, the issuer, and what the certificate is for.

use std::cell::Cell;

use super::{
    IssuerCertificate, Role,
    config::Config,
    mistakes::{Mistake, Mistakes, all, both},
    text::{Item, Word},
};

/// Sections can name each other many times over: what `ASN1:` may write in all.
const MAX_ASN1_VALUES: usize = 10_000;

/// Entries that are read in all: a word of three octets can name a long section once more.
const MAX_ENTRIES: usize = 100_000;

/// One reading of a section of extensions.
pub(super) struct Request<'a> {
    pub(super) config: &'a Config,
    /// `None` where the certificate signs itself
    pub(super) issuer: Option<&'a IssuerCertificate>,
    pub(super) role: Role,
    asn1_values: Cell<usize>,
    entries: Cell<usize>,
}

impl<'a> Request<'a> {
    pub(super) fn new(
        config: &'a Config,
        issuer: Option<&'a IssuerCertificate>,
        role: Role,
    ) -> Self {
        Self {
            config,
            issuer,
            role,
            asn1_values: Cell::new(0),
            entries: Cell::new(0),
        }
    }

    /// The entries of a section.
    pub(super) fn section(&self, name: Word<'a>) -> Result<Vec<Item<'a>>, Mistakes> {
        if self.entries.get() > MAX_ENTRIES {
            let message = format!("sections are named that have more than {MAX_ENTRIES} entries");
            return Err(name.mistake(message).into());
        }
        let items = self.config.section(name.as_str()).ok_or_else(|| {
            let missing = name
                .mistake(format!("there is no section [{name}]"))
                .nearest(name.as_str(), self.config.section_names());
            self.absence(missing)
        })?;
        self.entries.set(self.entries.get() + items.len() + 1);
        Ok(items)
    }

    /// Reads the list that a value is, or that stands in the section that it names by `@`.
    ///
    /// What is right in a list is read even where something is wrong in it, for the mistakes there.
    pub(super) fn read_items<T>(
        &self,
        value: Word<'a>,
        read: impl FnOnce(&[Item<'a>]) -> Result<T, Mistakes>,
    ) -> Result<T, Mistakes> {
        let Some(name) = value.strip_prefix("@") else {
            return read_list(value, read);
        };
        let items = self.section(name)?;
        if items.is_empty() {
            return Err(self.absence(name.mistake(format!("the section [{name}] is empty"))));
        }
        read(&items)
    }

    /// Something is missing; in a file that can't be read as a whole, that may be a mere consequence.
    pub(super) fn absence(&self, mistake: Mistake) -> Mistakes {
        if self.config.mistakes.is_empty() {
            mistake.into()
        } else {
            Mistakes::default()
        }
    }

    /// Counts one value of `ASN1:`.
    pub(super) fn count_asn1_value(&self, word: Word<'_>) -> Result<(), Mistake> {
        let count = self.asn1_values.get() + 1;
        self.asn1_values.set(count);
        if count > MAX_ASN1_VALUES {
            return Err(word.mistake(format!("more than {MAX_ASN1_VALUES} ASN.1 values")));
        }
        Ok(())
    }
}

/// Reads a list, of which what is right is read even where something is wrong.
pub(super) fn read_list<'a, T>(
    value: Word<'a>,
    read: impl FnOnce(&[Item<'a>]) -> Result<T, Mistakes>,
) -> Result<T, Mistakes> {
    let mut items = Vec::new();
    let wrong = all(value.list().map(|item| {
        items.push(item?);
        Ok(())
    }));
    let (read, _) = both(read(&items), wrong)?;
    Ok(read)
}
