//! A ledger that several machines share, and what each of them keeps of it.
//!
//! Every machine has a PKI directory with the whole ledger in its own database, which all questions are asked of. What
//! the shared ledger adds is the decision. Certificates are recorded there, and their names claimed, before they are
//! signed; a transaction is true once its rows are there. Before a command begins, what others did since the last one
//! is written into its database. A machine that dies in between asks, with its next command, what became of its
//! transaction; others wait for its claims until they end.

mod delta;
pub(super) mod number;
#[cfg(feature = "ledger-postgres")]
mod postgres;
mod settings;

use std::{collections::BTreeSet, fmt, path::Path};

pub(super) use delta::{Delta, LAST, objects};
pub(crate) use settings::NAME as SETTINGS;
pub use settings::{Settings, SettingsError};

use super::{StoreError, layout::Layout};

/// The URL that a command line or the environment gives for a shared ledger.
pub const VARIABLE: &str = "CERTCTL_LEDGER";

/// Why a shared ledger did not decide, or decided against it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SharedError {
    /// This program cannot reach any
    #[error("this certctl was built without the feature `ledger-postgres`")]
    NotBuilt,
    /// Nothing answers, or not as it should
    #[error("the shared ledger cannot be reached: {0}")]
    Unreachable(String),
    /// The database refused
    #[error("the shared ledger refused: {0}")]
    Refused(String),
    /// There is no ledger in the database
    #[error("there is no ledger in this database")]
    Absent,
    /// It has the tables of another version
    #[error("the shared ledger has version {0}, which this certctl does not know")]
    Version(i64),
    /// It is not the ledger that the directory belongs to
    #[error("the database has another ledger than the one that this directory belongs to")]
    Foreign,
    /// It does not know the directory, or another by its number
    #[error(
        "the shared ledger does not know this directory any more: a backup was put back that is older than its joining"
    )]
    Forgotten,
    /// A backup that was put back has had a transaction given up that this directory knows
    #[error(
        "the shared ledger has given up transaction {0}, which this directory had from it: a backup was put back, and \
         whoever began it has gone on without it"
    )]
    GivenUp(i64),
    /// Somebody else is at work on the same thing
    #[error("{} is being changed by {by}, for another {seconds} s at most", called(.object))]
    Taken {
        /// What
        object: String,
        /// Who
        by: String,
        /// Until when, at most
        seconds: i64,
    },
    /// Somebody else changed the same thing while this command was at work
    #[error("{} was changed by somebody else while this command was at work", called(.0))]
    Stale(String),
    /// It lacks what this directory has had from it
    #[error(
        "the shared ledger lacks transactions that this directory has had from it: a backup was put back, which \
         may have forgotten revocations"
    )]
    Older,
    /// An event that does not fit to those before it
    #[error("the shared ledger's transaction {0} was changed, or one before it is missing")]
    Broken(i64),
    /// This directory's copy takes nothing in
    #[error(
        "what others did cannot be written into this directory's copy of the shared ledger: {0}"
    )]
    Unwritten(String),
    /// Whether the change is true is not known
    #[error(
        "the connection to the shared ledger broke before it said whether the change was made: {0}"
    )]
    Unknown(String),
}

impl SharedError {
    /// Whether who only looks goes on with what is known here: nobody answered, the database could not do what it was
    /// asked, as where its disk is full, or has what is not believed.
    #[must_use]
    pub const fn is_survived(&self) -> bool {
        matches!(
            self,
            Self::NotBuilt
                | Self::Unreachable(_)
                | Self::Unknown(_)
                | Self::Refused(_)
                | Self::Unwritten(_)
                | Self::Broken(_)
        )
    }
}

/// The words for what is claimed.
fn called(object: &str) -> String {
    match object.split_once('/') {
        Some(("crl", name)) => format!("the CRL of `{name}`"),
        Some(("ca", name)) => format!("the CA `{name}`"),
        Some((_, name)) => format!("`{name}`"),
        None => format!("the {object}"),
    }
}

/// Public files, by their paths in the PKI directory.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// The last transaction of a machine that was seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Seen {
    pub(super) writer: i64,
    pub(super) last: i64,
}

/// Where it is decided what is true.
///
/// What is asked for twice is done once: an answer that was lost may be asked for again.
pub(super) trait Journal: fmt::Debug + Send {
    /// What became true beyond what was seen.
    fn fetch(&mut self, seen: &[Seen]) -> Result<Vec<Delta>, SharedError>;

    /// One transaction, if it is true.
    fn find(&mut self, transaction: i64) -> Result<Option<Delta>, SharedError>;

