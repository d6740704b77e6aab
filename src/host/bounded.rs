//! Octets from outside: files that a command line or another file names, pipes, standard input. Each kind of
//! input has a limit, so that memory and time stay in proportion to what can honestly be meant.

mod first_line;
mod lines;

use std::{
    fmt,
    fs::{File, Metadata},
    io::{self, Read},
    os::{fd::AsFd as _, unix::fs::FileTypeExt as _},
    path::Path,
};

use zeroize::Zeroizing;

pub(crate) use lines::lines;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Where reading begins if nobody knows how much will come.
const FIRST_OCTETS: usize = 64 * KIB;

/// What is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The system's list of accounts (passwd(5))
    Accounts,
    /// Whatever `inspect` is shown: a CRL is the largest
    Any,
    /// Certificates: all intermediates that browsers know are some 10 MiB
    Certificates,
    /// An extfile with all that it includes
    Extfile,
    /// A fleet file with all that it includes: 100,000 entries of some lines each
    Fleet,
    /// A log, which is never held as a whole
    Log,
    /// The index of a CA: 100,000 certificates are some 10 MiB
    Index,
    /// A private key: 20 KiB for the longest RSA key in use
    Key,
    /// A certificate request
    Request,
    /// CRLs: some 900,000 entries
    RevocationList,
    /// A passphrase or another secret, the first line of its file
    Secret,
    /// A folder of templates as a whole
    Templates,
}

impl Kind {
    const ALL: [Self; 12] = [
        Self::Log,
        Self::Index,
        Self::Any,
        Self::Certificates,
        Self::RevocationList,
        Self::Request,
        Self::Key,
        Self::Secret,
        Self::Extfile,
        Self::Fleet,
        Self::Templates,
        Self::Accounts,
    ];

    /// The most that is read, in octets.
    pub(crate) const fn limit(self) -> usize {
        match self {
            Self::Secret => 64 * KIB,
            Self::Extfile | Self::Key => MIB,
            Self::Accounts | Self::Request => 4 * MIB,
            Self::Certificates | Self::Fleet | Self::Templates => 16 * MIB,
            Self::Any | Self::RevocationList => 32 * MIB,
            Self::Log => 4096 * MIB,
            Self::Index => 64 * MIB,
        }
    }

    /// What messages call it.
    const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "a list of accounts",
            Self::Any => "a file",
            Self::Certificates => "certificates",
            Self::Extfile => "an extfile and what it includes",
            Self::Fleet => "a fleet file and what it includes",
            Self::Index => "the index of a CA",
            Self::Key => "a private key",
            Self::Log => "a log",
            Self::Request => "a certificate request",
            Self::RevocationList => "a CRL",
            Self::Secret => "a secret",
            Self::Templates => "a folder of templates",
        }
    }
}

/// More than is read of such an input.
#[derive(Clone, Copy, Debug, thiserror::Error)]
struct TooLarge(Kind);

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, of) = (shown(self.0.limit()), self.0.name());
        write!(
            f,
            "it is larger than {limit}, the most that certctl reads of {of}"
        )
    }
}

/// The error for such an input.
pub(crate) fn too_large(kind: Kind) -> io::Error {
    io::Error::other(TooLarge(kind))
}

fn shown(octets: usize) -> String {
    match octets / MIB {
        0 => format!("{} KiB", octets / KIB),
        number => format!("{number} MiB"),
    }
}

/// What is read and how much of it at most, for the manual.
pub(crate) fn limits() -> impl Iterator<Item = (String, &'static str)> {
    Kind::ALL
        .map(|kind| (shown(kind.limit()), kind.name()))
        .into_iter()
}

/// How much of an input that lies in several files may still be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    kind: Kind,
    left: usize,
}

impl Allowance {
    pub(crate) const fn of(kind: Kind) -> Self {
        let left = kind.limit();
        Self { kind, left }
    }

    /// Reads a file, or a pipe to its end. Of all that was read, nothing is left behind in memory.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, is a directory or a block device, or is too large; the message goes behind a colon.
    pub(crate) fn read(&mut self, path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
        self.take(Source::open(path)?)
    }

    /// Reads standard input to its end.
    pub(crate) fn read_standard_input(&mut self) -> io::Result<Zeroizing<Vec<u8>>> {
        self.take(Source::standard_input()?)
    }

    fn take(&mut self, source: Source) -> io::Result<Zeroizing<Vec<u8>>> {
        let expected = source.expected();
        if source.metadata.is_file() && expected > self.left {
            return Err(too_large(self.kind));
        }
        let octets = read_up_to(source.file, self.left, expected, |_| false)?;
        let octets = octets.ok_or_else(|| too_large(self.kind))?;
        self.left -= octets.len();
        Ok(octets)
    }
}

/// What is open to be read, and what the system says of it.
#[derive(Debug)]
pub(crate) struct Source {
    file: File,
    pub(crate) metadata: Metadata,
}

