//! Base64 (RFC 4648 §4): written into one buffer, and read from numbered lines into one that is wiped.

use zeroize::Zeroizing;

use super::PemError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes octets as four characters for each three, padded at the end.
pub(super) fn encode(octets: &[u8], out: &mut String) {
    for group in octets.chunks(3) {
        let octet = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        let mut characters = [18, 12, 6, 0].map(|shift| ALPHABET[(bits >> shift & 63) as usize]);
        characters[group.len() + 1..].fill(b'=');
        out.extend(characters.map(char::from));
    }
}

/// Decodes numbered lines of any length; blanks are skipped, the pad bits must be zero.
///
/// `length` is that of all lines in octets, or more; `end` is the number of the line after the last.
pub(super) fn decode<'a>(
    lines: impl Iterator<Item = (usize, &'a [u8])>,
    length: usize,
    end: usize,
) -> Result<Zeroizing<Vec<u8>>, PemError> {
    // Reserved whole, so that no growth leaves a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(length / 4 * 3 + 3));
    let mut group = Group::default();
    for (line, text) in lines {
        for (column, &byte) in (1..).zip(text) {
            if !matches!(byte, b' ' | b'\t') && group.push(byte, &mut out).is_none() {
                return Err(PemError::BadBase64 { line, column });
            }
        }
    }
    if out.is_empty() || group.length != 0 {
        return Err(PemError::CutOff { line: end });
    }
    Ok(out)
}

/// Four characters that make three octets, fewer with padding.
#[derive(Default)]
struct Group {
    bits: u32,
    length: usize,
    padding: usize,
}

impl Group {
    /// Takes the next character, and writes the octets of a full group.
    fn push(&mut self, byte: u8, out: &mut Vec<u8>) -> Option<()> {
        let value = match sextet(byte) {
            Some(value) if self.padding == 0 => value,
            None if byte == b'=' && self.length >= 2 => {
                self.padding += 1;
                0
            }
            _ => return None,
        };
        self.bits = self.bits << 6 | value;
        self.length += 1;
        if self.length == 4 {
            let octets = self.bits.to_be_bytes();
            let (octets, pad) = octets[1..].split_at(3 - self.padding);
            out.extend_from_slice(octets);
            pad.iter().all(|&octet| octet == 0).then_some(())?;
            (self.bits, self.length) = (0, 0);
        }
        Some(())
    }
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_place() {
        let bad = |line, column| Err(PemError::BadBase64 { line, column });
        for (name, lines, expected) in [
            ("whole", &["AQID"][..], Ok(&[1, 2, 3][..])),
            ("across lines", &["AQ", "ID", "BA", "=="], Ok(&[1, 2, 3, 4])),
            ("blanks", &["AQ ID", "\t"], Ok(&[1, 2, 3])),
            ("one pad", &["+/8="], Ok(&[0xfb, 0xff])),
            ("not base64", &["AAAA", "AA$A"], bad(2, 3)),
            ("URL alphabet", &["AA_A"], bad(1, 3)),
            ("after padding", &["AA==AAAA"], bad(1, 5)),
            ("inside padding", &["AA=A"], bad(1, 4)),
            ("padding first", &["=AAA"], bad(1, 1)),
            ("too much padding", &["A==="], bad(1, 2)),
            ("padding twice", &["AA==", "=="], bad(2, 1)),
            ("pad bits", &["AB=="], bad(1, 4)),
            (
                "cut off",
                &["AAAA", "AAA"],
                Err(PemError::CutOff { line: 3 }),
            ),
            ("nothing", &[], Err(PemError::CutOff { line: 1 })),
        ] {
            let length = lines.iter().map(|line| line.len()).sum();
            let numbered = (1..).zip(lines.iter().map(|line| line.as_bytes()));
            let found = decode(numbered, length, lines.len() + 1).map(|out| out.to_vec());
            assert_eq!(found, expected.map(<[u8]>::to_vec), "{name}");
        }
    }
}
