//! The files of the catalogue.

use std::{borrow::Cow, collections::BTreeMap};

/// Files by their path below the templates' folder.
pub(super) type Files = BTreeMap<String, File>;

/// One manifest or template.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) text: Cow<'static, str>,
    /// Where it is, for errors
    pub(super) origin: String,
}
