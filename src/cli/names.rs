//! Names of entries and their subject alternative names, as several commands take them.

use clap::Args;

use super::{Report, args::entry_name, distinguished::SubjectArgs};
pub(crate) use crate::session::names::{Target, target, targets};
use crate::{
    pki::{entry_name::EntryName, range},
    session::{names::several, sans::Sans},
};

/// The entries that a command makes.
#[derive(Args, Debug)]
pub(crate) struct NameArgs {
    /// Name of the entry; node{1..9} stands for nine (can be repeated)
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
}

impl NameArgs {
    /// All names; reports every mistake in them, their SANs and their subjects before anything is touched.
    pub(crate) fn checked(
        &self,
        sans: &SanArgs,
        subject: &SubjectArgs,
    ) -> Result<Vec<EntryName>, Report> {
        let (names, mut mistakes) = several(&self.names);
        mistakes.extend(sans.wish().mistakes(&names));
        mistakes.extend(subject.wish().mistakes(&names));
        Report::none(mistakes).map(|()| names)
    }
}

/// The names that `node{1..9}` stands for.
pub(crate) fn names(text: &str) -> Result<Vec<EntryName>, String> {
    let all = range::expand(text).map_err(|error| error.to_string())?;
    all.iter().map(|name| entry_name(name)).collect()
}

/// Which names an entry stands for.
#[derive(Args, Debug)]
pub(crate) struct SanArgs {
    /// Subject alternative names, separated by commas (can be repeated)
    #[arg(long, value_name = "SAN")]
    san: Vec<String>,
    /// Add localhost, 127.0.0.1 and ::1 as names
    #[arg(long)]
    local: bool,
    /// Leave the entry's name out of the names
    #[arg(long)]
    no_name_san: bool,
}

impl SanArgs {
    pub(crate) fn wish(&self) -> Sans<'_> {
        Sans {
            given: &self.san,
            local: self.local,
            without_own: self.no_name_san,
        }
    }
}
