//! Where the keys of successors are: in files, encrypted where those of the old CAs are, or in a token or an agent.

use std::{collections::HashMap, str::FromStr};

use crate::{
    emit::shell_word,
    issuance::{
        own_key::Keeping,
        rotation::{RotateError, announcement::Lineup},
    },
    pki::{
        entry_name::EntryName,
        key::KeyType,
        key_file,
        key_uri::{KeyUri, KeyUriError},
    },
    session::{
        passphrases::Passphrases,
        tokens::{Kept, Wish},
    },
    store::{
        Pki,
        ledger::{Record, rotation::Rotation},
    },
    terminal::Report,
};

/// Where somebody says that a successor's key is: `[CA=]URI`.
#[derive(Clone, Debug)]
pub(crate) struct KeyAt {
    /// The CA that makes way; `None` for the one that is named, and those below it whose keys are in a token
    owner: Option<EntryName>,
    /// `{name}` stands for the successor's name
    uri: String,
}

impl FromStr for KeyAt {
    type Err = KeyUriError;

    fn from_str(text: &str) -> Result<Self, KeyUriError> {
        // No name holds the colon that ends a scheme.
        let split = text.split_once('=');
        let split = split.and_then(|(owner, uri)| Some((owner.parse().ok()?, uri)));
        let (owner, uri) = split.map_or((None, text), |(owner, uri)| (Some(owner), uri));
        let at = Self {
            owner,
            uri: uri.to_owned(),
        };
        at.of("name").map(|_| at)
    }
}

impl KeyAt {
    fn of(&self, name: &str) -> Result<KeyUri, KeyUriError> {
        self.uri.replace("{name}", name).parse()
    }

    /// As it is written.
    pub(crate) fn text(&self) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}={}", self.uri),
            None => self.uri.clone(),
        }
    }
}

/// What is asked of new keys.
#[derive(Clone, Copy)]
pub(crate) struct KeyWish<'a> {
    pub(crate) places: &'a [KeyAt],
    /// Whether they are made in the token
    pub(crate) generate: bool,
    /// Their type, unless it is that of the old ones
    pub(crate) key_type: Option<KeyType>,
    /// Whether files are encrypted though those of the old ones are not
    pub(crate) encrypt: bool,
}

/// The keys of successors, by the names of these.
pub(crate) struct Keys(HashMap<EntryName, Kept>);

impl Keys {
    pub(crate) fn keeping(&self) -> HashMap<EntryName, Keeping<'_>> {
        let keys = self.0.iter();
        keys.map(|(name, kept)| (name.clone(), kept.keeping()))
            .collect()
    }
}

impl KeyWish<'_> {
    /// Nothing but what the old keys are.
    pub(crate) const fn none() -> Self {
        Self {
            places: &[],
            generate: false,
            key_type: None,
            encrypt: false,
        }
    }

    /// Refuses what would not be heeded.
    pub(crate) fn refuse_any(&self, why: &str) -> Result<(), Report> {
        match self.places.is_empty() {
            true => Ok(()),
            false => Err(
                Report::usage(format!("{why}, so that `--key-uri` says nothing"))
                    .hint("leave it out"),
            ),
        }
    }

    /// Finds or makes them.
    pub(crate) fn keep(
        &self,
        pki: &Pki,
        lineup: &Lineup,
        passphrases: &Passphrases<'_>,
    ) -> Result<Keys, Report> {
        let uris = self.uris(pki, lineup)?;
        let mut keys = HashMap::new();
        let mut members: Vec<_> = lineup.members.iter().zip(&uris).collect();
        // What is asked of a person is asked before a token makes anything.
        members.sort_by_key(|(_, uri)| uri.is_some());
        for ((old, new), uri) in members {
            let wish = Wish {
                uri: uri.as_ref(),
                generate: self.generate,
                key_type: self.key_type,
                usual_type: old.key_type.parse().unwrap_or_default(),
                encrypt: self.encrypt || is_encrypted(pki, old)?,
            };
            let kept = wish.keep(new, passphrases)?;
            refuse_own(pki, lineup, &kept)?;
            keys.insert(new.clone(), kept);
        }
        Ok(Keys(keys))
    }

    /// As they are written on a command line, each word with a blank before it.
    pub(crate) fn words(&self) -> String {
        let places = self.places.iter();
        let mut words: String = places
            .map(|at| format!(" --key-uri {}", shell_word(&at.text())))
            .collect();
        if self.generate {
            words.push_str(" --generate");
        }
        words
    }

    /// Where the key of each successor is; `None` for a file.
    pub(crate) fn uris(&self, pki: &Pki, lineup: &Lineup) -> Result<Vec<Option<KeyUri>>, Report> {
        self.refuse_owners(lineup)?;
        let mut uris = Vec::new();
        for (index, (old, new)) in lineup.members.iter().enumerate() {
            let is_held = pki.authority_key_uri(&old.name)?.is_some();
            let own = self.of(Some(&old.name));
            let at = own.or_else(|| self.of(None).filter(|_| index == 0 || is_held));
            if is_held && at.is_none() {
                return Err(RotateError::KeyHeld(old.name.clone()).into());
            }
            let uri = at.map(|at| at.of(new.as_str())).transpose();
            let uri = uri.map_err(|error| Report::usage(format!("`--key-uri`: {error}")))?;
            if uri.is_some() && uris.contains(&uri) {
                return Err(one_key(new));
            }
            uris.push(uri);
        }
        Ok(uris)
    }

    fn of(&self, owner: Option<&EntryName>) -> Option<&KeyAt> {
        self.places.iter().find(|it| it.owner.as_ref() == owner)
    }

    fn refuse_owners(&self, lineup: &Lineup) -> Result<(), Report> {
        let mut reports = Vec::new();
        for (index, at) in self.places.iter().enumerate() {
            if self.places[..index].iter().any(|it| it.owner == at.owner) {
                reports.push(Report::usage("`--key-uri` is given twice for the same CA").hint(
                    "name the CA that makes way: `--key-uri CA=URI`, or write `{name}` in one URI for all",
                ));
            }
            let takes_part = |owner: &&EntryName| {
                let mut members = lineup.members.iter();
                members.any(|(old, _)| old.name == **owner)
            };
            if let Some(owner) = at.owner.as_ref().filter(|it| !takes_part(it)) {
                let message = format!("`--key-uri` names `{owner}`, which gets no successor now");
                let names = lineup.members.iter().map(|(old, _)| old.name.as_str());
                let names: Vec<_> = names.collect();
                let hint = format!("these do: {}", names.join(", "));
                reports.push(Report::usage(message).hint(hint));
            }
        }
        Report::none(reports)
    }
}

