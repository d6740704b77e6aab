//! A CA makes way for another without one refused handshake: the successor is trusted everywhere before it signs, and
//! the old one as long as anybody shows what it has signed.
//!
//! Each step is one transaction. What is known of those that trust is in [`evidence`], and who is not ready in [`doubts`]; no step is taken on hope.

pub mod announcement;
pub mod doubts;
pub mod evidence;
pub mod leaving;
mod lineup;
pub mod reserve;
mod successor;
pub mod switching;
pub mod witness;

use crate::{
    issuance::{IssueError, crl::CrlError, crossing::CrossError},
    pki::{authorities::Fallen, entry_name::EntryName},
    store::{
        Pki, StoreError,
        ledger::rotation::{Phase, Rotation},
    },
};
use doubts::Doubt;

/// Why a step of a rotation was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// One at a time.
    #[error("the CA `{}` is being rotated: `{}` takes its place ({})", .0.top().old, .0.top().new, .0.phase.name())]
    Open(Box<Rotation>),
    /// None goes on.
    #[error("no CA is being rotated")]
    None,
    /// It has made way already.
    #[error("the CA `{0}` has made way for `{1}`")]
    Gone(EntryName, EntryName),
    /// Nobody believes it any more.
    #[error("{0}")]
    Fallen(Fallen),
    /// Its place in the procedure is another.
    #[error("the rotation of `{}` is {}: {}", .0.top().old, .0.phase.name(), .1)]
    Phase(Box<Rotation>, &'static str),
    /// Only where its key is can its successor be made, or that of a CA below it.
    #[error("the key of the CA `{0}` is not here, so that its successor cannot be made here")]
    KeyElsewhere(EntryName),
    /// Its key is in a token, and nobody said where its successor's is.
    #[error(
        "the key of the CA `{0}` is in a token or an agent, and it is not said where its successor's is"
    )]
    KeyHeld(EntryName),
    /// No name is left for the successor.
    #[error("no name is left for the successor of `{0}`")]
    Name(EntryName),
    /// Somebody would be refused, or refuse others.
    #[error("{} would be refused or refuse others", count(.0))]
    Doubts(Vec<Doubt>),
    /// Nothing of that name takes part.
    #[error("`{0}` takes no part in the rotation")]
    Unknown(EntryName),
    /// Something could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// It could not be cross-signed.
    #[error(transparent)]
    Cross(#[from] CrossError),
    /// A CRL could not be made.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// The ledger or the directory cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn count(doubts: &[Doubt]) -> String {
    match doubts {
        [one] => format!("`{}`", one.name),
        many => format!("{} who trust the CA", many.len()),
    }
}

/// The rotation that is going on.
///
/// # Errors
///
/// Where there is none, or the ledger cannot be read.
pub fn open(pki: &Pki) -> Result<Rotation, RotateError> {
    pki.ledger().rotation()?.ok_or(RotateError::None)
}

/// A rotation as it will be.
fn stepped(rotation: &Rotation, phase: Phase) -> Rotation {
    Rotation {
        phase,
        ..rotation.clone()
    }
}
