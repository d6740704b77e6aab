//! The first line of a secret.

use std::io::{self, Read};

use zeroize::Zeroizing;

use super::{Kind, read_up_to};

/// Without its end; `None` where it is longer than any secret.
pub(super) fn read(source: impl Read, expected: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let limit = Kind::Secret.limit();
    let with_end = limit + "\r\n".len();
    let octets = read_up_to(source, with_end, expected, |new| new.contains(&b'\n'))?;
    let line = octets.map(|mut octets| {
        let end = octets.iter().position(|&octet| octet == b'\n');
        let kept = match end {
            Some(end) if octets[..end].ends_with(b"\r") => end - 1,
            other => other.unwrap_or(octets.len()),
        };
        octets[kept..].fill(0);
        octets.truncate(kept);
        octets
    });
    Ok(line.filter(|line| line.len() <= limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines() {
        let long = "x".repeat(Kind::Secret.limit());
        for (text, expected) in [
            ("", Some("")),
            ("a", Some("a")),
            ("a\nb\n", Some("a")),
            ("a\r\nb", Some("a")),
            ("a\r", Some("a\r")),
            (" a b \n", Some(" a b ")),
            ("\na\n", Some("")),
            ("\r\na\n", Some("")),
            (&long, Some(&*long)),
            (&format!("{long}\n{long}"), Some(&*long)),
            (&format!("{long}\r\n"), Some(&*long)),
            (&format!("{long}x"), None),
            (&format!("{long}x\n"), None),
            (&format!("{long}\r"), None),
            (&format!("{long}{long}\n"), None),
        ] {
            // A file, and one of which the length is not known.
            for expected_length in [text.len(), 0, 1] {
                let line = read(text.as_bytes(), expected_length).expect("memory is read");
                let line = line.as_ref().map(|line| line.as_slice());
                assert_eq!(line, expected.map(str::as_bytes), "{text:.20}");
            }
        }
        let endless = read(io::repeat(b'x'), 0).expect("memory is read");
        assert!(endless.is_none());
    }

    #[test]
    fn what_comes_behind_the_first_line_is_not_waited_for() {
        /// Where waiting is a failure.
        struct Forever;
        impl Read for Forever {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                panic!("somebody waits")
            }
        }
        for length in [0, 2, 9] {
            let line = read(b"a\n".chain(Forever), length).expect("memory is read");
            assert_eq!(line.as_ref().map(|line| &line[..]), Some(&b"a"[..]));
        }
    }
}
