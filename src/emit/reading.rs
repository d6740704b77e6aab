//! A configuration file that somebody wrote, as its server's manifest understands it.

pub(super) mod beside_files;
pub(super) mod containers;
pub(super) mod inheritance;
pub(super) mod judging;
pub(super) mod locating;
pub(super) mod misplaced;
pub(super) mod names;
pub(super) mod reader;
pub(super) mod recognise;
mod repeated;
pub(super) mod running;
pub(super) mod sections;
pub(super) mod values;
pub(super) mod whole_names;
pub(super) mod worded;

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use super::{
    manifest::{Format, account::RunsAs, besides::Beside, endpoint::Endpoint, paths::Target},
    server::Server,
    syntax::{Blunder, Found, Obstacle, Position, Section},
    version::Version,
};

/// The words that are said of each address, by option and address.
pub(super) type SharedWords = HashMap<(String, String), BTreeSet<String>>;

/// The values of options in each block, by where it begins, and option.
pub(super) type Blocks = HashMap<(Position, String), Vec<String>>;

/// Whether an option was asked for that is not there.
pub(super) type Missed = Arc<AtomicBool>;

/// A file and what it includes, with all that the options say.
#[derive(Debug)]
pub struct Reading<'a> {
    /// Whose it is
    pub server: &'a Server,
    /// Which of the server's formats it has
    pub format: &'a Format,
    /// The version that it is judged by
    pub version: Version,
    /// Nobody said which version it is: it may be a later one
    pub is_assumed: bool,
    /// The file, and those that it includes
    pub files: Vec<PathBuf>,
    /// As whom the server opens what they name, where that is known
    pub runs_as: Option<RunsAs>,
    /// What came in the way of reading them
    pub obstacles: Vec<Obstacle>,
    /// What is not as the server reads it
    pub blunders: Vec<Blunder>,
    /// Where what follows is read by one version alone, and nobody said which it is
    pub doubts: Vec<Position>,
    /// Whether all that is to be read was read
    pub is_whole: bool,
    /// Options that are meant together, each section after the one around it
    pub sections: Vec<Section>,
    /// What they say of TLS
    pub endpoints: Vec<Named<'a>>,
    /// The files that they name besides
    pub besides: Vec<Beside>,
    /// TLS is on somewhere with files that the server finds by itself
    pub is_usual: bool,
    /// What stands in a line of options and is none of them, with the number of the manifest's entry for such lines
    pub strange: Vec<(usize, Found)>,
    /// Options whose value a comment ends, without a blank before it
    pub cut: Vec<Found>,
    /// Sections with a meaning of their own
    pub(super) scopes: Vec<usize>,
    /// What is said of addresses, whoever listens there
    pub(super) shared: SharedWords,
    /// What stands outside of all sections, where there are some
    pub(super) outermost: Arc<HashMap<String, String>>,
    /// What stands in the sections that are read as if they were one, by their names
    pub(super) merged: Vec<(String, Arc<HashMap<String, String>>)>,
    /// What stands in blocks, wherever in them
    pub(super) blocks: Blocks,
}

/// The files that are named for one endpoint.
#[derive(Clone, Debug)]
pub struct Named<'a> {
    /// Which options name them
    pub endpoint: &'a Endpoint,
    /// In which sections they hold
    pub sections: Vec<usize>,
    /// How long the others' chains may be at most, in CAs, and the option that says so, or has them verified
    pub depth: Option<(usize, Found)>,
    /// What opens the key
    pub unlock: Option<Found>,
    /// Its option stands for several files, and there is none
    pub is_empty: bool,
    /// Whether TLS is on there in any section that tells
    pub is_on: Option<bool>,
    /// `clients` holds certificates that are accepted themselves
    pub pins: bool,
    /// The certificate and what is between it and its root
    pub certificate: Option<Found>,
    /// The private key
    pub key: Option<Found>,
    /// Roots, among them that of the own certificate
    pub trust: Option<Found>,
    /// Roots of those who connect
    pub clients: Option<Found>,
    /// What was revoked
    pub crl: Option<Found>,
    /// Where relative paths of certificates begin, where that is known
    pub base: Option<PathBuf>,
    /// Where each of these leads, in their order
    pub targets: [Target; 5],
}

impl Reading<'_> {
    /// All files that are named, each with what it leads to: those of the endpoints, and those besides.
    pub fn leads(&self) -> impl Iterator<Item = (&Found, &Target)> {
        let besides = self.besides.iter();
        let besides = besides.map(|beside| (&beside.option, &beside.target));
        self.endpoints.iter().flat_map(Named::leads).chain(besides)
    }

    /// Sections with a meaning of their own that the server reads, and their numbers.
    pub fn scopes(&self) -> impl Iterator<Item = (usize, &Section)> {
        let scopes = self.scopes.iter();
        let scopes = scopes.map(|&index| (index, &self.sections[index]));
        scopes.filter(|(_, section)| !self.is_unread(section))
    }
}

impl<'a> Named<'a> {
    pub(super) fn new(endpoint: &'a Endpoint, files: [Option<&Found>; 5]) -> Self {
        let [certificate, key, trust, clients, crl] = files.map(Option::<&Found>::cloned);
        Self {
            endpoint,
            sections: Vec::new(),
            depth: None,
            unlock: None,
            is_empty: false,
            is_on: None,
            pins: false,
            certificate,
            key,
            trust,
            clients,
            crl,
            base: None,
            targets: Default::default(),
        }
    }

    /// All files that are named.
    pub fn files(&self) -> impl Iterator<Item = &Found> {
        self.parts().into_iter().flatten()
    }

    /// Certificate, key, trust, clients and CRLs.
    #[must_use]
    pub fn parts(&self) -> [Option<&Found>; 5] {
        [
            self.certificate.as_ref(),
            self.key.as_ref(),
            self.trust.as_ref(),
            self.clients.as_ref(),
            self.crl.as_ref(),
        ]
    }

    /// The files that are named, each with what it leads to.
    pub fn leads(&self) -> impl Iterator<Item = (&Found, &Target)> {
        let parts = self.parts().into_iter().zip(&self.targets);
        parts.filter_map(|(found, target)| Some((found?, target)))
    }
}
