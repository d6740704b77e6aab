//! Version numbers of servers: dotted decimals, compared number by number.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A released version such as `2.4.3`; `2.4` equals `2.4.0`.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    numbers: Vec<u64>,
}

/// Why text is not a version number.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a version number such as 2.4.3")]
pub struct VersionError(pub String);

impl Version {
    /// Whether both have the first two numbers, as in `10.11`.
    #[must_use]
    pub fn is_in_series(&self, series: &str) -> bool {
        let begin = |it: &Self| [0, 1].map(|index| it.numbers.get(index).copied().unwrap_or(0));
        series
            .parse()
            .is_ok_and(|series| begin(&series) == begin(self))
    }
}

impl FromStr for Version {
    type Err = VersionError;

    /// Takes an optional `v` in front; a pre-release (`-beta.2`) counts as its release.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let error = || VersionError(text.to_owned());
        let text = text.strip_prefix('v').unwrap_or(text);
        let release = text.split(['-', '+']).next().unwrap_or_default();
        let numbers: Result<Vec<u64>, _> = release.split('.').map(number).collect();
        let mut numbers = numbers.map_err(|()| error())?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Ok(Self {
            text: text.to_owned(),
            numbers,
        })
    }
}

/// Unlike `u64::from_str`, takes no sign.
fn number(text: &str) -> Result<u64, ()> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(());
    }
    text.parse().map_err(|_| ())
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Version {}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        for (left, right, expected) in [
            ("2.4.3", "2.4.3", Ordering::Equal),
            ("2.4", "2.4.0", Ordering::Equal),
            ("v5.0.26", "5.0.26", Ordering::Equal),
            ("2.4.3", "2.4.10", Ordering::Less),
            ("10.0", "9.9", Ordering::Greater),
            ("6.3.0-beta.2", "6.3.0", Ordering::Equal),
        ] {
            let parse = |text: &str| text.parse::<Version>().expect("well formed");
            assert_eq!(parse(left).cmp(&parse(right)), expected, "{left} {right}");
        }
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "v",
            "two",
            "2..4",
            "2.x",
            "-1",
            "+1",
            "2.4 ",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Version>().is_err(), "{text:?}");
        }
    }
}
