//! The lines of PEM text, and those that begin and end a block.

pub(super) enum Marker {
    Begin(String),
    End(String),
}

/// Longer lines are none: no label is so long, and messages show it.
const MAX_MARKER: usize = 100;

pub(super) fn marker(line: &[u8]) -> Option<Marker> {
    let line = line.get(..line.len().min(MAX_MARKER + 1))?;
    let inner = line.strip_prefix(b"-----")?.strip_suffix(b"-----")?;
    match str::from_utf8(inner).ok()?.split_once(' ')? {
        ("BEGIN", label) => Some(Marker::Begin(label.to_owned())),
        ("END", label) => Some(Marker::End(label.to_owned())),
        _ => None,
    }
}

/// One line, without its line end and trailing blanks.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    /// Where it begins, in octets
    pub(super) start: usize,
    /// Where the next begins
    pub(super) end: usize,
}

/// Lines with their numbers; `first` is the number of the first.
pub(super) fn lines(text: &[u8], first: usize) -> impl Iterator<Item = (usize, Line<'_>)> + Clone {
    let lines = text.split_inclusive(|&byte| byte == b'\n');
    let lines = lines.scan(0, |end, line| {
        let start = *end;
        *end += line.len();
        let text = line.trim_ascii_end();
        Some(Line {
            text,
            start,
            end: *end,
        })
    });
    (first..).zip(lines)
}