    /// Claims objects for a transaction, and records the certificates that it is about to sign.
    fn reserve(
        &mut self,
        recorded: &Delta,
        objects: &BTreeSet<String>,
        is_seen: &mut IsSeen<'_>,
    ) -> Result<(), SharedError>;

    /// Makes a transaction true.
    fn commit(
        &mut self,
        effects: &Delta,
        objects: &BTreeSet<String>,
        files: &Files,
        is_seen: &mut IsSeen<'_>,
    ) -> Result<(), SharedError>;

    /// Has a transaction never become true that is not yet; says whether it is, and gives its claims back if not.
    fn settle(&mut self, transaction: i64) -> Result<bool, SharedError>;

    /// Takes over what another ledger of the same PKI has and this one lacks; says how many transactions that were.
    fn give(
        &mut self,
        deltas: &[(Delta, BTreeSet<String>)],
        files: &Files,
        is_new: bool,
    ) -> Result<usize, SharedError>;

    /// The newest public files of these paths, such as `certs/node1/cert.pem`, as far as there are any.
    fn files(&mut self, paths: &[String]) -> Result<Files, SharedError>;
}

/// Whether a transaction is in this machine's database.
pub(super) type IsSeen<'a> = dyn FnMut(i64) -> Result<bool, SharedError> + 'a;

/// A directory's part in a shared ledger.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) journal: Box<dyn Journal>,
    /// This directory's number among those that share the ledger
    pub(super) writer: i64,
    /// Whether nothing is to come of what is begun, so that it is not recorded there
    pub(super) rehearses: bool,
}

impl Shared {
    /// The ledger that the directory shares; `None` where it has its own.
    pub(super) fn of(layout: &Layout) -> Result<Option<Self>, StoreError> {
        let Some(settings) = Settings::read(layout)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            journal: journal(&settings, layout.root())?,
            writer: settings.writer,
            rehearses: false,
        }))
    }
}

#[cfg(feature = "ledger-postgres")]
pub(super) fn journal(settings: &Settings, root: &Path) -> Result<Box<dyn Journal>, SharedError> {
    Ok(Box::new(postgres::Postgres::new(settings, root)?))
}

#[cfg(not(feature = "ledger-postgres"))]
pub(super) fn journal(_: &Settings, _: &Path) -> Result<Box<dyn Journal>, SharedError> {
    Err(SharedError::NotBuilt)
}

/// Refuses what cannot name a shared ledger.
pub(super) fn check_url(url: &str) -> Result<(), StoreError> {
    Ok(settings::checked(url).map(drop)?)
}

/// Has a directory take part in the ledger at `url`: its number there is new.
///
/// # Errors
///
/// Where it cannot be reached, or has no tables.
pub(super) fn join(url: &str, root: &Path, author: &str) -> Result<Settings, StoreError> {
    let url = settings::checked(url)?;
    #[cfg(feature = "ledger-postgres")]
    return Ok(postgres::join(&url, root, author)?);
    #[cfg(not(feature = "ledger-postgres"))]
    {
        let _ = (url, root, author);
        Err(SharedError::NotBuilt.into())
    }
}

/// Makes the tables of a shared ledger in a database that has none; true where there were none.
///
/// # Errors
///
/// Where it cannot be reached, or refuses.
pub fn init(url: &str, root: &Path) -> Result<bool, StoreError> {
    let url = settings::checked(url)?;
    #[cfg(feature = "ledger-postgres")]
    return Ok(postgres::init(&url, root)?);
    #[cfg(not(feature = "ledger-postgres"))]
    {
        let _ = (url, root);
        Err(SharedError::NotBuilt.into())
    }
}

/// What a database administrator grants a role that issues: it reads and adds, and changes nothing that is recorded.
#[must_use]
pub fn grants(role: &str) -> Vec<String> {
    let role = role.replace('"', "\"\"");
    let mut grants = vec![format!("GRANT USAGE ON SCHEMA certctl TO \"{role}\";")];
    grants.push(format!(
        "GRANT SELECT ON ALL TABLES IN SCHEMA certctl TO \"{role}\";"
    ));
    grants.push(format!(
        "GRANT INSERT ON {} TO \"{role}\";",
        delta::tables()
            .map(|it| format!("certctl.{it}"))
            .collect::<Vec<_>>()
            .join(", ")
    ));
    grants.push(format!(
        "GRANT UPDATE (txn, holder, until) ON certctl.claim TO \"{role}\";"
    ));
    grants
}
