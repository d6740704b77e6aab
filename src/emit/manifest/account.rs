//! As whom a server opens the files that its configuration names.

use serde::Deserialize;
use toml::Spanned;

/// The user that a server is before it opens private keys: who owns its files by [`super::Setup`], if nothing else is
/// said. Left out of a manifest where the server opens them as root.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The option that says it
    pub option: Option<Spanned<String>>,
    /// The section in which it counts; any where it says nothing
    pub section: Option<String>,
    /// Started by root, it becomes its own user without a word
    #[serde(default)]
    pub by_itself: bool,
    /// Its packages' unit starts it as its own user, with the file where they put it
    #[serde(default)]
    pub by_unit: bool,
}

/// As whom a server runs, as far as its configuration tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunsAs {
    /// Name or number of the user
    pub user: String,
    /// Names or numbers of groups, besides those that the accounts tell
    pub groups: Vec<String>,
    /// It stays who it is where somebody else than root starts it
    pub if_root: bool,
}

impl RunsAs {
    pub(in crate::emit) fn new(user: &str, if_root: bool) -> Self {
        Self {
            user: user.to_owned(),
            groups: Vec::new(),
            if_root,
        }
    }

    /// By number: names of users and groups are those of the image.
    pub(in crate::emit) fn numbered<'t>(
        mut numbers: impl Iterator<Item = &'t str>,
    ) -> Option<Self> {
        let is_number = |text: &&str| text.bytes().all(|it| it.is_ascii_digit());
        let user = numbers.next().filter(is_number)?;
        Some(Self {
            groups: numbers.map(str::to_owned).collect(),
            ..Self::new(user, false)
        })
    }
}
