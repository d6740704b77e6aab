//! What becomes of files that are laid below a folder.

use serde::Serialize;

use crate::store::outside::{Laying, Standing};

/// What is done about a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// It is made
    Create,
    /// It is what it should be
    None,
    /// It takes the place of another
    Replace,
}

impl From<Standing> for Action {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Missing => Self::Create,
            Standing::Same => Self::None,
            Standing::Different => Self::Replace,
        }
    }
}

impl Action {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::None => "none",
            Self::Replace => "replace",
        }
    }
}

/// How many files are written, and how many are left alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    pub(crate) changed: usize,
    pub(crate) unchanged: usize,
}

impl Tally {
    pub(crate) fn of<'l>(layings: impl IntoIterator<Item = &'l Laying>) -> Self {
        let (mut changed, mut unchanged) = (0, 0);
        let sheets = layings.into_iter().flat_map(Laying::sheets);
        for (_, standing) in sheets {
            match standing {
                Standing::Same => unchanged += 1,
                Standing::Missing | Standing::Different => changed += 1,
            }
        }
        Self { changed, unchanged }
    }
}
