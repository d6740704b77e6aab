//! Renewal: successors that say what their predecessors said, with another serial, period and key.

pub mod choice;
pub mod given;
pub(super) mod hierarchy;
mod planning;
mod refreshing;
pub(super) mod work;

pub use work::{Followers, Renewal};

use time::Duration;

use super::{
    IssueError,
    request::{LeafKey, LeafRequest, Model},
};
use crate::{
    pki::{plan::SignError, public_key::PublicKey, renewal::Predecessor, validity::Lifetime},
    store::{
        entry,
        layout::Layout,
        ledger::{Origin, Record},
    },
};

/// What a successor does not take over.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Whether a leaf keeps its key
    pub keys: Keys,
    /// How long it is valid; as long as its predecessor unless somebody says
    pub lifetime: Option<Lifetime>,
    /// How far its beginning lies before now
    pub backdate: Duration,
}

/// What becomes of a leaf's key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keys {
    /// It stays
    Kept,
    /// Another takes its place
    New,
}

/// The request for a leaf's successor.
///
/// A leaf whose key is elsewhere keeps it, for only its owner can make another.
///
/// # Errors
///
/// Where a CA elsewhere has signed it, or its key is to be kept and cannot be read.
pub fn request(record: &Record, layout: &Layout, terms: &Terms) -> Result<LeafRequest, IssueError> {
    let name = record.name.clone();
    let predecessor = predecessor(record)?;
    let key = match (record.origin, terms.keys) {
        (Origin::Installed | Origin::Known | Origin::Shown | Origin::Crossed, _) => {
            return Err(IssueError::Foreign(record.name.to_string()));
        }
        (Origin::Requested, _) => key_elsewhere(&record.to_be_signed)?,
        (Origin::Issued, Keys::New) => LeafKey::New(record.key_type.parse()?),
        (Origin::Issued, Keys::Kept) => {
            let public_key = PublicKey::from_info(&predecessor.public_key_info)?;
            let key = entry::key(layout, &name, Some(public_key.octets()))?;
            LeafKey::Kept(key.ok_or_else(|| IssueError::KeyMissing(record.name.to_string()))?)
        }
    };
    Ok(LeafRequest {
        name,
        profile: record.kind.profile().unwrap_or_default(),
        key,
        lifetime: terms.lifetime_after(&predecessor),
        model: Model::Predecessor(Box::new(predecessor)),
        backdate: terms.backdate,
    })
}

/// The key that a certificate is about, for a successor whose owner keeps it elsewhere.
///
/// # Errors
///
/// Where what was signed holds no key that can be certified.
pub fn key_elsewhere(to_be_signed: &[u8]) -> Result<LeafKey, IssueError> {
    let predecessor = Predecessor::from_to_be_signed(to_be_signed).map_err(SignError::from)?;
    let key = PublicKey::from_info(&predecessor.public_key_info)?;
    Ok(LeafKey::Elsewhere(key))
}

impl Terms {
    fn lifetime_after(&self, predecessor: &Predecessor) -> Lifetime {
        let as_before = || Lifetime::Default(predecessor.lifetime(self.backdate));
        self.lifetime.unwrap_or_else(as_before)
    }
}

fn predecessor(record: &Record) -> Result<Predecessor, IssueError> {
    let read = Predecessor::from_to_be_signed(&record.to_be_signed);
    Ok(read.map_err(SignError::from)?)
}
