//! What an entry loses by the certificate that takes the place of its own.

use std::collections::{HashMap, HashSet};

use time::Duration;

use crate::{
    pki::{
        duration, entry_name::EntryName, octets::Name, renewal::Predecessor, subject,
        validity::Validity,
    },
    store::{Pki, StoreError, layout::Area, ledger::Record},
};

/// The certificates in use that a command replaces, and what is lost with them.
#[derive(Debug, Default)]
pub struct Losses {
    replaced: HashMap<EntryName, Record>,
    lost: Vec<(Record, String)>,
}

impl Losses {
    /// Reads what is in use under these names.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn of<'n>(
        pki: &Pki,
        names: impl IntoIterator<Item = &'n EntryName>,
    ) -> Result<Self, StoreError> {
        let mut losses = Self::default();
        for name in names {
            if let Some(record) = pki.ledger().current(Area::Entries, name)? {
                losses.replaced.insert(name.clone(), record);
            }
        }
        Ok(losses)
    }

    /// Compares a new certificate with the one that it replaces.
    pub fn note(&mut self, new: &Record) {
        let Some(old) = self.replaced.remove(&new.name) else {
            return;
        };
        if let Some(lost) = lost(&old, new) {
            self.lost.push((old, lost));
        }
    }

    /// The entries that lose something, as they were, each with what it loses.
    #[must_use]
    pub fn all(&self) -> impl ExactSizeIterator<Item = (&Record, &str)> {
        let lost = self.lost.iter();
        lost.map(|(old, lost)| (old, lost.as_str()))
    }
}

fn lost(old: &Record, new: &Record) -> Option<String> {
    let kept: HashSet<_> = new.names.iter().collect();
    let names = old.names.iter().filter(|name| !kept.contains(name));
    let names: Vec<_> = names.map(String::as_str).collect();
    let issuer = |record: &Record| {
        let issuer = record.issuer.as_ref().map(ToString::to_string);
        issuer.unwrap_or_else(|| String::from("itself"))
    };
    let [before, after] = [old, new].map(|record| life(record.validity));
    let terms = [
        (
            "profile",
            old.kind.name().to_owned(),
            new.kind.name().to_owned(),
        ),
        ("CA", issuer(old), issuer(new)),
        ("key type", old.key_type.clone(), new.key_type.clone()),
        ("subject", shown(old), shown(new)),
    ];
    let changed = terms.into_iter().filter(|(_, from, to)| from != to);
    let changed = changed.map(|(what, from, to)| format!("its {what} was {from}, and is {to}"));
    let lost: Vec<_> = (!names.is_empty())
        .then(|| format!("it lacks {}", names.join(", ")))
        .into_iter()
        .chain(changed)
        .chain((after < before).then(|| {
            let [before, after] = [before, after].map(duration::display);
            format!("its life was {before}, and is {after}")
        }))
        .collect();
    (!lost.is_empty()).then(|| lost.join("; "))
}

/// The exact subject of what was signed; `None` where that is no certificate.
#[must_use]
pub fn subject(record: &Record) -> Option<Name> {
    let signed = Predecessor::from_to_be_signed(&record.to_be_signed);
    Some(signed.ok()?.subject)
}

fn shown(record: &Record) -> String {
    subject(record).map_or_else(String::new, |subject| subject::shown(&subject))
}

/// How long a certificate is valid.
#[must_use]
pub fn life(validity: Validity) -> Duration {
    validity.not_after - validity.not_before
}
