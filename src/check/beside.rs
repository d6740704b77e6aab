//! What is in the files that servers' options name besides certificates, keys and CRLs.

use crate::{emit::Holds, pki::parameters};

/// Lengths of a session ticket's key: name, HMAC and AES keys of 16 octets each, or the latter of 32.
const TICKET_KEY: [usize; 2] = [48, 80];

/// How many keys HAProxy turns about: the last, the current and the next one.
const LEAST_KEYS: usize = 3;

/// Reads what a server reads in a file: the length of a prime in bits, where it is one, or what is wrong.
pub(super) fn parse(holds: Holds, octets: &[u8]) -> Result<Option<usize>, String> {
    match holds {
        Holds::Parameters => {
            return parameters::bits(octets)
                .map(Some)
                .map_err(|error| error.to_string());
        }
        Holds::Response if !is_whole_sequence(octets) => {
            return Err(String::from("it is no OCSP response in DER"));
        }
        Holds::TicketKey if !TICKET_KEY.contains(&octets.len()) => {
            return Err(format!(
                "it has {} octets, and the key of session tickets has 48 or 80",
                octets.len()
            ));
        }
        Holds::TicketKeys => ticket_keys(octets)?,
        Holds::Identities => identities(octets)?,
        _ => {}
    }
    Ok(None)
}

/// Whether the octets are one SEQUENCE of DER, and nothing besides.
fn is_whole_sequence(octets: &[u8]) -> bool {
    let [0x30, length, rest @ ..] = octets else {
        return false;
    };
    let count = match length {
        0..0x80 => return rest.len() == usize::from(*length),
        _ => usize::from(length & 0x7f),
    };
    let Some((length, content)) = rest.split_at_checked(count) else {
        return false;
    };
    let length = length.iter().fold(0_usize, |sum, octet| {
        sum.saturating_mul(256).saturating_add(usize::from(*octet))
    });
    content.len() == length
}

/// Lines of base64, each a key and all of one length.
fn ticket_keys(octets: &[u8]) -> Result<(), String> {
    let text = str::from_utf8(octets).unwrap_or_default();
    let mut lengths = Vec::new();
    for (index, line) in text.lines().enumerate() {
        // Three octets are four characters, and padding stands for what is missing.
        let length = line.trim_end_matches('=').len() * 3 / 4;
        let is_base64 = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'=');
        if !TICKET_KEY.contains(&length) || !line.bytes().all(is_base64) {
            let line = index + 1;
            return Err(format!(
                "line {line}: it is no key of session tickets, 48 or 80 octets in base64"
            ));
        }
        lengths.push(length);
    }
    match lengths.first() {
        _ if lengths.len() < LEAST_KEYS => Err(format!(
            "{} keys of session tickets stand in it, and at least {LEAST_KEYS} are needed",
            lengths.len()
        )),
        Some(first) if lengths.iter().any(|it| it != first) => Err(String::from(
            "keys of session tickets of both lengths stand in it, and one is needed",
        )),
        _ => Ok(()),
    }
}

/// Lines of an identity, a colon and its key.
fn identities(octets: &[u8]) -> Result<(), String> {
    let text = str::from_utf8(octets).unwrap_or_default();
    let is_line = |line: &str| {
        line.split_once(':')
            .is_some_and(|(name, key)| !name.is_empty() && !key.is_empty())
    };
    let mut lines = text.lines();
    match lines.position(|line| !is_line(line)) {
        Some(index) => Err(format!(
            "line {}: it is no identity, colon and key",
            index + 1
        )),
        None if text.is_empty() => Err(String::from("there is no identity and key in it")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_read_there() {
        let (short, long) = ("A".repeat(64), "A".repeat(107) + "=");
        let both = format!("{short}\n{long}\n{short}\n");
        let (short, long) = (
            format!("{short}\n").repeat(3),
            format!("{long}\n").repeat(4),
        );
        for (holds, octets, is_good) in [
            (Holds::Response, b"\x30\x03\x0a\x01\x00".as_slice(), true),
            (Holds::Response, b"\x30\x81\x03\x0a\x01\x00", true),
            (Holds::Response, b"\x30\x81", false),
            (Holds::Response, b"\x30\x03\x0a\x01", false),
            (Holds::Response, b"-----BEGIN", false),
            (Holds::Response, b"", false),
            (Holds::TicketKey, &[7; 48], true),
            (Holds::TicketKey, &[7; 80], true),
            (Holds::TicketKey, &[7; 49], false),
            (Holds::TicketKeys, short.as_bytes(), true),
            (Holds::TicketKeys, long.as_bytes(), true),
            (Holds::TicketKeys, both.as_bytes(), false),
            (Holds::TicketKeys, &short.as_bytes()[..130], false),
            (Holds::Identities, b"a:b\n", true),
            (Holds::Identities, b"a:b\nc\n", false),
            (Holds::Identities, b"", false),
            (Holds::TicketKeys, b"", false),
            (Holds::TicketKeys, b"AAAA", false),
            (Holds::Text, b"", true),
        ] {
            let found = parse(holds, octets);
            assert_eq!(found.is_ok(), is_good, "{holds:?}: {octets:?}: {found:?}");
        }
    }
}
