//! Lines of a program, none longer than an answer can be.

use std::io::{self, BufRead, Read as _};

use crate::signer::answer::MAX_LINE;

/// The next line without its end; `None` at the end.
pub(super) fn next(source: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let limit = MAX_LINE as u64 + 1;
    source.by_ref().take(limit).read_until(b'\n', &mut line)?;
    match line.last() {
        None => Ok(None),
        Some(b'\n') => {
            line.pop();
            Ok(Some(line))
        }
        Some(_) if line.len() > MAX_LINE => {
            let message = format!("wrote a line longer than {} KiB", MAX_LINE >> 10);
            Err(io::Error::other(message))
        }
        Some(_) => Err(io::Error::other("ended within a line")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_and_short() {
        let long = "x".repeat(MAX_LINE);
        for (text, expected) in [
            ("", Ok(None)),
            ("\n", Ok(Some(0))),
            ("ab\ncd\n", Ok(Some(2))),
            ("ab", Err("ended within a line")),
            (&format!("{long}\n"), Ok(Some(MAX_LINE))),
            (
                &format!("{long}x\n"),
                Err("wrote a line longer than 64 KiB"),
            ),
        ] {
            let read = next(&mut text.as_bytes());
            let read = read.map(|line| line.map(|it| it.len()));
            assert_eq!(
                read.map_err(|error| error.to_string()),
                expected.map_err(str::to_owned)
            );
        }
    }
}
