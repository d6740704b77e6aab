//! What `config` and `client` share: the catalogue, facts about entries, and the words around a snippet.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use clap::Args;
use ring::{
    digest,
    rand::{SecureRandom as _, SystemRandom},
};

use super::{Context, Report, report::Outcome};
use crate::{
    emit::{Authority, Catalogue, EmitError, Entry, Finding, Outside, Rendered, Severity, Version},
    pki::{certificate::Certificate, entry_name::EntryName},
    store::{
        Pki,
        files::{self, PRIVATE, PUBLIC},
        layout::{Place, file},
        ledger::Kind,
    },
};

/// Options of every command that writes from templates.
#[derive(Args, Debug)]
pub(crate) struct EmitArgs {
    /// Version of the server [default: the newest that is known]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) server_version: Option<Version>,
    /// Option of the server, or parameter of the template (can be repeated)
    ///
    /// A secret is made with KEY=random, or read from a file's first line with KEY=@FILE.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
    /// Exit with 3 where something would be insecure or would not work
    #[arg(long)]
    pub(crate) strict: bool,
    /// Write to a file, which others cannot read where it holds a secret
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file
    #[arg(short, long, requires = "out")]
    pub(crate) force: bool,
    /// Directory with servers that are added or replaced
    #[arg(
        long,
        value_name = "DIR",
        env = "CERTCTL_TEMPLATES",
        hide_env_values = true
    )]
    pub(crate) templates: Option<PathBuf>,
}

fn version(text: &str) -> Result<Version, String> {
    let parsed = text.parse::<Version>();
    parsed.map_err(|_| String::from("write a version number such as 2.4.3"))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl EmitArgs {
    /// The servers that are built in, and the user's own.
    pub(crate) fn catalogue(&self) -> Result<Catalogue, Report> {
        let catalogue = Catalogue::embedded();
        let Some(directory) = &self.templates else {
            return Ok(catalogue);
        };
        let mut found = Vec::new();
        collect(directory, Path::new(""), &mut found).map_err(|(path, error)| {
            Report::failed(
                "templates",
                format!("cannot read {}: {error}", path.display()),
            )
        })?;
        Ok(catalogue.overlay(&directory.display().to_string(), found))
    }

    /// Hands out the snippet and says what is to be said about it.
    pub(crate) fn deliver(
        &self,
        context: &Context,
        rendered: &Rendered,
        document: &impl serde::Serialize,
    ) -> Result<Outcome, Report> {
        if let Some(path) = &self.out {
            write(path, &rendered.text, rendered.secret, self.force)?;
        }
        match &self.out {
            Some(path) if !context.ui.is_json() => {
                context.ui.note(format!("wrote {}", path.display()));
            }
            _ => context.ui.result(|| rendered.text.clone(), document)?,
        }
        if !context.ui.is_json() {
            tell(context, rendered, self.out.is_some());
        }
        let serious = |finding: &Finding| finding.severity >= Severity::Warning;
        Ok(match (self.strict, rendered.findings.iter().any(serious)) {
            (true, true) => Outcome::Found,
            _ if self.out.is_some() => Outcome::Changed,
            _ => Outcome::Unchanged,
        })
    }
}

fn tell(context: &Context, rendered: &Rendered, written: bool) {
    for finding in &rendered.findings {
        let text = format!("{}: {}", finding.code, finding.message);
        match finding.severity {
            Severity::Info => context.ui.note(format!("note: {text}")),
            Severity::Warning | Severity::Error => context.ui.warning(text),
        }
        if !finding.hint.is_empty() {
            context.ui.hint(&finding.hint);
        }
    }
    for (from, to) in &rendered.copies {
        context.ui.hint(format!("copy {from} to {to} on the node"));
    }
    if rendered.secret && !written {
        context
            .ui
            .hint("this holds a secret: `--out FILE` writes it so that others cannot read it");
    }
}

/// Reads every file below `base`; fails with the path that could not be read as text.
fn collect(
    base: &Path,
    inside: &Path,
    found: &mut Vec<(String, String)>,
) -> Result<(), (PathBuf, io::Error)> {
    let directory = base.join(inside);
    let failed = |error| (directory.clone(), error);
    for item in fs::read_dir(&directory).map_err(failed)? {
        let name = item.map_err(failed)?.file_name();
        let (inside, path) = (inside.join(&name), directory.join(&name));
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if path.is_dir() {
            collect(base, &inside, found)?;
        } else {
            let text = fs::read_to_string(&path).map_err(|error| (path, error))?;
            found.push((inside.to_string_lossy().into_owned(), text));
        }
    }
    Ok(())
}

/// Writes a file as a whole or not at all, with its final mode.
fn write(path: &Path, text: &str, secret: bool, force: bool) -> Result<(), Report> {
    let failed = |error| Report::failed("io", format!("cannot write {}: {error}", path.display()));
    let exists = || {
        Report::refused("exists", format!("{} exists", path.display()))
            .hint("replace it with `--force`")
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let staged = path.with_file_name(name);
    let mode = if secret { PRIVATE } else { PUBLIC };
    let written = files::create(&staged, text.as_bytes(), mode).and_then(|file| {
        file.sync_all()?;
        match force {
            true => fs::rename(&staged, path),
            false => files::rename_new(&staged, path),
        }
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&staged);
        match error.kind() {
            io::ErrorKind::AlreadyExists => exists(),
            _ => failed(error),
        }
    })
}

/// All mistakes of a request as one report; those in templates are no wrong usage.
pub(crate) fn report(errors: Vec<EmitError>) -> Report {
    let reports = errors.into_iter().map(|error| {
        let report = match &error {
            EmitError::Source(source) => Report::failed("template", source),
            error => Report::usage(error),
        };
        match error.hint() {
            hint if hint.is_empty() => report,
            hint => report.hint(hint),
        }
    });
    Report::all(reports.collect()).unwrap_or_else(|| Report::failed("internal", "no mistake"))
}

/// Facts about an entry of the PKI directory.
pub(crate) fn entry(pki: &Pki, name: &EntryName) -> Result<Entry, Report> {
    let directory = pki.layout().place(&Place::entry(name.clone()));
    if !directory.is_dir() {
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
        name: name.to_string(),
        directory: text(&directory)?,
        sans: leaf.names().iter().map(ToString::to_string).collect(),
        eku: usages(&leaf),
        key_type: leaf
            .key_type()
            .map(|it| it.name().to_owned())
            .unwrap_or_default(),
        clients: clients(pki, &roots)?,
        roots,
    })
}

