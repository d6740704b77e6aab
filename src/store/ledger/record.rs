//! What the ledger says of one certificate.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::{
    pki::{
        entry_name::EntryName, octets::Tbs, profile::Profile, serial::Serial, validity::Validity,
    },
    store::layout::{Area, Place},
};

/// What kind of certificate a row is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// A self-signed CA
    Root,
    /// A CA below another
    Intermediate,
    /// A leaf for both ends of a connection
    Node,
    /// A leaf that answers
    Server,
    /// A leaf that dials
    Client,
}

impl Kind {
    /// All of them, CAs first.
    pub const ALL: [Self; 5] = [
        Self::Root,
        Self::Intermediate,
        Self::Node,
        Self::Server,
        Self::Client,
    ];

    /// The word in the ledger and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Intermediate => "intermediate",
            Self::Node => "node",
            Self::Server => "server",
            Self::Client => "client",
        }
    }

    /// The profile of such a leaf.
    #[must_use]
    pub const fn profile(self) -> Option<Profile> {
        match self {
            Self::Root | Self::Intermediate => None,
            Self::Node => Some(Profile::Node),
            Self::Server => Some(Profile::Server),
            Self::Client => Some(Profile::Client),
        }
    }

    /// In which directory such a certificate lies.
    #[must_use]
    pub const fn area(self) -> Area {
        match self {
            Self::Root | Self::Intermediate => Area::Authorities,
            Self::Node | Self::Server | Self::Client => Area::Entries,
        }
    }
}

impl From<Profile> for Kind {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Node => Self::Node,
            Profile::Server => Self::Server,
            Profile::Client => Self::Client,
        }
    }
}

/// What became of a certificate, apart from its expiry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// In use
    Current,
    /// Another took its name
    Replaced,
    /// Revoked
    Revoked,
}

impl Status {
    pub(super) const ALL: [Self; 3] = [Self::Current, Self::Replaced, Self::Revoked];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
        }
    }
}

/// Where a certificate's key and signature were made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Both here
    Issued,
    /// Key here, signature by a CA elsewhere
    Installed,
    /// Key elsewhere, signature here: of a certificate signing request
    Requested,
    /// Signed before its CA came here, and known by its serial number alone
    Known,
    /// Both here, to be shown once by certctl itself: none of its files was ever written
    Shown,
    /// Signed here for the key of another CA here: it stands in that one's chains, and signs nothing
    Crossed,
}

impl Origin {
    pub(super) const ALL: [Self; 6] = [
        Self::Issued,
        Self::Installed,
        Self::Requested,
        Self::Known,
        Self::Shown,
        Self::Crossed,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Installed => "installed",
            Self::Requested => "requested",
            Self::Known => "known",
            Self::Shown => "shown",
            Self::Crossed => "crossed",
        }
    }

    /// Whether its files ever lay in the PKI directory.
    #[must_use]
    pub const fn has_files(self) -> bool {
        !matches!(self, Self::Known | Self::Shown)
    }

    /// Whether it is in use again where a hold on it ends: of what never had files nothing could come back, and chains
    /// that led on by a cross certificate do so by the next one.
    #[must_use]
    pub const fn comes_back(self) -> bool {
        self.has_files() && !matches!(self, Self::Crossed)
    }

    /// Whether its directory holds a private key.
    #[must_use]
    pub const fn has_key(self) -> bool {
        matches!(self, Self::Issued | Self::Installed)
    }
}

/// A name in the ledger is read as one, whoever wrote it.
impl FromSql for EntryName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?.parse();
        name.map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl ToSql for EntryName {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

/// One certificate, with what was signed.
#[derive(Clone, Debug)]
pub struct Record<Signed = Tbs> {
    /// Name of the CA that signed it; `None` where it signed itself, or a CA elsewhere did
    pub issuer: Option<EntryName>,
    /// Unique for its issuer
    pub serial: Serial,
    /// Name of the entry or CA
    pub name: EntryName,
    /// What it is
    pub kind: Kind,
    /// When it is valid
    pub validity: Validity,
    /// Its subject alternative names, typed
    pub names: Vec<String>,
    /// Type of its key
    pub key_type: String,
    /// Where its key and signature were made
    pub origin: Origin,
    /// What became of it
    pub status: Status,
    /// What was signed
    pub to_be_signed: Signed,
}

/// One certificate, without what was signed: of a hundred thousand that is as large as all else.
pub type Listed = Record<()>;

impl<Signed> Record<Signed> {
    /// Without what was signed.
    #[must_use]
    pub fn listed(&self) -> Listed {
        Record {
            issuer: self.issuer.clone(),
            serial: self.serial.clone(),
            name: self.name.clone(),
            kind: self.kind,
            validity: self.validity,
            names: self.names.clone(),
            key_type: self.key_type.clone(),
            origin: self.origin,
            status: self.status,
            to_be_signed: (),
        }
    }

    /// With something else in the place of what was signed.
    pub fn with<Other>(self, to_be_signed: Other) -> Record<Other> {
        Record {
            issuer: self.issuer,
            serial: self.serial,
            name: self.name,
            kind: self.kind,
            validity: self.validity,
            names: self.names,
            key_type: self.key_type,
            origin: self.origin,
            status: self.status,
            to_be_signed,
        }
    }

    /// Where it lies while it is in use.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            area: self.kind.area(),
            name: self.name.clone(),
        }
    }
}
