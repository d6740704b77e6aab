//! Fleet files: which CAs and entries a PKI directory is to hold (the contract's §6).
//!
//! A file is read into a [`Fleet`], in which every CA that is named exists or is to be made; [`plan`]
//! compares it with what is there.

pub mod keys;
mod names;
pub mod plan;
mod reader;
mod references;
mod trust;

use std::{
    collections::{HashMap, HashSet},
    iter,
};

use ipnet::IpNet;
use time::Duration;
use toml::de::DeTable;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    pki::{
        authorities::Authorities, entry_name::EntryName, general_name::GeneralName, key::KeyType,
        key_uri::KeyUri, octets::Name, profile::Profile, renewal::Margin, san,
    },
};
use reader::{Index, Mistakes, Source, Strings, Table};

/// Most files that include each other.
const MAX_FILES: usize = 1000;
/// Most CAs: each has a key that somebody must keep.
const MAX_AUTHORITIES: usize = 1000;

/// What `fleet init` starts from, and the manual shows.
pub const EXAMPLE: &str = "\
# What a PKI directory is to hold; `certctl apply FILE -n` shows what would change.

[defaults]                 # every key may also stand in one entry
ca      = \"issuing\"
profile = \"node\"
days    = 365

[[ca]]                     # made when missing
name = \"root\"

[[ca]]
name   = \"issuing\"
parent = \"root\"

[[entry]]                  # node1 … node3
name = \"node{1..3}\"

[[entry]]
name    = \"app\"
profile = \"client\"
";

/// What a fleet file asks for.
#[derive(Debug, Default)]
pub struct Fleet {
    /// CAs, in the order of the file
    pub authorities: Vec<AuthoritySpec>,
    /// Entries, ranges expanded, in the order of the file
    pub entries: Vec<EntrySpec>,
    /// Who trusts a CA and is no entry, in the order of the file
    pub trust: Vec<TrustSpec>,
}

/// Somebody who trusts a CA and is no entry: their bundle has to be changed before the CA is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustSpec {
    /// What they are called
    pub name: EntryName,
    /// Which CA they trust
    pub ca: EntryName,
    /// In which format they have the bundle
    pub format: String,
}

/// One CA.
#[derive(Debug)]
pub struct AuthoritySpec {
    /// Its name
    pub name: EntryName,
    /// The CA above it; none for a root
    pub parent: Option<EntryName>,
    /// Its common name; made up where left out
    pub common_name: Option<String>,
    /// Its organization
    pub organization: Option<String>,
    /// Type of its key; left out, the usual one, or whatever one has that is there
    pub key_type: Option<KeyType>,
    /// Where its key is that is in a token or an agent
    pub key_uri: Option<KeyUri>,
    /// Whether that key is made there
    pub generate: bool,
    /// How long it is valid
    pub lifetime: Option<Duration>,
    /// How many CAs may follow below it
    pub path_len: Option<u8>,
    /// Domains that it may issue for; all where there are none
    pub permit_dns: Vec<String>,
    /// Networks that it may issue for; all where there are none
    pub permit_ip: Vec<IpNet>,
    /// Where its CRL is served
    pub crl_url: Option<String>,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct EntrySpec<Ca = EntryName> {
    /// Its name
    pub name: EntryName,
    /// The CA that signs it; where the file names none, the only one without a CA below it
    pub ca: Ca,
    /// What it is for
    pub profile: Profile,
    /// Type of its key; left out, the usual one, or whatever a key that is elsewhere has
    pub key_type: Option<KeyType>,
    /// How long it is valid
    pub lifetime: Option<Duration>,
    /// Renewed so long before its end; left out, a third of its life, thirty days at most
    pub within: Option<Margin>,
    /// Exact DER of the subject that is asked for
    pub subject: Option<Name>,
    /// Its subject alternative names; those of an extfile win
    pub names: Vec<GeneralName>,
    /// OpenSSL x509v3_config file, relative to the fleet file
    pub extfile: Option<String>,
    /// Section of the extfile
    pub extensions: Option<String>,
}

impl EntrySpec<Option<EntryName>> {
    /// The same, signed by the CA that it names, or else by this one.
    fn signed<E>(self, otherwise: Result<&EntryName, E>) -> Result<EntrySpec, E> {
        Ok(EntrySpec {
            ca: match self.ca {
                Some(ca) => ca,
                None => otherwise?.clone(),
            },
            name: self.name,
            profile: self.profile,
            key_type: self.key_type,
            lifetime: self.lifetime,
            within: self.within,
            subject: self.subject,
            names: self.names,
            extfile: self.extfile,
            extensions: self.extensions,
        })
    }
}

/// Reads other files that a fleet file includes.
pub trait Loader {
    /// The text of a file, relative to the fleet file.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, in words.
    fn load(&self, path: &str) -> Result<String, String>;
}

/// Reads a fleet file with all that it includes.
///
/// # Errors
///
/// Every mistake of all files, each with file, line and column.
pub fn parse(
    name: &str,
    text: &str,
    loader: &dyn Loader,
    standing: &Authorities,
) -> Result<Fleet, Diagnostics> {
    let mut builder = Builder::new(loader, standing);
    builder.file(name, text);
    builder.finish()
}

struct Builder<'l> {
    loader: &'l dyn Loader,
    standing: &'l Authorities,
    fleet: Fleet,
    /// Its entries, some of which name no CA
    unsigned: Vec<EntrySpec<Option<EntryName>>>,
    mistakes: Mistakes,
    included: HashSet<String>,
    entries: HashMap<EntryName, Diagnostic>,
    /// How many names all entries have
    names: usize,
    /// There are more entries or names than a fleet has
    is_full: bool,
    /// CAs, their parents, and where they name them
    parents: Vec<(EntryName, EntryName, Diagnostic)>,
    /// CAs that were unknown so far where an entry names them
    issuers: Vec<(EntryName, Diagnostic)>,
}

