//! What an entry loses by the certificate that takes the place of its own.

use std::collections::{HashMap, HashSet};

use time::Duration;

use super::{Context, Report, duration};
use crate::{
    emit::shell_word,
    pki::{entry_name::EntryName, renewal::Predecessor, subject, validity::Validity},
    store::{Pki, layout::Area, ledger::Record},
};

/// So many entries are told of; of more there is only the number.
const TOLD: usize = 20;

/// The certificates in use that a command replaces, and what is lost with them.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    replaced: HashMap<EntryName, Record>,
    lost: Vec<(EntryName, String)>,
}

impl Losses {
    /// Reads what is in use under these names.
    pub(crate) fn of<'n>(
        pki: &Pki,
        names: impl IntoIterator<Item = &'n EntryName>,
    ) -> Result<Self, Report> {
        let mut losses = Self::default();
        for name in names {
            if let Some(record) = pki.ledger().current(Area::Entries, name)? {
                losses.replaced.insert(name.clone(), record);
            }
        }
        Ok(losses)
    }

    /// Compares a new certificate with the one that it replaces.
    pub(crate) fn note(&mut self, new: &Record) {
        let old = self.replaced.get(&new.name);
        if let Some(lost) = old.and_then(|old| lost(old, new)) {
            self.lost.push((new.name.clone(), lost));
        }
    }

    /// Warns of all that is lost.
    pub(crate) fn tell(&self, context: &Context) {
        for (name, lost) in self.lost.iter().take(TOLD) {
            context.ui.warning(format!(
                "the new certificate of `{name}` is not as the one that it replaces: {lost}"
            ));
        }
        if let Some(more @ 1..) = self.lost.len().checked_sub(TOLD) {
            context.ui.warning(format!("and so of {more} more"));
        }
        let first = self.lost.first();
        if let Some(old) = first.and_then(|(name, _)| self.replaced.get(name)) {
            let renew = context.command(&format!("renew {} --force", old.name));
            context.ui.hint(match (context.global.dry_run, again(old)) {
                (false, Some(words)) => format!(
                    "`{}` makes one as it was; `{renew}` would have kept all",
                    context.command(&words)
                ),
                _ => format!("`{renew}` keeps all that it has"),
            });
        }
    }
}

/// The command that issues what an entry had; none where its key is not here, or it had no names.
fn again(old: &Record) -> Option<String> {
    let sans: Option<Vec<_>> = (old.names.iter())
        .map(|name| (!name.contains([',', '`', '{'])).then(|| shell_word(name)))
        .collect();
    let sans = sans?.join(",");
    let issuer = old.issuer.as_ref()?;
    let days = life(old.validity).whole_days();
    let subject = match subject(old)? {
        usual if usual == subject::usual(&old.name) => String::new(),
        other => format!(" --subject {}", shell_word(&subject::to_text(&other)?)),
    };
    (old.origin.has_key() && !sans.is_empty() && days > 0 && !subject.contains('`')).then(|| {
        format!(
            "issue {} --profile {} --no-name-san --san {sans}{subject} --ca {issuer} --key-type {} --days {days} --force",
            old.name,
            old.kind.name(),
            old.key_type
        )
    })
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
fn subject(record: &Record) -> Option<Vec<u8>> {
    let signed = Predecessor::from_to_be_signed(&record.to_be_signed);
    Some(signed.ok()?.subject)
}

fn shown(record: &Record) -> String {
    subject(record).map_or_else(String::new, |subject| subject::shown(&subject))
}

fn life(validity: Validity) -> Duration {
    validity.not_after - validity.not_before
}
