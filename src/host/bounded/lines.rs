//! A log, line by line: memory does not grow with it.

use std::io::{self, BufRead as _, BufReader};

use super::{Kind, Source, too_large};

/// A longer line is handed over in pieces.
const LONGEST: usize = 64 << 10;

/// Hands over each line without its end.
///
/// # Errors
///
/// Where it cannot be read, or is too large.
pub(crate) fn lines(source: Source, kind: Kind, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    if source.metadata.is_file() && source.expected() > kind.limit() {
        return Err(too_large(kind));
    }
    let mut reader = BufReader::with_capacity(LONGEST, source.file);
    let mut left = kind.limit();
    let mut line = Vec::new();
    loop {
        let read = match reader.fill_buf() {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if read.is_empty() {
            break;
        }
        let end = read.iter().position(|&octet| octet == b'\n');
        let taken = end.unwrap_or(read.len()).min(LONGEST - line.len());
        line.extend_from_slice(&read[..taken]);
        let is_end = end == Some(taken);
        let consumed = taken + usize::from(is_end);
        reader.consume(consumed);
        left = left.checked_sub(consumed).ok_or_else(|| too_large(kind))?;
        if is_end || line.len() == LONGEST {
            each(line.strip_suffix(b"\r").unwrap_or(&line));
            line.clear();
        }
    }
    if !line.is_empty() {
        each(&line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use super::*;

    #[test]
    fn lines_are_whole_and_long_ones_in_pieces() {
        let long = "x".repeat(LONGEST + 5);
        for (text, expected) in [
            ("", vec![]),
            ("a", vec![1]),
            ("a\n", vec![1]),
            ("a\r\n\nbcd", vec![1, 0, 3]),
            (&format!("{long}\nab"), vec![LONGEST, 5, 2]),
        ] {
            let mut file = tempfile::tempfile().expect("made");
            file.write_all(text.as_bytes()).expect("written");
            file.rewind().expect("it has a beginning");
            let mut found = Vec::new();
            let source = Source::of(file).expect("a file");
            lines(source, Kind::Log, |line| found.push(line.len())).expect("read");
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_is_too_large_is_not_begun() {
        let file = tempfile::tempfile().expect("made");
        let length = Kind::Log.limit() as u64 + 1;
        file.set_len(length).expect("it may have a hole");
        let source = Source::of(file).expect("a file");
        let error = lines(source, Kind::Log, |_| panic!("read")).expect_err("refused");
        assert!(error.to_string().contains("4096 MiB"), "{error}");
    }
}
