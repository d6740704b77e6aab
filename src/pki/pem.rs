//! PEM (RFC 7468): text blocks around DER.
//!
//! It is our own so that a fault names its line, and so that no copy of a key's octets is left in memory;
//! the `pem` crate judges it in the tests.

mod base64;
mod lines;
pub mod writer;

use std::{collections::BTreeSet, fmt};

use zeroize::Zeroizing;

use super::certificate::{Certificate, CertificateError};
use lines::{Marker, lines, marker};

pub use writer::{encode, encode_secret};

/// Labels that stand for a certificate; the second and third are older (RFC 7468 §5.1).
pub const CERTIFICATE_LABELS: [&str; 3] = ["CERTIFICATE", "X509 CERTIFICATE", "X.509 CERTIFICATE"];

/// One block, decoded.
#[derive(Clone, Eq, PartialEq)]
pub struct Block {
    /// What stands after `BEGIN`
    pub label: String,
    /// Number of the `BEGIN` line, from 1
    pub line: usize,
    /// RFC 1421 header lines, such as `Proc-Type: 4,ENCRYPTED` of old OpenSSL keys
    pub headers: String,
    /// The DER, or what an old encryption made of it
    pub contents: Zeroizing<Vec<u8>>,
}

/// Without the contents, which may be a private key.
impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("label", &self.label)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// Why text is not the PEM that was asked for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PemError {
    /// A character that base64 does not have, or one after the padding.
    #[error("line {line}, column {column}: not base64")]
    BadBase64 {
        /// Where, from 1
        line: usize,
        /// Where, from 1
        column: usize,
    },
    /// A block with the label of a certificate does not hold one.
    #[error("line {line}: {source}")]
    Certificate {
        /// Number of the `BEGIN` line
        line: usize,
        /// What is wrong with it
        source: CertificateError,
    },
    /// Base64 stops inside a group of four characters, or nothing stands in the block.
    #[error("line {line}: the block's base64 is cut off")]
    CutOff {
        /// Number of the `END` line
        line: usize,
    },
    /// OpenSSL and others see only blocks whose lines start at the margin.
    #[error("line {line}: spaces before `-----BEGIN`; PEM lines start in the first column")]
    Indented {
        /// Where, from 1
        line: usize,
    },
    /// Blocks, but none of a certificate.
    #[error("no certificate in it, only {}", .labels.join(", "))]
    NoCertificate {
        /// What the blocks are labelled, each label once and the first five of them
        labels: Vec<String>,
    },
    /// Not a single block.
    #[error("no PEM block (`-----BEGIN …-----`) in it")]
    NoBlock,
    /// An `END` line without its `BEGIN`.
    #[error("line {line}: END {label} without a BEGIN line")]
    StrayEnd {
        /// Where, from 1
        line: usize,
        /// What should have begun
        label: String,
    },
    /// The text or the next block comes before the `END` line.
    #[error("line {line}: BEGIN {label} without an END line")]
    Unterminated {
        /// Number of the `BEGIN` line
        line: usize,
        /// What should have ended
        label: String,
    },
    /// A block ends under another label.
    #[error("line {line}: BEGIN {label} is closed by END {found}")]
    WrongEnd {
        /// Number of the `END` line
        line: usize,
        /// What began
        label: String,
        /// What ended
        found: String,
    },
}

/// Reads every block; text around the blocks is skipped (RFC 7468 §2).
///
/// # Errors
///
/// The first fault, with its line. Text without any block is no fault here.
pub fn decode(text: &[u8]) -> Result<Vec<Block>, PemError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut blocks = Vec::new();
    let mut open: Option<Open<'_>> = None;
    for (line, found) in lines(text, 1) {
        match (marker(found.text), &open) {
            (Some(Marker::Begin(label)), None) => {
                let body = &text[found.end..];
                open = Some(Open { label, line, body });
            }
            (Some(Marker::End(label)), Some(block)) if label == block.label => {
                let length = block.body.len() - (text.len() - found.start);
                blocks.push(block.decode(length, line)?);
                open = None;
            }
            (Some(Marker::End(found)), Some(block)) => {
                let label = block.label.clone();
                return Err(PemError::WrongEnd { line, label, found });
            }
            (Some(Marker::End(label)), None) => return Err(PemError::StrayEnd { line, label }),
            (Some(Marker::Begin(_)), Some(_)) => break,
            (None, None) if found.text.trim_ascii_start().starts_with(b"-----BEGIN ") => {
                return Err(PemError::Indented { line });
            }
            (None, _) => {}
        }
    }
    match open {
        Some(Open { line, label, .. }) => Err(PemError::Unterminated { line, label }),
        None => Ok(blocks),
    }
}

