//! What can go wrong between two programs, seen from the one that says it.

use serde::Deserialize;

/// Who refuses whom. "We" is the program that says it.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The peer refuses the program that says it
    PeerRefused,
    /// The program that says it refuses its peer
    WeRefused,
    /// Nobody was asked yet: the program cannot use its own files or settings
    Own,
    /// The text is the same from both sides
    Untold,
}

/// What is refused.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Refused {
    /// A certificate, or that there is none
    #[default]
    Certificate,
    /// The connection: its protocol, its ciphers, its first words
    Connection,
}

/// One thing that can go wrong, in one direction.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Stable name in kebab-case; the same for both directions
    pub name: String,
    /// Who refuses whom
    pub direction: Direction,
    /// What is refused
    #[serde(default)]
    pub refused: Refused,
    /// Whether it says little: what else stands in the same line says more
    #[serde(default)]
    pub vague: bool,
    /// What happened, without final stop
    pub meaning: String,
    /// Why, the likeliest first
    pub causes: Vec<Cause>,
}

/// A possible cause.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// What may be so, without final stop
    pub text: String,
    /// The command that decides it; words in capitals stand for names
    pub check: String,
    /// Codes of `check` that show it
    #[serde(default)]
    pub codes: Vec<String>,
}

impl Fault {
    /// Who refuses whom, in one sentence without final stop.
    #[must_use]
    pub const fn headline(&self) -> &'static str {
        match (self.direction, self.refused) {
            (Direction::PeerRefused, Refused::Certificate) => "The peer refused OUR certificate",
            (Direction::PeerRefused, Refused::Connection) => "The peer refused OUR connection",
            (Direction::WeRefused, Refused::Certificate) => "We refused the PEER'S certificate",
            (Direction::WeRefused, Refused::Connection) => "We refused the PEER'S connection",
            (Direction::Own, _) => {
                "Nobody refused anybody: our OWN files or settings cannot be used"
            }
            (Direction::Untold, _) => "The text does not tell who refused whom",
        }
    }
}
