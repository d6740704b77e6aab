//! Reads what lies in the places of a layout.

use std::collections::{BTreeMap, HashMap};

use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

mod passed_over;

use super::{
    Files, Kind, Tool, certdb,
    database::DatabaseError,
    index::{self, Row},
    layout::{Place, Standing},
    own_ledger::{self, MadeWay},
};
use crate::pki::{
    certificate::Certificate, recognize::certificates, revocation::Revocation,
    revocation_list::RevocationList,
};

/// A certificate, wherever it was found.
#[derive(Debug)]
pub struct FoundCertificate {
    /// The certificate
    pub certificate: Certificate,
    /// What the tool calls it, where its file's name tells
    pub name: Option<String>,
    /// Whether it may be a CA of the source's own
    pub is_own: bool,
    /// What its place says of it
    pub standing: Standing,
    /// Whether its key lies beside it, of a PKI directory of certctl's own
    pub has_key: bool,
    /// The path of its file
    pub origin: String,
}

/// A private key.
#[derive(Debug)]
pub struct FoundKey {
    /// What the tool calls what it belongs to
    pub name: String,
    /// What its file holds
    pub octets: Zeroizing<Vec<u8>>,
    /// The path of its file
    pub origin: String,
}

/// The database of one CA.
#[derive(Debug)]
pub struct Index {
    /// The path of its file
    pub origin: String,
    /// Its lines
    pub rows: Vec<Row>,
    /// The number of the last CRL, of the file beside it
    pub last_number: u64,
    /// What the CA had revoked before it came there
    pub adopted: Vec<Revocation>,
    /// What the CA is called there, where that is told
    pub ca: Option<String>,
}

/// What of a source is read besides what everybody may read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Private keys
    pub keys: bool,
    /// The ledger, of a PKI directory of certctl's own
    pub ledger: bool,
}

/// All that was found in a source.
#[derive(Debug)]
pub struct Found {
    /// What made it
    pub tool: Tool,
    /// Each certificate once
    pub certificates: Vec<FoundCertificate>,
    /// Private keys, where they were asked for
    pub keys: Vec<FoundKey>,
    /// CRLs, each with the path of its file
    pub lists: Vec<(String, RevocationList)>,
    /// Databases
    pub indexes: Vec<Index>,
    /// Whether a ledger was read, of a PKI directory of certctl's own
    pub has_ledger: bool,
    /// CAs that make way for others, of a PKI directory of certctl's own
    pub made_way: Vec<MadeWay>,
    /// What is told of it: files that are passed over, and why
    pub remarks: Vec<String>,
}

/// Reads what lies in the places of a tool's layout, which begins at `base`.
///
/// # Errors
///
/// All that is wrong with a file that must not be left out, because what was revoked may stand in it.
pub fn gather(
    files: &dyn Files,
    (tool, base): (Tool, &str),
    wanted: Wanted,
) -> Result<Found, Vec<String>> {
    let mut gathering = Gathering {
        files,
        found: Found {
            tool,
            certificates: Vec::new(),
            keys: Vec::new(),
            lists: Vec::new(),
            indexes: Vec::new(),
            has_ledger: false,
            made_way: Vec::new(),
            remarks: Vec::new(),
        },
        seen: HashMap::new(),
        numbers: HashMap::new(),
        mistakes: Vec::new(),
    };
    for path in files.paths() {
        let place = path.strip_prefix(base).and_then(tool.layout().place);
        match place {
            Some(Place::Key(name)) if wanted.keys => gathering.key(path, name),
            Some(Place::Key(_)) | None => {}
            Some(Place::Ledger | Place::Unfinished) if tool == Tool::Certctl && !wanted.ledger => {}
            Some(place) => gathering.public(path, place),
        }
    }
    let untold = passed_over::told(files, tool, base);
    gathering.found.remarks.extend(untold);
    gathering.finish()
}

