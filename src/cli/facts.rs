//! What snippets are written from: facts about entries and CAs, and the secrets of the world.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    io,
    ops::ControlFlow,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::{
    Context, Report, bounded,
    emitting::printable,
    open::{mended, standing_authority},
};
use crate::{
    emit::{Authority, Entry, Outside, Revocations, fingerprints},
    issuance::{authorities::authorities, crl::families},
    pki::entry_name::EntryName,
    store::{
        Pki,
        layout::{Area, Layout, Place, file},
        ledger::{Kind, Order, Record, Selection, Status},
    },
};

/// Facts about an entry of the PKI directory.
pub(crate) fn entry(pki: &Pki, name: &EntryName) -> Result<Entry, Report> {
    let directory = pki.layout().place(&Place::entry(name.clone()));
    if pki.layout().directory().directory(&directory).is_err() {
        return Err(
            Report::failed("no-entry", format!("there is no entry `{name}`"))
                .hint(format!("make it with `certctl issue {name}`")),
        );
    }
    let leaf = pki
        .certificates(&directory.join(file::CERTIFICATE))?
        .swap_remove(0);
    let roots = fingerprints(&pki.certificates(&directory.join(file::TRUST))?);
    Ok(Entry {
        root: match pki.ledger().current(Area::Entries, name)? {
            Some(Record {
                issuer: Some(issuer),
                ..
            }) => root_of(pki, &issuer)?.to_string(),
            _ => String::new(),
        },
        directory: text(&directory)?,
        clients: clients(pki, &roots)?,
        roots,
        ..Entry::of(name.as_str(), &leaf)
    })
}

/// Facts about the CA that signs clients.
pub(crate) fn authority(pki: &Pki, name: &EntryName) -> Result<Authority, Report> {
    let authority = standing_authority(pki, name)?;
    let root = root_of(pki, name)?;
    let bundle = pki
        .layout()
        .place(&Place::authority(root.clone()))
        .join(file::BUNDLE);
    Ok(Authority {
        name: name.to_string(),
        root: root.to_string(),
        bundle: text(&bundle)?,
        roots: fingerprints(&authority.roots),
    })
}

/// Roots below which something was revoked, or a CRL was made.
pub(crate) fn revocations(pki: &Pki) -> Result<Vec<Revocations>, Report> {
    let revoked = Selection {
        statuses: vec![Status::Revoked],
        order: Order::Newest,
        ..Selection::default()
    };
    let mut issuers = BTreeSet::new();
    let _: ControlFlow<()> = pki.ledger().select(&revoked, |record| {
        issuers.extend(record.issuer);
        ControlFlow::Continue(())
    })?;
    let mut found = Vec::new();
    for (root, family) in families(&pki.authorities()?) {
        let path = |name: &EntryName, file| {
            let place = pki.layout().place(&Place::authority(name.clone()));
            place.join(file)
        };
        let holds = |path: &Path| pki.layout().directory().file(path).is_ok();
        let lacks = |name: &&EntryName| !holds(&path(name, file::CRL));
        let missing: Vec<_> = family
            .iter()
            .filter(lacks)
            .map(ToString::to_string)
            .collect();
        let is_touched = family.iter().any(|name| issuers.contains(name));
        if is_touched || missing.len() < family.len() {
            found.push(Revocations {
                bundle: text(&path(&root, file::CRL_BUNDLE))?,
                root: root.to_string(),
                missing,
            });
        }
    }
    Ok(found)
}

/// Names of entries for clients whose certificates chain to one of these roots; one for each CA.
fn clients(pki: &Pki, roots: &[String]) -> Result<Vec<String>, Report> {
    let mut clients = Vec::new();
    for name in standing(pki)? {
        let Some(client) = pki.ledger().first_issued(Kind::Client, &name)? else {
            continue;
        };
        let trusted = fingerprints(&pki.authority(&name)?.roots);
        if trusted.iter().any(|root| roots.contains(root)) {
            clients.push(client.name.to_string());
        }
    }
    Ok(clients)
}

/// The CA whose servers a client dials: the one that is asked for, or else the root that has signed
/// certificates for servers. `None` where that is one of the client's own `roots`.
pub(crate) fn server_authority(
    pki: &Pki,
    asked: Option<&EntryName>,
    roots: &[String],
) -> Result<Option<Authority>, Report> {
    if let Some(name) = asked {
        return authority(pki, name).map(Some);
    }
    let mut found: Vec<Authority> = Vec::new();
    for name in standing(pki)? {
        let signs = |kind| pki.ledger().first_issued(kind, &name);
        if signs(Kind::Node)?.is_none() && signs(Kind::Server)?.is_none() {
            continue;
        }
        let root = authority(pki, &root_of(pki, &name)?)?;
        if root.roots.iter().any(|root| roots.contains(root)) {
            return Ok(None);
        }
        if !found.iter().any(|known| known.name == root.name) {
            found.push(root);
        }
    }
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(
            Report::usage("there are several roots below which there are servers")
                .hint("name the one to trust with `--server-ca CA`"),
        ),
    }
}

/// The CAs that somebody believes.
fn standing(pki: &Pki) -> Result<Vec<EntryName>, Report> {
    let authorities = authorities(pki)?;
    let names = pki.authorities()?.into_iter().map(|record| record.name);
    Ok(names.filter(|name| authorities.stands(name)).collect())
}

/// Says so where an entry's CA has fallen, with what helps: peers that learn of it believe the entry no more.
pub(crate) fn warn_of_fallen(context: &Context, pki: &Pki, name: &EntryName) -> Result<(), Report> {
    match pki.ledger().current(Area::Entries, name)? {
        Some(record) => tell_fallen(context, pki, &record),
        None => Ok(()),
    }
}

/// The same for what is in use, entry or CA.
pub(crate) fn tell_fallen(context: &Context, pki: &Pki, record: &Record) -> Result<(), Report> {
    let is_authority = record.kind.area() == Area::Authorities;
    let authority = match is_authority {
        true => Some(&record.name),
        false => record.issuer.as_ref(),
    };
    let authorities = authorities(pki)?;
    let Some(fallen) = authority.and_then(|name| authorities.fallen(name)) else {
        return Ok(());
    };
    let name = &record.name;
    context.ui.warning(format!("`{name}`: {fallen}"));
    context.ui.hint(mended(&fallen));
    if !is_authority {
        let renewed = context.command(&format!("renew {name} --force"));
        context
            .ui
            .hint(format!("then `{renewed}` makes a certificate below it"));
    }
    Ok(())
}

fn root_of(pki: &Pki, name: &EntryName) -> Result<EntryName, Report> {
    let records = pki.authorities()?;
    let issuers: BTreeMap<_, _> = records
        .iter()
        .map(|it| (&it.name, it.issuer.as_ref()))
        .collect();
    let mut root = name;
    for _ in &records {
        root = issuers.get(root).copied().flatten().unwrap_or(root);
    }
    Ok(root.clone())
}

fn text(path: &Path) -> Result<String, Report> {
    printable(path).map(str::to_owned)
}

/// The world that templates may ask: random secrets, files with secrets, files of entries.
#[derive(Debug, Default)]
pub(crate) struct System {
    /// The PKI directory
    layout: Option<Layout>,
    secrets: Mutex<BTreeMap<String, Zeroizing<String>>>,
}

impl System {
    pub(crate) fn new(pki: Option<&Pki>) -> Arc<Self> {
        Arc::new(Self {
            layout: pki.map(|pki| pki.layout().clone()),
            secrets: Mutex::default(),
        })
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
