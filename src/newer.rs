//! What lies beside a ledger and shows that it is not the newest.

use std::{fmt, path::PathBuf, slice};

use crate::pki::serial::Serial;

/// Something that could not be there if the ledger were the newest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Newer {
    /// Where it is
    pub path: PathBuf,
    /// What it knows
    pub what: Knowledge,
}

/// What the ledger does not know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Knowledge {
    /// A directory in the archive, of a certificate that the ledger calls in use, or does not know
    Archived(Serial),
    /// A CRL of a later number than the ledger's, which stands beside it
    Number(u64, u64),
    /// Certificates that a CRL lists, and the ledger does not call revoked
    Revoked(Vec<Serial>),
    /// Nobody can tell: the file is none, or broken
    Unreadable(String),
    /// A certificate of the CA that the ledger does not know
    Unrecorded(Serial),
}

impl Newer {
    /// The certificates that it knows more of.
    #[must_use]
    pub fn serials(&self) -> &[Serial] {
        match &self.what {
            Knowledge::Archived(serial) | Knowledge::Unrecorded(serial) => slice::from_ref(serial),
            Knowledge::Revoked(serials) => serials,
            Knowledge::Number(..) | Knowledge::Unreadable(_) => &[],
        }
    }
}

/// How many serial numbers are told one by one.
const TOLD: usize = 8;

impl fmt::Display for Newer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Knowledge::Archived(serial) => {
                write!(
                    f,
                    "the certificate {serial} is archived, and in use as the ledger knows it"
                )
            }
            Knowledge::Number(number, known) => {
                write!(
                    f,
                    "the CRL has number {number}, the last that the ledger knows has {known}"
                )
            }
            Knowledge::Revoked(serials) => {
                let told: Vec<_> = serials.iter().take(TOLD).map(ToString::to_string).collect();
                let more = serials.len() - told.len();
                let more = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                write!(
                    f,
                    "the CRL lists what the ledger does not call revoked: {}{more}",
                    told.join(", ")
                )
            }
            Knowledge::Unreadable(reason) => {
                write!(f, "what the last CRL said cannot be told: {reason}")
            }
            Knowledge::Unrecorded(serial) => {
                write!(f, "the ledger does not know the certificate {serial}")
            }
        }
    }
}
