//! What can be wrong with a PKI, one file per rule. Pure: parsed things in, findings out.
//!
//! A [`crate::pki::rules::CertificateRule`] looks at one certificate, planned or read; a [`site::SiteRule`]
//! at all that lies in one directory. A rule is a value that carries its own good and bad examples: a
//! new one is its file, and two lines in the list of its kind.

use std::{
    borrow::Cow,
    fmt,
    path::{Component, Path, PathBuf},
};

use time::OffsetDateTime;

use crate::pki::{renewal::Margin, rules::Moment};

pub mod access;
mod beside;
pub mod configuration;
mod content;
pub mod facts;
mod inspector;
pub mod site;

pub use crate::severity::Severity;
pub use inspector::Inspector;

/// One thing that is wrong, where it is, and what mends it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Stable name of the rule that is broken
    pub code: Cow<'static, str>,
    /// How bad it is
    pub severity: Severity,
    /// File or directory
    pub path: PathBuf,
    /// Where a configuration file says what is wrong, or names the file that is
    pub place: Option<Place>,
    /// What is wrong, without final stop
    pub message: String,
    /// What mends it
    pub hint: String,
    /// The change of mode that mends it
    pub mend: Option<Mend>,
}

/// A line of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The file
    pub path: PathBuf,
    /// From 1
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// A change of a file's or directory's permission bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mend {
    /// What they are
    pub from: u32,
    /// What they are to be
    pub to: u32,
}

/// What rules compare with besides what they look at.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The time that everything is judged at
    pub now: OffsetDateTime,
    /// What has so much of its life left is told
    pub within: Margin,
    /// Which modes private keys may have
    pub policy: Policy,
    /// The user who runs the program
    pub user: u32,
}

impl Terms {
    /// What the rules for one certificate need of it.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let Self { now, within, .. } = *self;
        Moment { now, within }
    }
}

/// Which modes private keys may have.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Policy {
    /// 0600 or 0400
    #[default]
    Strict,
    /// Also 0640 and 0440 where root owns the file, so that a server's group can read it
    Group,
}

impl Policy {
    /// The mode that a key file should have: what it has already, where that will do.
    fn key_mode(self, mode: u32, owner: u32) -> u32 {
        let kept = mode & if self.shares(owner) { 0o640 } else { 0o600 };
        if kept & 0o400 == 0 { 0o600 } else { kept }
    }

    /// The mode that a directory with keys should have: what it has already, where that will do.
    fn directory_mode(self, mode: u32, owner: u32) -> u32 {
        mode & if self.shares(owner) { 0o7750 } else { 0o7700 } | 0o500
    }

    /// Whether a symlink may stand for a file: Kubernetes mounts secrets as links into the same directory.
    fn takes_link(self, target: &Path) -> bool {
        let inside = |part| matches!(part, Component::Normal(_));
        self == Self::Group && target.components().all(inside)
    }

    fn shares(self, owner: u32) -> bool {
        const ROOT: u32 = 0;
        self == Self::Group && owner == ROOT
    }
}
