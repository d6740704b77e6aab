//! What this process meets outside the PKI directory: files that it is told to read, programs that it starts,
//! its environment, and who runs it.

pub(crate) mod arguments;
pub(crate) mod author;
pub(crate) mod bounded;
pub(crate) mod dumps;
pub mod extfile;
pub(crate) mod places;
pub(crate) mod signer;
pub(crate) mod source_tree;
pub(crate) mod surroundings;
pub(crate) mod templates;
pub(crate) mod trust_stores;