impl<'l> Builder<'l> {
    fn new(loader: &'l dyn Loader, standing: &'l Authorities) -> Self {
        Self {
            loader,
            standing,
            fleet: Fleet::default(),
            unsigned: Vec::new(),
            mistakes: Mistakes::default(),
            included: HashSet::new(),
            entries: HashMap::new(),
            names: 0,
            is_full: false,
            parents: Vec::new(),
            issuers: Vec::new(),
        }
    }

    fn file(&mut self, name: &str, text: &str) {
        if !self.included.insert(name.to_owned()) {
            return;
        }
        let index = &Index::of(text);
        let source = Source { name, text, index };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            self.mistakes.add(source.at(error.span(), error.message()));
        }
        let root = Table::new(source, table.get_ref(), table.span());
        root.only(keys::FILE, &mut self.mistakes);
        for (path, span) in root.strings("include", &mut self.mistakes) {
            if self.included.len() >= MAX_FILES {
                let message = format!("a fleet has {MAX_FILES} files at most");
                self.mistakes.add(source.at(Some(span), &message));
                break;
            }
            match self.loader.load(&path) {
                Ok(text) => self.file(&path, &text),
                Err(reason) => {
                    self.mistakes
                        .add(source.at(Some(span), &format!("cannot read {path}: {reason}")));
                }
            }
        }
        let defaults = root.table("defaults", &mut self.mistakes);
        if let Some(defaults) = &defaults {
            defaults.only(keys::defaults(), &mut self.mistakes);
        }
        for table in root.tables("ca", &mut self.mistakes) {
            self.authority(&table);
        }
        for table in root.tables("trust", &mut self.mistakes) {
            self.trust(&table);
        }
        // Read once, for however many entries.
        let sans = defaults
            .as_ref()
            .map(|it| it.strings("san", &mut self.mistakes));
        let defaults = defaults.zip(sans);
        for table in root.tables("entry", &mut self.mistakes) {
            if self.is_full {
                break;
            }
            self.entry(&table, defaults.as_ref());
        }
    }

    fn authority(&mut self, table: &Table<'_>) {
        let mistakes = &mut self.mistakes;
        table.only(keys::AUTHORITY, mistakes);
        let path_len = table.integer("path_len", 0, 255, mistakes);
        let permit_dns = table
            .strings("permit_dns", mistakes)
            .into_iter()
            .filter_map(|(text, span)| mistakes.taken(table.source, &span, san::host_name(&text)));
        let permit_dns = permit_dns.collect();
        let permit_ip = table
            .strings("permit_ip", mistakes)
            .into_iter()
            .filter_map(|(text, span)| mistakes.taken(table.source, &span, text.parse::<IpNet>()));
        let permit_ip = permit_ip.collect();
        let key_uri = table.parsed("key_uri", mistakes);
        let generate = table.boolean("generate", mistakes);
        if generate == Some(true) && !table.has("key_uri") {
            let message = "`generate` makes a key in a token: `key_uri` says where";
            mistakes.add(table.position("generate", message));
        }
        let parent = table.parsed("parent", mistakes);
        let Some(name) = table.required::<EntryName>("name", mistakes) else {
            return;
        };
        if let Some(parent) = &parent {
            let message =
                format!("the CA `{name}` has the parent `{parent}`, which does not exist");
            let here = table.position("parent", &message);
            self.parents
                .push((name.clone(), EntryName::clone(parent), here));
        }
        if self
            .fleet
            .authorities
            .iter()
            .any(|other| other.name == name)
        {
            mistakes.add(table.position("name", &format!("the CA `{name}` stands here twice")));
            return;
        }
        if self.fleet.authorities.len() >= MAX_AUTHORITIES {
            let message = format!("a fleet has {MAX_AUTHORITIES} CAs at most");
            return mistakes.add(table.position("name", &message));
        }
        self.fleet.authorities.push(AuthoritySpec {
            parent,
            common_name: table.string("cn", mistakes),
            organization: table.string("org", mistakes),
            key_type: table.parsed("key_type", mistakes),
            key_uri,
            generate: generate.unwrap_or_default(),
            lifetime: table.days(mistakes),
            path_len: path_len.and_then(|length| u8::try_from(length).ok()),
            permit_dns,
            permit_ip,
            crl_url: table.string("crl_url", mistakes),
            name,
        });
    }

    fn entry(&mut self, table: &Table<'_>, defaults: Option<&(Table<'_>, Strings)>) {
        let mistakes = &mut self.mistakes;
        table.only(keys::ENTRY, mistakes);
        let tables = || iter::once(table).chain(defaults.map(|(table, _)| table));
        let profile = tables().find_map(|table| table.parsed("profile", mistakes));
        let key_type = tables().find_map(|table| table.parsed("key_type", mistakes));
        let spec = Model {
            ca: tables().find_map(|table| table.parsed("ca", mistakes)),
            profile: profile.unwrap_or_default(),
            key_type,
            lifetime: tables().find_map(|table| table.days(mistakes)),
            within: tables().find_map(|table| table.parsed("within", mistakes)),
            subject: tables().find_map(|table| table.string("subject", mistakes)),
            extfile: tables().find_map(|table| table.string("extfile", mistakes)),
            extensions: tables().find_map(|table| table.string("extensions", mistakes)),
            local: tables()
                .find_map(|table| table.boolean("local", mistakes))
                .unwrap_or(false),
            name_san: tables()
                .find_map(|table| table.boolean("name_san", mistakes))
                .unwrap_or(true),
        };
        // A position is worth its search only for what may be wrong: a later file may still make the CA.
        if let Some(ca) = spec.ca.as_ref().filter(|ca| !self.has_authority(ca)) {
            let message = format!("there is no CA `{ca}`");
            let holder = tables().find(|table| table.has("ca")).unwrap_or(table);
            self.issuers
                .push((ca.clone(), holder.position("ca", &message)));
        }
        self.named(table, &spec, defaults);
    }
}

/// What all entries of one table share.
struct Model {
    ca: Option<EntryName>,
    profile: Profile,
    key_type: Option<KeyType>,
    lifetime: Option<Duration>,
    within: Option<Margin>,
    subject: Option<String>,
    extfile: Option<String>,
    extensions: Option<String>,
    local: bool,
    name_san: bool,
}