fn one_key(name: &EntryName) -> Report {
    Report::usage(format!("`{name}` would have the key of another successor")).hint(
        "write `{name}` in the URI, which stands for the successor's name, or `--key-uri CA=URI` for each",
    )
}

fn is_encrypted(pki: &Pki, old: &Record) -> Result<bool, Report> {
    if pki.authority_key_uri(&old.name)?.is_some() {
        return Ok(false);
    }
    let (_, octets) = pki.authority_key_file(&old.name)?;
    Ok(key_file::is_encrypted(&octets))
}

/// A CA that took its own key along would change nothing.
fn refuse_own(pki: &Pki, lineup: &Lineup, kept: &Kept) -> Result<(), Report> {
    let Kept::Held(held) = kept else {
        return Ok(());
    };
    let info = held.signer.key_type();
    let info = info.public_key_info(held.signer.public_key());
    for (old, _) in &lineup.members {
        let certificate = pki.authority(&old.name)?.certificate;
        if certificate.parsed().public_key().raw == &*info {
            let message = format!("the key {} is that of the CA `{}`", held.uri, old.name);
            return Err(Report::refused("exists", message).hint(
                "a successor has a key of its own: `--generate` makes one under another name",
            ));
        }
    }
    Ok(())
}

/// The keys of successors that are in a token or an agent.
pub(crate) fn held(pki: &Pki, rotation: &Rotation) -> Result<Vec<KeyUri>, Report> {
    let mut uris = Vec::new();
    for pair in &rotation.pairs {
        uris.extend(pki.authority_key_uri(&pair.new)?);
    }
    Ok(uris)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_stand_before_schemes() {
        for (text, owner, uri) in [
            ("pkcs11:token=ca;object=a", None, "pkcs11:token=ca;object=a"),
            ("root=pkcs11:token=ca", Some("root"), "pkcs11:token=ca"),
            ("root=ssh-agent:{name}", Some("root"), "ssh-agent:root-2"),
            ("ssh-agent:{name}", None, "ssh-agent:root-2"),
        ] {
            let at: KeyAt = text.parse().expect("it is one");
            assert_eq!(at.owner.as_ref().map(EntryName::as_str), owner, "{text}");
            let found = at.of("root-2").expect("it is one");
            assert_eq!(found.to_string(), uri, "{text}");
            assert_eq!(at.text(), text);
        }
        for text in [
            "",
            "root",
            "root=",
            "root=key.pem",
            "pkcs11:token=a b",
            "pkcs11:pin-value=1",
        ] {
            assert!(text.parse::<KeyAt>().is_err(), "{text}");
        }
    }
}
