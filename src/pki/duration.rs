//! Durations as people write and read them.

use time::Duration;

/// Reads a duration: a number and a unit: s, m (minutes), h, d, w, y (365 days).
///
/// # Errors
///
/// What is wrong, in words.
pub fn parse(text: &str) -> Result<Duration, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds_per_unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        "y" => 365 * 86_400,
        "" => {
            return Err(String::from(
                "a unit is missing: s, m, h, d, w or y, as in `90d`",
            ));
        }
        _ => {
            return Err(format!(
                "unknown unit `{unit}`; write s, m, h, d, w or y, as in `90d`"
            ));
        }
    };
    number
        .parse::<i64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds_per_unit))
        // Longer than any date that a certificate can hold.
        .filter(|&seconds| seconds <= 10_000 * 365 * 86_400)
        .map(Duration::seconds)
        .ok_or_else(|| format!("`{number}` is not a number of {unit} that certctl can count"))
}

/// Writes a duration in the largest unit that fits, rounded down: `12 d`, `3 h`.
#[must_use]
pub fn display(duration: Duration) -> String {
    match duration.whole_seconds() {
        seconds if seconds >= 2 * 86_400 => format!("{} d", seconds / 86_400),
        seconds if seconds >= 2 * 3_600 => format!("{} h", seconds / 3_600),
        seconds if seconds >= 120 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// Writes a duration in words, in the largest unit that fits, rounded down: `12 days`.
#[must_use]
pub fn in_words(duration: Duration) -> String {
    match duration.whole_seconds() {
        seconds if seconds >= 2 * 86_400 => format!("{} days", seconds / 86_400),
        seconds if seconds >= 2 * 3_600 => format!("{} hours", seconds / 3_600),
        seconds => format!("{} minutes", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("90d", Some(Duration::days(90))),
            ("12h", Some(Duration::hours(12))),
            ("2y", Some(Duration::days(730))),
            ("30m", Some(Duration::minutes(30))),
            ("1w", Some(Duration::days(7))),
            ("0s", Some(Duration::ZERO)),
            ("90", None),
            ("d", None),
            ("-1d", None),
            ("1.5d", None),
            ("9d9h", None),
            ("99999999999999999999y", None),
            ("20000y", None),
        ] {
            assert_eq!(parse(text).ok(), expected, "{text}");
        }
    }
}