impl Source {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::of(File::open(path)?)
    }

    /// Past the standard library's buffer, which nobody wipes.
    pub(crate) fn standard_input() -> io::Result<Self> {
        Self::of(File::from(io::stdin().as_fd().try_clone_to_owned()?))
    }

    fn of(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if metadata.file_type().is_block_device() {
            return Err(io::Error::other("it is a block device"));
        }
        Ok(Self { file, metadata })
    }

    /// Octets until the end; zero where that is not known.
    fn expected(&self) -> usize {
        usize::try_from(self.metadata.len()).unwrap_or(usize::MAX)
    }

    /// The first line of a secret, without its end; `None` where it is longer than any secret. What comes behind
    /// it is not waited for.
    pub(crate) fn first_line(self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let expected = self.expected();
        first_line::read(self.file, expected)
    }
}

/// Reads a file that is open.
pub(crate) fn read_open(file: File, kind: Kind) -> io::Result<Zeroizing<Vec<u8>>> {
    Allowance::of(kind).take(Source::of(file)?)
}

/// Reads one file of this kind; see [`Allowance::read`].
pub(crate) fn read(path: &Path, kind: Kind) -> io::Result<Zeroizing<Vec<u8>>> {
    Allowance::of(kind).read(path)
}

/// Takes octets for text.
///
/// # Errors
///
/// Where they are not UTF-8.
pub(crate) fn text(mut octets: Zeroizing<Vec<u8>>) -> io::Result<Zeroizing<String>> {
    if let Err(error) = std::str::from_utf8(&octets) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, error));
    }
    let text = String::from_utf8(std::mem::take(&mut octets));
    text.map(Zeroizing::new).map_err(io::Error::other)
}

/// Reads to the end, or until there is enough in what is new; `None` where that lies behind the limit.
///
/// Growth moves what was read into a new buffer and wipes the old one.
fn read_up_to(
    mut source: impl Read,
    limit: usize,
    expected: usize,
    is_enough: impl Fn(&[u8]) -> bool,
) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // One octet more than there is room for tells the end from the limit.
    let first = if expected == 0 {
        FIRST_OCTETS
    } else {
        expected
    };
    let mut octets = Zeroizing::new(vec![0; first.min(limit) + 1]);
    let mut length = 0;
    loop {
        if length > limit {
            return Ok(None);
        }
        if length == octets.len() {
            let mut larger = Zeroizing::new(vec![0; (2 * length).min(limit + 1)]);
            larger[..length].copy_from_slice(&octets);
            octets = larger;
        }
        match source.read(&mut octets[length..]) {
            Ok(0) => break,
            Ok(count) => {
                length += count;
                if is_enough(&octets[length - count..length]) {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    octets.truncate(length);
    Ok(Some(octets))
}

/// Reads to the end, and keeps the last octets only: what a program says last is why it failed.
pub(crate) fn tail(mut source: impl Read) -> io::Result<Vec<u8>> {
    const KEPT: usize = 64 * KIB;
    let (mut kept, mut chunk) = (Vec::new(), vec![0; 8 * KIB]);
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return Ok(kept),
            Ok(count) => kept.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.len() - KEPT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_ends_at_the_limit() {
        for (there, limit, expected, is_read) in [
            (0, 10, 0, true),
            (9, 10, 9, true),
            (10, 10, 10, true),
            (10, 10, 0, true),
            (11, 10, 0, false),
            (11, 10, 11, false),
            // A file that grew, or one of /proc.
            (200_000, 300_000, 0, true),
            (200_000, 300_000, 7, true),
        ] {
            let octets = vec![7; there];
            let found =
                read_up_to(&octets[..], limit, expected, |_| false).expect("memory is read");
            let found = found.map(|found| found.to_vec());
            assert_eq!(found, is_read.then_some(octets), "{there} of {limit}");
        }
        let endless = read_up_to(io::repeat(0), 1000, 0, |_| false).expect("zeros are read");
        assert!(endless.is_none());
    }

    #[test]
    fn what_is_refused_says_why() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("file");
        for kind in [Kind::Secret, Kind::Request] {
            for (length, is_read) in [(kind.limit(), true), (kind.limit() + 1, false)] {
                std::fs::write(&path, vec![b'a'; length]).expect("written");
                assert_eq!(read(&path, kind).is_ok(), is_read, "{kind:?} {length}");
            }
        }
        let reason = |path: &Path, kind| read(path, kind).expect_err("refused").to_string();
        assert_eq!(
            reason(&path, Kind::Secret),
            "it is larger than 64 KiB, the most that certctl reads of a secret"
        );
        assert_eq!(
            reason(Path::new("/dev/zero"), Kind::Key),
            "it is larger than 1 MiB, the most that certctl reads of a private key"
        );
        assert!(read(folder.path(), Kind::Any).is_err());
    }

    #[test]
    fn of_what_is_said_the_end_is_kept() {
        for length in [0, 10, 1_000_000] {
            let said = "a".repeat(length) + "\nlast line";
            let kept = tail(said.as_bytes()).expect("memory is read");
            assert!(kept.ends_with(b"\nlast line") && kept.len() < 200_000);
        }
    }

    #[test]
    fn an_allowance_is_for_all_files_together() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("file");
        std::fs::write(&path, vec![b'a'; Kind::Secret.limit() / 2]).expect("written");
        let mut allowance = Allowance::of(Kind::Secret);
        for is_read in [true, true, false] {
            assert_eq!(allowance.read(&path).is_ok(), is_read);
        }
    }
}
