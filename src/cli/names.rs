//! Names of entries and their subject alternative names, as several commands take them.

use std::collections::HashSet;

use clap::Args;

use super::{Report, args::entry_name, distinguished::SubjectArgs};
use crate::pki::{
    entry_name::EntryName,
    general_name::{GeneralName, each_once},
    range,
    san::{self},
};
pub(crate) use crate::session::names::{Target, refuse_existing, target, targets};
pub(crate) use crate::session::sans::parse;
use crate::session::sans::{bounded, mistake, own_name};

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
        let (names, mut mistakes) = entries(&self.names);
        mistakes.extend(sans.mistakes(&names));
        mistakes.extend(subject.mistakes(&names));
        Report::all(mistakes).map_or(Ok(names), Err)
    }
}

/// The names that `node{1..9}` stands for.
pub(crate) fn names(text: &str) -> Result<Vec<EntryName>, String> {
    let all = range::expand(text).map_err(|error| error.to_string())?;
    all.iter().map(|name| entry_name(name)).collect()
}

/// The names of all arguments, and what is wrong with them; one that is given twice is a mistake.
fn entries(texts: &[String]) -> (Vec<EntryName>, Vec<Report>) {
    let (mut names, mut mistakes) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for text in texts {
        if names.len() > range::MAX_NAMES {
            let most = range::MAX_NAMES;
            mistakes.push(Report::usage(format!("more than {most} names are given")));
            break;
        }
        let parsed = range::expand(text).map_err(|error| error.to_string());
        let parsed = parsed.and_then(|all| all.iter().map(|name| entry_name(name)).collect());
        let parsed: Vec<EntryName> = parsed.unwrap_or_else(|mistake| {
            mistakes.push(Report::usage(mistake));
            Vec::new()
        });
        let twice = parsed.iter().find(|name| !seen.insert((*name).clone()));
        mistakes
            .extend(twice.map(|name| Report::usage(format!("the name `{name}` is given twice"))));
        names.extend(parsed);
    }
    (names, mistakes)
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
    /// Whether names were asked for besides the entry's own.
    pub(crate) fn is_given(&self) -> bool {
        self.local || !self.san.is_empty()
    }

    /// Whether anything is said of names.
    pub(crate) fn says_anything(&self) -> bool {
        self.is_given() || self.no_name_san
    }

    /// Every mistake in what --san was given.
    fn mistakes(&self, names: &[EntryName]) -> Vec<Report> {
        let names: Vec<&str> = match names {
            [] => vec!["name"],
            names => names.iter().map(EntryName::as_str).collect(),
        };
        if let Err(many) = bounded(&self.san) {
            return vec![many];
        }
        let mut mistakes = Vec::new();
        for given in self.san.iter().flat_map(|text| text.split(',')) {
            // Without `{name}` it is the same for all.
            let varies = given.contains(san::NAME_PLACEHOLDER);
            let names = if varies { &names[..] } else { &names[..1] };
            let found = names
                .iter()
                .filter_map(|name| san::parse_list(given, name).err());
            mistakes.extend(found.flatten().map(mistake));
        }
        mistakes
    }

    /// The names of one entry: its own, those of --san, those of --local; each once.
    pub(crate) fn of(&self, name: &EntryName) -> Vec<GeneralName> {
        let own = (!self.no_name_san).then(|| own_name(name)).flatten();
        let local = self.local.then_some(san::LOCAL);
        let given = self.san.iter().map(String::as_str).chain(local);
        let given = given.flat_map(|text| san::parse_list(text, name.as_str()).unwrap_or_default());
        each_once(own.into_iter().chain(given))
    }
}
