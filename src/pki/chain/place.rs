//! Where a certificate stands.

use std::fmt;

/// A certificate's place in a chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// The trusted certificate at the end
    Anchor,
    /// Between leaf and anchor, counted from the leaf and from 1
    Intermediate(usize),
    /// The certificate in question
    Leaf,
}

impl Place {
    /// The place at `index` in a chain of `length`, which ends in an anchor where `anchored`.
    #[must_use]
    pub fn at(index: usize, length: usize, anchored: bool) -> Self {
        match index {
            0 => Self::Leaf,
            last if anchored && last + 1 == length => Self::Anchor,
            number => Self::Intermediate(number),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anchor => f.write_str("trust anchor"),
            Self::Intermediate(number) => write!(f, "intermediate {number}"),
            Self::Leaf => f.write_str("leaf"),
        }
    }
}
