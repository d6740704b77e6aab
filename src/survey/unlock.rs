//! Opens the encrypted keys of servers with the passphrases that their configuration gives.

use std::path::Path;

use zeroize::Zeroizing;

use super::look::Reach;
use crate::{
    check::facts::{Content, Item, Part, PublicHalf},
    emit::{Named, Paths, UnlockBy},
    pki::{
        key_file::{self, KeyFileError},
        secret::Passphrase,
    },
    store::files,
};

/// How many passphrases of a file are tried.
const MAX_TRIED: usize = 16;

/// How an address of a file begins, where a passphrase may stand elsewhere (EMQX).
const FILE: &str = "file://";

/// Tries what the configuration gives on a key that is encrypted.
pub(super) fn unlock(named: &Named<'_>, paths: &Paths, items: &mut Vec<Item>) {
    let (Some(unlock), Some(given)) = (&named.endpoint.unlock, &named.unlock) else {
        return;
    };
    let elsewhere = given.value.strip_prefix(FILE);
    let passphrases = match (unlock.by, elsewhere) {
        (UnlockBy::Text, None) => vec![Zeroizing::new(given.value.clone())],
        (UnlockBy::Program, _) => Vec::new(),
        (UnlockBy::File, _) | (UnlockBy::Text, Some(_)) => {
            let value = elsewhere.unwrap_or(&given.value);
            let target = paths.target(value, named.base.as_deref());
            let Some(path) = target
                .path()
                .and_then(|path| std::path::absolute(path).ok())
            else {
                return;
            };
            items.push(Reach::Anywhere.outside(Part::Passphrase, &path));
            lines(&path)
        }
    };
    let key = items.iter_mut().find(|item| item.part == Part::Key);
    let path = key.as_ref().map(|key| key.path.clone());
    let Some((found, path)) = key.and_then(|key| key.found.as_mut()).zip(path) else {
        return;
    };
    if matches!(found.content, Content::Key(PublicHalf::Encrypted))
        && let Some(half) = opened(&path, &passphrases)
    {
        found.content = Content::Key(half);
    }
}

fn lines(path: &Path) -> Vec<Zeroizing<String>> {
    let octets = files::read(path).map(Zeroizing::new).unwrap_or_default();
    let text = str::from_utf8(&octets).unwrap_or_default();
    let lines = text.lines().take(MAX_TRIED);
    lines.map(|line| Zeroizing::new(line.to_owned())).collect()
}

/// What becomes of an encrypted key; nothing where its file cannot be read.
fn opened(path: &Path, passphrases: &[Zeroizing<String>]) -> Option<PublicHalf> {
    let octets = Zeroizing::new(files::read(path).ok()?);
    if passphrases.is_empty() {
        let reason = "it is encrypted, and what opens it is asked when the server starts";
        return Some(PublicHalf::Unknown(reason.to_owned()));
    }
    for passphrase in passphrases {
        let passphrase = Passphrase::new(passphrase.clone());
        match key_file::read(&octets, Some(&passphrase), None) {
            Ok(key) => return Some(PublicHalf::Known(key.public_key().to_vec())),
            Err(KeyFileError::WrongPassphrase) => {}
            Err(error) => return Some(PublicHalf::Unknown(error.to_string())),
        }
    }
    Some(PublicHalf::Locked)
}
