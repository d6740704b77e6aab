//! Durations on the command line: `90d`, `12h`, `2y`, `30m`, `45s`.

use time::Duration;

pub(crate) use crate::pki::validity::parse_duration as parse;

/// Writes a duration in the largest unit that fits, rounded down: `12 d`, `3 h`.
pub(crate) fn display(duration: Duration) -> String {
    match duration.whole_seconds() {
        seconds if seconds >= 2 * 86_400 => format!("{} d", seconds / 86_400),
        seconds if seconds >= 2 * 3_600 => format!("{} h", seconds / 3_600),
        seconds if seconds >= 120 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
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
