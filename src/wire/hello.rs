//! ClientHellos made by hand (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2, RFC 6101 §5.6.1.2): for what rustls does not
//! speak, and is only asked about.

use super::Version;

/// X25519 with ML-KEM-768 (draft-ietf-tls-ecdhe-mlkem).
pub(super) const X25519_ML_KEM_768: u16 = 0x11ec;

/// The groups of usual clients, the hybrid not among them.
const GROUPS: [u16; 4] = [0x001d, 0x0017, 0x0018, 0x0019];

/// What servers may have taken in any year: AEAD, CBC, 3DES, RC4, with and without forward secrecy.
const OLD_CIPHERS: [u16; 26] = [
    0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9, 0x009e, 0x009f, 0xc009, 0xc00a, 0xc013, 0xc014,
    0xc023, 0xc027, 0x0033, 0x0039, 0x0067, 0x006b, 0x009c, 0x009d, 0x002f, 0x0035, 0x000a, 0xc012,
    0x0005, 0x0004,
];

/// The cipher suites of TLS 1.3.
const CIPHERS: [u16; 3] = [0x1301, 0x1302, 0x1303];

/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3): SSL 3.0 has no extensions that could say it.
const RENEGOTIATION: u16 = 0x00ff;

/// All that certificates may be signed with: nobody looks at the signature.
const SIGNATURES: [u16; 14] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203,
    0x0201, 0x0202,
];

/// A ClientHello in its record that offers `newest`, and for all but TLS 1.3 whatever is older.
pub(super) fn offering(newest: Version, name: Option<&str>, random: &[u8; 32]) -> Vec<u8> {
    let ciphers: Vec<u16> = OLD_CIPHERS.into_iter().chain([RENEGOTIATION]).collect();
    let extensions = match newest {
        Version::Ssl3 => None,
        _ => {
            let mut extensions = common(name, &GROUPS);
            // Uncompressed points (RFC 8422 §5.1.2).
            extensions.extend(extension(0x000b, &[1, 0]));
            if newest == Version::Tls12 {
                extensions.extend(extension(0x000d, &list(&SIGNATURES)));
            }
            Some(extensions)
        }
    };
    record(&body(newest, &ciphers, random, &[], extensions.as_deref()))
}

/// A ClientHello of TLS 1.3 that lists the hybrid first and brings no share for any group, so that the server
/// must name its choice in a HelloRetryRequest (RFC 8446 §4.1.4).
pub(super) fn asking_for_group(name: Option<&str>, random: &[u8; 32]) -> Vec<u8> {
    let groups: Vec<u16> = [X25519_ML_KEM_768].into_iter().chain(GROUPS).collect();
    let mut extensions = common(name, &groups);
    extensions.extend(extension(0x000d, &list(&SIGNATURES)));
    let versions = Version::Tls13.number().to_be_bytes();
    extensions.extend(extension(0x002b, &[2, versions[0], versions[1]]));
    // key_share with none in it
    extensions.extend(extension(0x0033, &[0, 0]));
    // Servers between us and it may want a session (RFC 8446 §D.4).
    record(&body(
        Version::Tls12,
        &CIPHERS,
        random,
        random,
        Some(&extensions),
    ))
}

fn common(name: Option<&str>, groups: &[u16]) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let Some(name) = name {
        // One entry of kind host_name (RFC 6066 §3).
        let entry = [&[0], &long(name.as_bytes())[..]].concat();
        extensions.extend(extension(0x0000, &long(&entry)));
    }
    extensions.extend(extension(0x000a, &list(groups)));
    extensions
}

fn body(
    version: Version,
    ciphers: &[u16],
    random: &[u8; 32],
    session: &[u8],
    extensions: Option<&[u8]>,
) -> Vec<u8> {
    let mut body = version.number().to_be_bytes().to_vec();
    body.extend(random);
    body.push(u8::try_from(session.len()).unwrap_or_default());
    body.extend(session);
    body.extend(list(ciphers));
    // No compression.
    body.extend([1, 0]);
    body.extend(extensions.map(long).unwrap_or_default());
    body
}

/// The record's version is no later than TLS 1.0: servers that know no better refuse others (RFC 8446 §5.1).
fn record(body: &[u8]) -> Vec<u8> {
    const HANDSHAKE: u8 = 22;
    const CLIENT_HELLO: u8 = 1;
    let is_ssl3 = body.get(1) == Some(&0);
    let message = [&[CLIENT_HELLO, 0], &long(body)[..]].concat();
    [&[HANDSHAKE, 3, u8::from(!is_ssl3)], &long(&message)[..]].concat()
}

fn extension(number: u16, content: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes(), &long(content)[..]].concat()
}

/// Behind its length in two octets; all that is made here is shorter than that can say.
fn long(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), content].concat()
}

fn list(numbers: &[u16]) -> Vec<u8> {
    let octets: Vec<u8> = numbers.iter().flat_map(|it| it.to_be_bytes()).collect();
    long(&octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hellos_are_as_long_as_they_say() {
        for name in [None, Some("node1.db.test")] {
            let offered = Version::ALL[..4]
                .iter()
                .map(|it| offering(*it, name, &[7; 32]));
            for hello in offered.chain([asking_for_group(name, &[7; 32])]) {
                let at = |index: usize| usize::from(hello[index]);
                assert_eq!((at(0), at(1)), (22, 3));
                assert_eq!(at(3) << 8 | at(4), hello.len() - 5, "the record");
                assert_eq!(at(7) << 8 | at(8), hello.len() - 9, "the message");
            }
        }
    }

    #[test]
    fn versions_are_those_asked_for() {
        for (version, record, number) in [
            (Version::Ssl3, 0, 0),
            (Version::Tls10, 1, 1),
            (Version::Tls11, 1, 2),
            (Version::Tls12, 1, 3),
        ] {
            let hello = offering(version, Some("a"), &[0; 32]);
            assert_eq!((hello[2], hello[10]), (record, number), "{version}");
        }
        let hello = asking_for_group(None, &[0; 32]);
        assert!(hello.windows(2).any(|it| it == [0x11, 0xec]));
    }
}