/// Reads every certificate, in the order of the text; blocks of other kinds are skipped.
///
/// # Errors
///
/// As [`decode`], and where a certificate does not parse or there is none.
pub fn decode_certificates(text: &[u8]) -> Result<Vec<Certificate>, PemError> {
    let blocks = decode(text)?;
    let mut certificates = Vec::new();
    for block in &blocks {
        if CERTIFICATE_LABELS.contains(&block.label.as_str()) {
            certificates.push(certificate(block)?);
        }
    }
    match certificates.is_empty() {
        true => Err(no_certificate(blocks)),
        false => Ok(certificates),
    }
}

/// Reads the certificate of a block that is labelled so.
pub(super) fn certificate(block: &Block) -> Result<Certificate, PemError> {
    let line = block.line;
    let certificate = Certificate::from_der(block.contents.to_vec());
    certificate.map_err(|source| PemError::Certificate { line, source })
}

/// That no block is labelled as a certificate.
pub(super) fn no_certificate(blocks: Vec<Block>) -> PemError {
    let labels: BTreeSet<_> = blocks.into_iter().map(|block| block.label).collect();
    let labels: Vec<_> = labels.into_iter().take(MAX_LABELS).collect();
    match labels.is_empty() {
        true => PemError::NoBlock,
        false => PemError::NoCertificate { labels },
    }
}

/// Labels that a message names.
const MAX_LABELS: usize = 5;

/// A block whose `END` line was not seen yet.
///
/// Its lines are found again when they are decoded: keeping them would take many times their own memory.
struct Open<'a> {
    label: String,
    line: usize,
    /// All that follows the `BEGIN` line
    body: &'a [u8],
}

impl Open<'_> {
    /// `length` is where the `END` line begins in the body, `end` its number.
    fn decode(&self, length: usize, end: usize) -> Result<Block, PemError> {
        let body = &self.body[..length];
        let headers = headers(body);
        let first = self.line + 1 + lines(&body[..headers], 1).count();
        let text = &body[headers..];
        let numbered = lines(text, first).map(|(number, line)| (number, line.text));
        Ok(Block {
            label: self.label.clone(),
            line: self.line,
            headers: String::from_utf8_lossy(&body[..headers]).into_owned(),
            contents: base64::decode(numbered, text.len(), end)?,
        })
    }
}