/// Facts about the CA that signs clients.
pub(crate) fn authority(pki: &Pki, name: &EntryName) -> Result<Authority, Report> {
    let authority = pki.authority(name)?;
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

/// Names of entries for clients whose certificates chain to one of these roots; one for each CA.
fn clients(pki: &Pki, roots: &[String]) -> Result<Vec<String>, Report> {
    let mut clients = Vec::new();
    for record in pki.authorities()? {
        let Some(client) = pki.ledger().first_issued(Kind::Client, &record.name)? else {
            continue;
        };
        let name: EntryName =
            (record.name.parse()).map_err(|error| Report::failed("ledger", format!("{error}")))?;
        let trusted = fingerprints(&pki.authority(&name)?.roots);
        if trusted.iter().any(|root| roots.contains(root)) {
            clients.push(client.name);
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
    for record in pki.authorities()? {
        let signs = |kind| pki.ledger().first_issued(kind, &record.name);
        if signs(Kind::Node)?.is_none() && signs(Kind::Server)?.is_none() {
            continue;
        }
        let name = record.name.parse();
        let name = name.map_err(|error| Report::failed("ledger", format!("{error}")))?;
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

fn root_of(pki: &Pki, name: &EntryName) -> Result<EntryName, Report> {
    let records = pki.authorities()?;
    let issuers: BTreeMap<_, _> = records
        .iter()
        .map(|it| (&*it.name, it.issuer.as_deref()))
        .collect();
    let mut root = name.as_str();
    for _ in &records {
        root = issuers.get(root).copied().flatten().unwrap_or(root);
    }
    root.parse()
        .map_err(|error| Report::failed("ledger", format!("{error}")))
}

fn fingerprints(certificates: &[Certificate]) -> Vec<String> {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect();
    let fingerprint = |it: &Certificate| hex(digest::digest(&digest::SHA256, it.der()).as_ref());
    certificates.iter().map(fingerprint).collect()
}

/// The purposes by their openssl names, those without one as OIDs; `None` where all are open.
fn usages(certificate: &Certificate) -> Option<Vec<String>> {
    let parsed = certificate.parsed();
    let usage = parsed.extended_key_usage().ok().flatten()?.value;
    let known = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
    ];
    let known = known
        .into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, name)| name.to_owned());
    Some(
        known
            .chain(usage.other.iter().map(ToString::to_string))
            .collect(),
    )
}

fn text(path: &Path) -> Result<String, Report> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Report::failed("path", format!("{} is not UTF-8", path.display())))
}

/// The world that templates may ask: random secrets, files with secrets, files of entries.
#[derive(Debug, Default)]
pub(crate) struct System {
    /// The PKI directory's `certs/`
    pub(crate) entries: Option<PathBuf>,
    secrets: Mutex<BTreeMap<String, String>>,
}

impl System {
    pub(crate) fn new(pki: Option<&Pki>) -> Arc<Self> {
        let entries = pki.map(|pki| pki.layout().area(crate::store::layout::Area::Entries));
        Arc::new(Self {
            entries,
            secrets: Mutex::default(),
        })
    }
}

impl Outside for System {
    fn secret(&self, label: &str) -> String {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets
            .entry(label.to_owned())
            .or_insert_with(random)
            .clone()
    }

    fn secret_file(&self, path: &str) -> Result<String, String> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("the first line of a file: {error}"))?;
        match text.lines().next() {
            Some(line) if !line.is_empty() => Ok(line.to_owned()),
            _ => Err(String::from("the first line of a file, which is empty")),
        }
    }

    fn contents(&self, entry: &str, file: &str) -> Result<String, String> {
        let entries = self.entries.as_ref().ok_or("there is no PKI directory")?;
        let path = entries.join(entry).join(file);
        fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))
    }
}

/// 43 characters from 62: 256 bits.
fn random() -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let random = SystemRandom::new();
    let mut text = String::new();
    while text.len() < 43 {
        let mut octet = [0];
        random
            .fill(&mut octet)
            .expect("the system's random source works");
        // Octets from 248 would favour the first letters.
        if octet[0] < 248 {
            text.push(char::from(LETTERS[usize::from(octet[0]) % LETTERS.len()]));
        }
    }
    text
}
