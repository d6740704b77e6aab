//! Names and addresses with ranges: `node[1-5]`, `10.0.0.[11-13]`.

use crate::pki::range::{self, RangeError};

/// Most nodes that one conversation is about.
const MAX_HOSTS: usize = 1000;

/// Why a text stands for nothing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HostsError {
    /// Brackets that hold no range.
    #[error("`{0}` holds brackets that are no range such as [1-9]")]
    Brackets(String),
    /// Braces that hold no range, or far too many names.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// More than a conversation is about.
    #[error("more than {MAX_HOSTS} names: write a fleet file for `certctl apply`")]
    TooMany,
}

/// The words of a text, separated by commas or blanks, ranges in brackets or braces expanded.
///
/// # Errors
///
/// Where brackets or braces hold something else, or there are too many words.
pub fn expand(text: &str) -> Result<Vec<String>, HostsError> {
    let mut all = Vec::new();
    for word in text.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        let expanded = range::expand(&braced(word)?);
        all.extend(expanded.map_err(|error| match error {
            RangeError::TooMany(_) => HostsError::TooMany,
            RangeError::Braces(_) => HostsError::Brackets(word.to_owned()),
        })?);
        if all.len() > MAX_HOSTS {
            return Err(HostsError::TooMany);
        }
    }
    Ok(all)
}

/// The same with braces for brackets.
fn braced(word: &str) -> Result<String, HostsError> {
    let wrong = || HostsError::Brackets(word.to_owned());
    let Some((before, rest)) = word.split_once('[') else {
        return match word.contains(']') {
            true => Err(wrong()),
            false => Ok(word.to_owned()),
        };
    };
    let (range, after) = rest.split_once(']').ok_or_else(wrong)?;
    // Ansible's way to write it, too.
    let (first, last) = range
        .split_once('-')
        .or_else(|| range.split_once(':'))
        .ok_or_else(wrong)?;
    let after = braced(after).map_err(|_| wrong())?;
    Ok(format!("{before}{{{first}..{last}}}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_expanded() {
        for (text, expected) in [
            ("a", "a"),
            ("node[1-3]", "node1 node2 node3"),
            ("node[1:2],x", "node1 node2 x"),
            ("node{1..2} y", "node1 node2 y"),
            ("r[1-2]n[08-09]", "r1n08 r1n09 r2n08 r2n09"),
            ("10.0.0.[11-13]", "10.0.0.11 10.0.0.12 10.0.0.13"),
            ("fd00::[1-2]", "fd00::1 fd00::2"),
            ("", ""),
        ] {
            assert_eq!(expand(text).expect(text).join(" "), expected);
        }
        for text in [
            "a[1-3", "a1-3]", "a[1]", "a[x-y]", "a[1-2]]", "a[[1-2]", "a[-]", "a{1-2}",
        ] {
            assert!(
                matches!(expand(text), Err(HostsError::Brackets(_))),
                "{text}"
            );
        }
        assert_eq!(expand("a[1-1001]"), Err(HostsError::TooMany));
        assert_eq!(expand("a[1-99999999]"), Err(HostsError::TooMany));
    }
}
