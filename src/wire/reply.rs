//! What a server answers to a ClientHello: its choice, or an alert. Nothing behind it is looked at.

use super::Version;

/// The answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Reply {
    /// An alert, by its number
    Alert(u8),
    /// It goes on with this
    Chosen(Chosen),
    /// Something else than TLS
    Other,
}

/// What a ServerHello or a HelloRetryRequest says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Chosen {
    /// The version of TLS; `None` for one that nobody knows
    pub(super) version: Option<Version>,
    /// The group that a share is asked of
    pub(super) group: Option<u16>,
    /// Whether it asks for another ClientHello
    pub(super) is_retry: bool,
}

/// Records are at most this long (RFC 8446 §5.2, and what older ones added).
const MAX_RECORD: usize = (1 << 14) + 2048;

/// SHA-256 of "HelloRetryRequest": the random that marks one (RFC 8446 §4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Reads the beginning of what a server sent; `None` where more must come first.
pub(super) fn read(octets: &[u8]) -> Option<Reply> {
    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;
    let mut message = Vec::new();
    let mut rest = octets;
    loop {
        let [kind, major, _, high, low, after @ ..] = rest else {
            return match is_like_tls(rest) {
                true => None,
                false => Some(Reply::Other),
            };
        };
        let length = usize::from(*high) << 8 | usize::from(*low);
        if *major != 3 || length > MAX_RECORD || length == 0 {
            return Some(Reply::Other);
        }
        let content = after.get(..length.min(after.len())).unwrap_or_default();
        match *kind {
            ALERT if message.is_empty() => {
                return match content {
                    [_, number, ..] => Some(Reply::Alert(*number)),
                    _ => None,
                };
            }
            HANDSHAKE => message.extend(content),
            _ => return Some(Reply::Other),
        }
        if let Some(reply) = hello(&message) {
            return Some(reply);
        }
        rest = after.get(length..)?;
    }
}

/// Whether a record may begin so.
pub(super) fn is_like_tls(octets: &[u8]) -> bool {
    match octets {
        [] => true,
        [kind] => matches!(kind, 21 | 22),
        [kind, major, ..] => matches!(kind, 21 | 22) && *major == 3,
    }
}

/// Reads a ServerHello; `None` where it is not whole.
fn hello(message: &[u8]) -> Option<Reply> {
    const SERVER_HELLO: u8 = 2;
    let [kind, length @ ..] = message else {
        return None;
    };
    if *kind != SERVER_HELLO {
        return Some(Reply::Other);
    }
    let [a, b, c, body @ ..] = length else {
        return None;
    };
    let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
    if length > MAX_RECORD {
        return Some(Reply::Other);
    }
    let body = body.get(..length)?;
    Some(chosen(body).map_or(Reply::Other, Reply::Chosen))
}

fn chosen(body: &[u8]) -> Option<Chosen> {
    let (version, rest) = number(body)?;
    let (random, rest) = rest.split_at_checked(32)?;
    let (session, rest) = rest.split_first()?;
    let rest = rest.get(usize::from(*session)..)?;
    // Cipher suite and compression
    let rest = rest.get(3..)?;
    let mut found = Chosen {
        version: Version::of_number(version),
        group: None,
        is_retry: random == RETRY,
    };
    if rest.is_empty() {
        return Some(found);
    }
    let (length, mut rest) = number(rest)?;
    if rest.len() != usize::from(length) {
        return None;
    }
    while !rest.is_empty() {
        let (kind, after) = number(rest)?;
        let (length, after) = number(after)?;
        let (content, after) = after.split_at_checked(usize::from(length))?;
        match kind {
            0x002b => found.version = Version::of_number(number(content)?.0),
            0x0033 => found.group = Some(number(content)?.0),
            _ => {}
        }
        rest = after;
    }
    Some(found)
}

fn number(octets: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = octets.split_first_chunk()?;
    Some((u16::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ServerHello in its record, with these extensions.
    fn record(version: u16, random: [u8; 32], extensions: &[u8]) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend(random);
        body.extend([0, 0x13, 0x01, 0]);
        if !extensions.is_empty() {
            body.extend(
                u16::try_from(extensions.len())
                    .expect("short")
                    .to_be_bytes(),
            );
            body.extend(extensions);
        }
        let mut message = vec![2, 0];
        message.extend(u16::try_from(body.len()).expect("short").to_be_bytes());
        message.extend(body);
        let mut record = vec![22, 3, 3];
        record.extend(u16::try_from(message.len()).expect("short").to_be_bytes());
        record.extend(message);
        record
    }

    fn chose(version: Version, group: Option<u16>, is_retry: bool) -> Reply {
        let version = Some(version);
        Reply::Chosen(Chosen {
            version,
            group,
            is_retry,
        })
    }

    #[test]
    fn choices_are_read() {
        let retry = record(
            0x0303,
            RETRY,
            b"\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02\x11\xec",
        );
        assert_eq!(
            read(&retry),
            Some(chose(Version::Tls13, Some(0x11ec), true))
        );
        assert_eq!(
            read(&record(0x0302, [1; 32], b"")),
            Some(chose(Version::Tls11, None, false))
        );
        assert_eq!(
            read(&record(0x0300, [1; 32], b"")),
            Some(chose(Version::Ssl3, None, false))
        );
        // In pieces, as any server may send it.
        let whole = record(0x0303, [1; 32], b"\x00\x17\x00\x00");
        let message = &whole[5..];
        let pieces: Vec<u8> = message
            .chunks(7)
            .flat_map(|piece| {
                [&[22, 3, 3, 0, u8::try_from(piece.len()).expect("7")], piece].concat()
            })
            .collect();
        assert_eq!(read(&pieces), Some(chose(Version::Tls12, None, false)));
    }

    #[test]
    fn nothing_is_said_before_all_is_there() {
        let whole = record(0x0303, [1; 32], b"\x00\x17\x00\x00");
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), None, "{length}");
        }
    }

    #[test]
    fn all_else_is_none() {
        for (octets, expected) in [
            (&b"\x15\x03\x01\x00\x02\x02\x46"[..], Some(Reply::Alert(70))),
            (b"\x15\x03\x01\x00\x02\x02", None),
            (b"HTTP/1.1 400 Bad Request", Some(Reply::Other)),
            (b"H", Some(Reply::Other)),
            (b"-ERR", Some(Reply::Other)),
            (b"\x16\x03\x03\xff\xff", Some(Reply::Other)),
            (b"\x16\x03\x03\x00\x00\x16", Some(Reply::Other)),
            (b"\x16\x03\x03\x00\x01\x0b", Some(Reply::Other)),
            (b"\x16\x03\x03\x00\x04\x02\xff\xff\xff", Some(Reply::Other)),
            (
                b"\x16\x03\x03\x00\x06\x02\x00\x00\x02\x03\x03",
                Some(Reply::Other),
            ),
            (b"\x17\x03\x03\x00\x01\x00", Some(Reply::Other)),
        ] {
            assert_eq!(read(octets), expected, "{octets:?}");
        }
    }
}
