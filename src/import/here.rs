//! What the PKI directory knows already.

use std::collections::{HashMap, HashSet};

use time::OffsetDateTime;

use crate::pki::{
    certificate::Certificate, entry_name::EntryName, octets::Tbs, profile::Profile, serial::Serial,
};

/// A CA in use.
#[derive(Debug)]
pub struct Authority {
    /// Its name
    pub name: EntryName,
    /// Its certificate
    pub certificate: Certificate,
    /// The CA here that has signed it; `None` of a root, and where that is elsewhere
    pub issuer: Option<EntryName>,
    /// Whether its certificate is on record: it may be newer than the ledger
    pub is_recorded: bool,
    /// Whether its key is here
    pub has_key: bool,
    /// The number of its last CRL; 0 before the first
    pub last_number: u64,
}

/// What became of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// It is in use
    InUse,
    /// It is not in use any more
    Replaced,
    /// It was revoked
    Revoked,
}

/// A certificate that is on record.
#[derive(Debug)]
pub struct Row {
    /// Its entry's name
    pub name: EntryName,
    /// Whether it is a CA's
    pub is_authority: bool,
    /// What became of it
    pub status: Status,
    /// Whether it is on record as one whose key is here
    pub has_key: bool,
    /// What was signed; nothing where it is known by its serial number alone
    pub to_be_signed: Tbs,
}

/// The certificate in use of an entry.
#[derive(Debug)]
pub struct InUse {
    /// What it may be used for, and by which names
    pub purpose: Purpose,
    /// Its first second
    pub not_before: OffsetDateTime,
}

/// What certificates of the same entry have in common, from one renewal to the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Purpose {
    /// The profile that comes closest
    pub profile: Profile,
    /// Its subject alternative names, typed
    pub names: Vec<String>,
}

/// All that is on record.
#[derive(Debug, Default)]
pub struct Here {
    /// CAs in use
    pub authorities: Vec<Authority>,
    /// Certificates by the CA that signed them and their serial number
    pub rows: HashMap<(EntryName, Serial), Row>,
    /// Entries in use
    pub in_use: HashMap<EntryName, InUse>,
    /// Each name that an entry ever had, and the CA that has signed for it last
    pub owners: HashMap<EntryName, Option<EntryName>>,
    /// CAs that have made way for others
    pub superseded: HashSet<EntryName>,
    /// What adopted CAs had revoked
    pub adopted: HashSet<(EntryName, Serial)>,
}

impl Here {
    /// What is on record of a certificate.
    #[must_use]
    pub fn row(&self, issuer: &EntryName, serial: &Serial) -> Option<&Row> {
        self.rows.get(&(issuer.clone(), serial.clone()))
    }

    /// Whether a revocation is on record.
    #[must_use]
    pub fn is_revoked(&self, issuer: &EntryName, serial: &Serial) -> bool {
        let key = (issuer.clone(), serial.clone());
        let row = self.rows.get(&key);
        row.is_some_and(|row| row.status == Status::Revoked) || self.adopted.contains(&key)
    }
}