struct Gathering<'f> {
    files: &'f dyn Files,
    found: Found,
    /// Certificates by their digest
    seen: HashMap<[u8; 32], usize>,
    /// The numbers of the next CRLs, by the folder of their file as it is shown, as that of an index is
    numbers: HashMap<String, u64>,
    mistakes: Vec<String>,
}

impl Gathering<'_> {
    fn key(&mut self, path: &str, name: &str) {
        match self.files.read(path, Kind::Key) {
            Ok(octets) => self.found.keys.push(FoundKey {
                name: name.to_owned(),
                octets,
                origin: self.files.shown(path),
            }),
            Err(error) => self.remark(path, &error),
        }
    }

    fn public(&mut self, path: &str, place: Place<'_>) {
        let kind = match place {
            Place::Index | Place::Database | Place::Ledger | Place::Unfinished => Kind::Index,
            _ => Kind::Public,
        };
        match (self.files.read(path, kind), place) {
            (Ok(octets), Place::Own(name)) => {
                self.certificates(path, &octets, Some(name), None);
            }
            (Ok(octets), Place::Issued(name, standing)) => {
                self.certificates(path, &octets, name, Some(standing));
            }
            (Ok(octets), Place::Index) => self.index(path, &octets),
            (Ok(octets), Place::Database) => self.database(path, &octets),
            (Ok(octets), Place::Ledger) => self.ledger(path, &octets),
            (Ok(octets), Place::Unfinished) if octets.is_empty() => {}
            (Ok(_), Place::Unfinished) => self.mistake(
                path,
                &"what was written last stands here and not in the database: end what has that open; `sqlite3 FILE \
                  .tables` then brings it there",
            ),
            (Ok(octets), Place::List) => self.lists(path, &octets),
            (Ok(octets), Place::ListNumber) => self.list_number(path, &octets),
            (Ok(_), Place::Key(_)) => {}
            (
                Err(error),
                Place::Index
                | Place::Database
                | Place::Ledger
                | Place::Unfinished
                | Place::List
                | Place::ListNumber,
            ) => self.mistake(path, &error),
            (Err(error), _) => self.remark(path, &error),
        }
    }

    /// Takes the certificates of a file; the name is that of the first. One without a standing may be a CA's own.
    fn certificates(
        &mut self,
        path: &str,
        octets: &[u8],
        name: Option<&str>,
        standing: Option<Standing>,
    ) {
        let mut name = name;
        // A CRL may lie anywhere: `openssl ca` calls it crl.pem, beside the CA's certificate.
        let lists = RevocationList::read(octets).unwrap_or_default();
        let read = match certificates(octets) {
            Ok(read) => read,
            Err(_) if !lists.is_empty() => Vec::new(),
            Err(error) => return self.remark(path, &error),
        };
        let lists = lists.into_iter();
        let lists = lists.map(|list| (self.files.shown(path), list));
        self.found.lists.extend(lists);
        for certificate in read {
            let name = name.take().map(str::to_owned);
            self.certificate(FoundCertificate {
                certificate,
                name,
                is_own: standing.is_none(),
                standing: standing.unwrap_or(Standing::InUse),
                has_key: self.has_key_beside(path),
                origin: self.files.shown(path),
            });
        }
    }

    fn has_key_beside(&self, path: &str) -> bool {
        let key = format!("{}/key.pem", folder(path));
        self.found.tool == Tool::Certctl && self.files.paths().binary_search(&key).is_ok()
    }

    /// What is found in several places is one certificate.
    fn certificate(&mut self, found: FoundCertificate) {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, found.certificate.der()).as_ref());
        let Some(&index) = self.seen.get(&key) else {
            self.seen.insert(key, self.found.certificates.len());
            self.found.certificates.push(found);
            return;
        };
        let known = &mut self.found.certificates[index];
        known.is_own |= found.is_own;
        known.has_key |= found.has_key;
        if let (Some(one), Some(other)) = (&known.name, &found.name)
            && one != other
        {
            let remark = format!(
                "{}: the same certificate as {}, whose name it keeps",
                found.origin, known.origin
            );
            self.found.remarks.push(remark);
        }
        known.standing = known.standing.max(found.standing);
        known.name = known.name.take().or(found.name);
    }

    fn index(&mut self, path: &str, octets: &[u8]) {
        let shown = self.files.shown(path);
        match index::read(octets) {
            Ok(rows) => self.found.indexes.push(Index {
                origin: self.files.shown(path),
                rows,
                last_number: 0,
                adopted: Vec::new(),
                ca: None,
            }),
            Err(bad) => self.mistakes.extend(
                bad.iter()
                    .map(|bad| format!("{shown}:{}: {}", bad.line, bad.reason)),
            ),
        }
    }

    /// Takes a database for as many indexes as CAs have issued what is in it.
    fn database(&mut self, path: &str, octets: &[u8]) {
        let origin = self.files.shown(path);
        let all = match certdb::read(octets) {
            Ok(all) => all,
            Err(error @ DatabaseError::Another(_)) => return self.remark(path, &error),
            Err(error) => return self.mistake(path, &error),
        };
        let mut indexes: BTreeMap<Option<Vec<u8>>, Vec<Row>> = BTreeMap::new();
        for recorded in all {
            let rows = indexes.entry(recorded.issuer()).or_default();
            let serial = recorded.row.serial.clone();
            rows.push(recorded.row);
            if let Some(certificate) = recorded.certificate {
                self.certificate(FoundCertificate {
                    certificate,
                    name: None,
                    is_own: false,
                    standing: Standing::Kept,
                    has_key: false,
                    origin: format!("{origin} ({serial})"),
                });
            }
        }
        let index = |rows| Index {
            origin: origin.clone(),
            rows,
            last_number: 0,
            adopted: Vec::new(),
            ca: None,
        };
        self.found.indexes.extend(indexes.into_values().map(index));
    }

    /// Takes a ledger for as many indexes as it has CAs.
    fn ledger(&mut self, path: &str, octets: &[u8]) {
        match own_ledger::read(octets) {
            Ok(ledger) => {
                self.found.has_ledger = true;
                self.found.made_way.extend(ledger.made_way);
                let origin = self.files.shown(path);
                let indexes = ledger.authorities.into_iter().map(|(ca, recorded)| Index {
                    origin: origin.clone(),
                    rows: recorded.rows,
                    last_number: recorded.last_number,
                    adopted: recorded.adopted,
                    ca: Some(ca),
                });
                self.found.indexes.extend(indexes);
            }
            Err(error) => self.mistake(path, &error),
        }
    }

    fn lists(&mut self, path: &str, octets: &[u8]) {
        match RevocationList::read(octets) {
            Ok(lists) => self
                .found
                .lists
                .extend(lists.into_iter().map(|list| (self.files.shown(path), list))),
            Err(error) => self.mistake(path, &error),
        }
    }

    fn list_number(&mut self, path: &str, octets: &[u8]) {
        let text = String::from_utf8_lossy(octets);
        let number = u64::from_str_radix(text.trim(), 16).ok();
        match number.filter(|number| i64::try_from(*number).is_ok()) {
            Some(number) => {
                let shown = self.files.shown(path);
                self.numbers.insert(folder(&shown).to_owned(), number);
            }
            None => self.mistake(
                path,
                &"it is not the number of a CRL in hexadecimal, below 2^63",
            ),
        }
    }

    fn remark(&mut self, path: &str, error: &dyn std::fmt::Display) {
        self.found
            .remarks
            .push(format!("{}: {error}", self.files.shown(path)));
    }

    fn mistake(&mut self, path: &str, error: &dyn std::fmt::Display) {
        self.mistakes
            .push(format!("{}: {error}", self.files.shown(path)));
    }

    fn finish(mut self) -> Result<Found, Vec<String>> {
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        for index in &mut self.found.indexes {
            let next = self.numbers.get(folder(&index.origin)).copied();
            let last = next.unwrap_or(0).saturating_sub(1);
            index.last_number = index.last_number.max(last);
        }
        Ok(self.found)
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
