//! Ranges in names: `node{1..100}` stands for node1 to node100.

/// Why text is no range.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RangeError {
    /// Braces that hold no range.
    #[error("`{0}` holds braces that are no range such as {{1..9}}")]
    Braces(String),
    /// More names than anybody means.
    #[error("`{0}` stands for more than {MAX_NAMES} names")]
    TooMany(String),
}

/// Most names that one text may stand for.
pub const MAX_NAMES: usize = 1_000_000;

/// Expands every `{FIRST..LAST}` in `text`, the rightmost fastest; text without braces stands for itself.
///
/// Leading zeros of FIRST are kept as a width: `{01..10}` begins with `01`. A range may count down.
///
/// # Errors
///
/// Where braces hold something else, or there are more than [`MAX_NAMES`].
pub fn expand(text: &str) -> Result<Vec<String>, RangeError> {
    let braces = || RangeError::Braces(text.to_owned());
    let Some((before, rest)) = text.split_once('{') else {
        return if text.contains('}') {
            Err(braces())
        } else {
            Ok(vec![text.to_owned()])
        };
    };
    let (range, after) = rest.split_once('}').ok_or_else(braces)?;
    if before.contains('}') {
        return Err(braces());
    }
    let numbers = numbers(range).ok_or_else(braces)?;
    let tails = expand(after).map_err(|error| match error {
        RangeError::Braces(_) => braces(),
        RangeError::TooMany(_) => RangeError::TooMany(text.to_owned()),
    })?;
    if numbers.len().saturating_mul(tails.len()) > MAX_NAMES {
        return Err(RangeError::TooMany(text.to_owned()));
    }
    let join = |number: &String| {
        tails
            .iter()
            .map(|tail| format!("{before}{number}{tail}"))
            .collect::<Vec<_>>()
    };
    Ok(numbers.iter().flat_map(join).collect())
}

/// Numbers of `FIRST..LAST`; cut off just past the limit.
fn numbers(range: &str) -> Option<Vec<String>> {
    let (first, last) = range.split_once("..")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return None;
    }
    let (from, to) = (first.parse::<u64>().ok()?, last.parse::<u64>().ok()?);
    let width = if first.starts_with('0') {
        first.len()
    } else {
        0
    };
    let show = |number: u64| format!("{number:0width$}");
    let ascending = from.min(to)..=from.max(to);
    let limited =
        |numbers: &mut dyn Iterator<Item = u64>| numbers.take(MAX_NAMES + 1).map(show).collect();
    Some(if from <= to {
        limited(&mut ascending.into_iter())
    } else {
        limited(&mut ascending.rev())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let braces = |text: &str| Err(RangeError::Braces(text.to_owned()));
        for (text, expected) in [
            ("node1", Ok(vec!["node1"])),
            ("node{1..3}", Ok(vec!["node1", "node2", "node3"])),
            ("n{08..10}.x", Ok(vec!["n08.x", "n09.x", "n10.x"])),
            ("r{1..2}n{1..2}", Ok(vec!["r1n1", "r1n2", "r2n1", "r2n2"])),
            ("{3..1}", Ok(vec!["3", "2", "1"])),
            ("n{1..}", braces("n{1..}")),
            ("n{a..b}", braces("n{a..b}")),
            ("n{1,2}", braces("n{1,2}")),
            ("n{1..2", braces("n{1..2")),
            ("n}", braces("n}")),
            ("n{-1..2}", braces("n{-1..2}")),
        ] {
            let expected =
                expected.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(expand(text), expected, "{text}");
        }
        for text in [
            "{1..9999999}",
            "{0..18446744073709551615}",
            "{1..2000}{1..2000}",
        ] {
            assert_eq!(
                expand(text),
                Err(RangeError::TooMany(text.to_owned())),
                "{text}"
            );
        }
    }
}
