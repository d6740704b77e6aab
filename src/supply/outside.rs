//! What templates may ask for: random secrets, files with secrets, files of entries.

use std::{
    collections::BTreeMap,
    fmt::Display,
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::{
    emit::Outside,
    host::bounded,
    store::{
        Pki,
        layout::{Area, Layout, Place, file},
    },
};

/// The world that templates may ask: random secrets, files with secrets, files of entries.
#[derive(Debug, Default)]
pub struct System {
    /// The PKI directory
    layout: Option<Layout>,
    secrets: Mutex<BTreeMap<String, Zeroizing<String>>>,
}

impl System {
    /// Of this PKI directory, if there is one.
    #[must_use]
    pub fn new(pki: Option<&Pki>) -> Arc<Self> {
        Arc::new(Self {
            layout: pki.map(|pki| pki.layout().clone()),
            secrets: Mutex::default(),
        })
    }

    /// The same, with secrets that were made earlier, by their labels.
    #[must_use]
    pub fn remembering(
        pki: Option<&Pki>,
        secrets: BTreeMap<String, Zeroizing<String>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            layout: pki.map(|pki| pki.layout().clone()),
            secrets: Mutex::new(secrets),
        })
    }

    /// The secrets that were made so far, by their labels.
    #[must_use]
    pub fn secrets(&self) -> BTreeMap<String, Zeroizing<String>> {
        let secrets = self.secrets.lock();
        secrets.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Outside for System {
    fn secret(&self, label: &str) -> Result<Zeroizing<String>, String> {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = secrets.get(label) {
            return Ok(known.clone());
        }
        let secret = random()?;
        secrets.insert(label.to_owned(), secret.clone());
        Ok(secret)
    }

    fn secret_file(&self, path: &str) -> Result<Zeroizing<String>, String> {
        let unread = |error: io::Error| format!("the first line of a file: {error}");
        let too_long = || bounded::too_large(bounded::Kind::Secret);
        let line = bounded::Source::open(Path::new(path))
            .and_then(bounded::Source::first_line)
            .and_then(|line| line.ok_or_else(too_long))
            .and_then(bounded::text)
            .map_err(unread)?;
        match line.is_empty() {
            false => Ok(line),
            true => Err(String::from("the first line of a file, which is empty")),
        }
    }

    fn contents(&self, area: &str, name: &str, file: &str) -> Result<Zeroizing<String>, String> {
        let layout = self.layout.as_ref().ok_or("there is no PKI directory")?;
        let (place, file) = public(area, name, file)?;
        let path = layout.place(&place).join(file);
        let unread = |error: &dyn Display| format!("cannot read {}: {error}", path.display());
        let octets = layout.directory().read(&path).map(Zeroizing::new);
        let octets = octets.map_err(|error| unread(&error))?;
        let text = str::from_utf8(&octets).map_err(|error| unread(&error))?;
        // Whatever its name says.
        let is_own_key = place.area == Area::Entries && file == file::KEY;
        if text.contains("PRIVATE KEY") && !is_own_key {
            return Err(unread(&"a private key lies there"));
        }
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// What a template may ask for: a file that certctl gives an entry or a CA, but no CA's key.
fn public<'a>(area: &str, name: &str, file: &'a str) -> Result<(Place, &'a str), String> {
    let known = |known: &Area| known.directory() == area;
    let (Some(area), Ok(name)) = (Area::ALL.into_iter().find(known), name.parse()) else {
        return Err(format!(
            "`{area}`, `{name}` is no CA (`ca`) and no entry (`certs`)"
        ));
    };
    match (area, file) {
        (Area::Authorities, file::KEY) => Err(String::from("the key of a CA is never written")),
        _ if file::ALL.contains(&file) => Ok((Place { area, name }, file)),
        _ => Err(format!(
            "there is no file `{file}`: it may be {}",
            file::ALL.join(", ")
        )),
    }
}

/// 43 characters from 62: 256 bits.
fn random() -> Result<Zeroizing<String>, String> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const LENGTH: usize = 43;
    let random = SystemRandom::new();
    let mut text = Zeroizing::new(String::with_capacity(LENGTH));
    while text.len() < LENGTH {
        let mut octet = Zeroizing::new([0]);
        random
            .fill(&mut *octet)
            .map_err(|_| String::from("the system gives no random numbers"))?;
        // Octets from 248 would favour the first letters.
        if octet[0] < 248 {
            text.push(char::from(LETTERS[usize::from(octet[0]) % LETTERS.len()]));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_templates_may_ask_for() {
        for (area, name, file, expected) in [
            ("certs", "node1", "cert.pem", true),
            ("certs", "node1", "key.pem", true),
            ("ca", "root", "bundle.pem", true),
            ("ca", "root", "key.pem", false),
            ("ca", "root", "./key.pem", false),
            ("ca", "root", "../root/key.pem", false),
            ("certs/../ca", "root", "key.pem", false),
            ("certs", "../ca/root", "key.pem", false),
            ("certs", "..", "ledger.db", false),
            ("..", "..", "../../../etc/passwd", false),
            ("", "", "/etc/passwd", false),
            ("archive", "node1-01", "key.pem", false),
            ("certs", "node1", "ledger.db", false),
        ] {
            assert_eq!(
                public(area, name, file).is_ok(),
                expected,
                "{area} {name} {file}"
            );
        }
    }
}