/// How many octets of a body are headers: a colon is not base64, and the lines with one, and those that
/// continue them, go on to a blank line.
fn headers(body: &[u8]) -> usize {
    let mut lines = lines(body, 1).map(|(_, line)| line);
    if !lines.next().is_some_and(|first| first.text.contains(&b':')) {
        return 0;
    }
    let blank = lines.find(|line| line.text.is_empty());
    blank.map_or(body.len(), |blank| blank.start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn faults_name_their_line() {
        let label = || String::from("A");
        for (name, text, expected) in [
            ("nothing", "", Ok(0)),
            ("only text", "hello\n-----\n", Ok(0)),
            ("one", "-----BEGIN A-----\nAAAA\n-----END A-----\n", Ok(1)),
            (
                "no last line feed",
                "-----BEGIN A-----\nAAAA\n-----END A-----",
                Ok(1),
            ),
            (
                "CRLF",
                "x\r\n-----BEGIN A-----\r\nAA\r\nAA\r\n-----END A-----\r\n",
                Ok(1),
            ),
            (
                "BOM",
                "\u{feff}-----BEGIN A-----\nAA==\n-----END A-----",
                Ok(1),
            ),
            (
                "two with text",
                "-----BEGIN A-----\nAAA=\n-----END A-----\nsubject: B\n-----BEGIN A-----\nAAAA\n-----END A-----",
                Ok(2),
            ),
            (
                "headers",
                "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,1\n\nAAAA\n-----END A-----",
                Ok(1),
            ),
            (
                "indented",
                "key: |\n  -----BEGIN A-----\n  AAAA\n  -----END A-----",
                Err(PemError::Indented { line: 2 }),
            ),
            (
                "no end",
                "x\n-----BEGIN A-----\nAAAA\n",
                Err(PemError::Unterminated {
                    line: 2,
                    label: label(),
                }),
            ),
            (
                "next begins",
                "-----BEGIN A-----\nAAAA\n-----BEGIN A-----\nAAAA\n-----END A-----",
                Err(PemError::Unterminated {
                    line: 1,
                    label: label(),
                }),
            ),
            (
                "other end",
                "-----BEGIN A-----\nAAAA\n-----END B-----",
                Err(PemError::WrongEnd {
                    line: 3,
                    label: label(),
                    found: "B".into(),
                }),
            ),
            (
                "stray end",
                "AAAA\n-----END A-----",
                Err(PemError::StrayEnd {
                    line: 2,
                    label: label(),
                }),
            ),
        ] {
            let found = decode(text.as_bytes()).map(|blocks| blocks.len());
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn a_text_without_certificates_says_what_it_holds() {
        let key = encode("PRIVATE KEY", b"secret");
        let labels = vec![String::from("PRIVATE KEY")];
        for (name, text, expected) in [
            ("nothing", "", PemError::NoBlock),
            ("a key", &key, PemError::NoCertificate { labels }),
        ] {
            let found = decode_certificates(text.as_bytes());
            assert_eq!(found, Err(expected), "{name}");
        }
        let block = decode(key.as_bytes()).expect("just encoded").remove(0);
        assert_eq!(block.contents.as_slice(), b"secret");
        assert_eq!(
            format!("{block:?}"),
            r#"Block { label: "PRIVATE KEY", line: 1, .. }"#
        );
    }

    #[test]
    fn encoding_is_what_openssl_writes() {
        for (der, expected) in [
            (
                &[0xfb, 0xff][..],
                "-----BEGIN X-----\n+/8=\n-----END X-----\n",
            ),
            (b"", "-----BEGIN X-----\n-----END X-----\n"),
            (b"a", "-----BEGIN X-----\nYQ==\n-----END X-----\n"),
        ] {
            assert_eq!(encode("X", der), expected);
            assert_eq!(*encode_secret("X", der), expected);
        }
        let text = encode("X", &[0; 49]);
        assert_eq!(text.lines().nth(1).map(str::len), Some(64));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes(der in proptest::collection::vec(any::<u8>(), 1..300)) {
            let text = encode("X", &der) + &encode("Y Z", &der).replace('\n', "\r\n");
            let blocks = decode(text.as_bytes()).expect("well-formed");
            prop_assert_eq!(blocks.len(), 2);
            prop_assert!(blocks.iter().all(|block| *block.contents == der));
        }

        #[test]
        fn another_library_reads_and_writes_the_same(der in proptest::collection::vec(any::<u8>(), 1..300)) {
            let other = ::pem::Pem::new("PRIVATE KEY", der.clone());
            let config = ::pem::EncodeConfig::new().set_line_ending(::pem::LineEnding::LF);
            let text = encode_secret("PRIVATE KEY", &der);
            prop_assert_eq!(&*text, &::pem::encode_config(&other, config));
            prop_assert_eq!(::pem::parse(&*text), Ok(other));
        }

        #[test]
        fn no_text_panics(text in "(-----(BEGIN|END) [AB]-----|[A=: \n])*") {
            let _ = decode(text.as_bytes());
        }
    }
}
