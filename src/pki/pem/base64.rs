//! Base64 (RFC 4648 §4) of a block, by the base64 crate: written into one buffer, and read from numbered lines
//! into one, both of which are wiped.

use base64::{
    DecodeError, DecodeSliceError, Engine as _, engine::general_purpose::STANDARD as BASE64,
};
use zeroize::Zeroizing;

use super::PemError;

/// Writes octets as lines of 64 characters.
pub(super) fn encode(octets: &[u8], out: &mut String) {
    /// Octets that fill a line, and their characters
    const LINE: usize = 48;
    let mut line = Zeroizing::new([0; LINE / 3 * 4]);
    for octets in octets.chunks(LINE) {
        // A line holds whatever fills it.
        let length = BASE64.encode_slice(octets, &mut *line).unwrap_or_default();
        out.extend(line[..length].iter().copied().map(char::from));
        out.push('\n');
    }
}

/// How many octets [`encode`] writes.
pub(super) fn encoded_length(octets: usize) -> usize {
    octets.div_ceil(3) * 4 + octets.div_ceil(48)
}

/// Decodes numbered lines of any length; blanks are skipped, the pad bits must be zero.
///
/// `length` is that of all lines in octets, or more; `end` is the number of the line after the last.
pub(super) fn decode<'a>(
    lines: impl Iterator<Item = (usize, &'a [u8])> + Clone,
    length: usize,
    end: usize,
) -> Result<Zeroizing<Vec<u8>>, PemError> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    // Both reserved whole, so that no growth leaves a copy behind.
    let mut characters = Zeroizing::new(Vec::with_capacity(length));
    for (_, text) in lines.clone() {
        match text.iter().any(is_blank) {
            true => characters.extend(text.iter().filter(|byte| !is_blank(byte))),
            false => characters.extend_from_slice(text),
        }
    }
    let mut out = Zeroizing::new(vec![0; characters.len().div_ceil(4) * 3]);
    let length = match BASE64.decode_slice(&*characters, &mut out) {
        Ok(length @ 1..) => length,
        Err(DecodeSliceError::DecodeError(
            DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol { offset, .. },
        )) => {
            let places = lines.flat_map(|(line, text)| {
                let columns = (1..).zip(text).filter(|(_, byte)| !is_blank(byte));
                columns.map(move |(column, _)| (line, column))
            });
            let place = places.into_iter().nth(offset);
            let (line, column) = place.unwrap_or((end, 1));
            return Err(PemError::BadBase64 { line, column });
        }
        _ => return Err(PemError::CutOff { line: end }),
    };
    out.truncate(length);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_place() {
        let bad = |line, column| Err(PemError::BadBase64 { line, column });
        let cut_off = |line| Err(PemError::CutOff { line });
        for (name, lines, expected) in [
            ("whole", &["AQID"][..], Ok(&[1, 2, 3][..])),
            ("across lines", &["AQ", "ID", "BA", "=="], Ok(&[1, 2, 3, 4])),
            ("blanks", &["AQ ID", "\t"], Ok(&[1, 2, 3])),
            ("one pad", &["+/8="], Ok(&[0xfb, 0xff])),
            ("not base64", &["AAAA", "AA$A"], bad(2, 3)),
            ("after a blank", &["AAAA", "A A$A"], bad(2, 4)),
            ("URL alphabet", &["AA_A"], bad(1, 3)),
            ("after padding", &["AA==AAAA"], bad(1, 3)),
            ("inside padding", &["AA=A"], bad(1, 3)),
            ("padding first", &["=AAA"], bad(1, 1)),
            ("too much padding", &["A==="], bad(1, 2)),
            ("padding twice", &["AA==", "=="], bad(1, 3)),
            ("pad bits", &["AB=="], bad(1, 2)),
            ("cut off", &["AAAA", "AAA"], cut_off(3)),
            ("one character", &["AAAA", "A"], cut_off(3)),
            ("nothing", &[], cut_off(1)),
        ] {
            let length = lines.iter().map(|line| line.len()).sum();
            let numbered = (1..).zip(lines.iter().map(|line| line.as_bytes()));
            let found = decode(numbered, length, lines.len() + 1).map(|out| out.to_vec());
            assert_eq!(found, expected.map(<[u8]>::to_vec), "{name}");
        }
    }
}
