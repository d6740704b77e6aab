//! Values that stand in many extensions: truth, numbers, octets.

use x509_parser::num_bigint::{BigInt, BigUint, Sign};

use super::{
    mistakes::Mistake,
    text::{Item, Word},
};
use crate::pki::der;

/// More digits than any number in a certificate has; reading them takes time that grows with the square.
const MAX_DIGITS: usize = 1000;

/// Reads a decimal number, or a hexadecimal one behind `0x`, with or without `-`.
pub(super) fn integer(word: Word<'_>) -> Result<BigInt, Mistake> {
    let text = word.as_str();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (Sign::Minus, digits),
        None => (Sign::Plus, text),
    };
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let (radix, digits) = hexadecimal.map_or((10, digits), |digits| (16, digits));
    if digits.len() > MAX_DIGITS {
        return Err(word.mistake(format!("a number of more than {MAX_DIGITS} digits")));
    }
    // The crate takes signs and `_` among the digits.
    let are_digits = digits.chars().all(|digit| digit.is_digit(radix));
    let magnitude = BigUint::parse_bytes(digits.as_bytes(), radix).filter(|_| are_digits);
    let magnitude = magnitude.ok_or_else(|| not_a_number(word))?;
    Ok(BigInt::from_biguint(sign, magnitude))
}

fn not_a_number(word: Word<'_>) -> Mistake {
    word.mistake(format!("`{word}` is not a number"))
}

/// Reads the value of an item as an INTEGER that may not be negative, and writes it.
pub(super) fn count(item: &Item<'_>) -> Result<Vec<u8>, Mistake> {
    natural(item.value()?)
}

/// Reads an INTEGER that may not be negative, and writes it.
pub(super) fn natural(word: Word<'_>) -> Result<Vec<u8>, Mistake> {
    let integer = integer(word)?;
    match integer.sign() {
        Sign::Minus => Err(word.mistake(format!("`{word}` is below zero"))),
        Sign::NoSign | Sign::Plus => Ok(der::integer(&integer.magnitude().to_bytes_be())),
    }
}

/// Reads `TRUE`, `yes`, `n` and the like.
pub(super) fn boolean(word: Word<'_>) -> Result<bool, Mistake> {
    match word.as_str() {
        "TRUE" | "true" | "Y" | "y" | "YES" | "yes" => Ok(true),
        "FALSE" | "false" | "N" | "n" | "NO" | "no" => Ok(false),
        _ => Err(word
            .mistake(format!("`{word}` is neither true nor false"))
            .hint("write `TRUE` or `FALSE`")),
    }
}

/// Reads octets in hexadecimal; colons may stand between them.
pub(super) fn hexadecimal(word: Word<'_>) -> Result<Vec<u8>, Mistake> {
    let mut octets = Vec::new();
    let mut digits = word.as_str().chars();
    while let Some(first) = digits.next() {
        if first == ':' {
            continue;
        }
        let low = digits.next().and_then(|digit| digit.to_digit(16));
        let octet = first
            .to_digit(16)
            .zip(low)
            .map(|(high, low)| high << 4 | low);
        let octet = octet.and_then(|octet| u8::try_from(octet).ok());
        octets.push(octet.ok_or_else(|| not_hexadecimal(word))?);
    }
    if octets.is_empty() {
        return Err(not_hexadecimal(word));
    }
    Ok(octets)
}

fn not_hexadecimal(word: Word<'_>) -> Mistake {
    let message = match word.is_empty() {
        true => String::from("no octets stand here"),
        false => format!("`{word}` is not hexadecimal"),
    };
    word.mistake(message)
        .hint("write two digits an octet: `0a1b2c` or `0a:1b:2c`")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{mistakes::Position, text::Text},
        *,
    };

    fn text(content: &str) -> Text {
        let mut text = Text::default();
        text.push_variable(content, Position::default());
        text
    }

    #[test]
    fn integers_are_in_twos_complement() {
        for (number, expected) in [
            ("0", Some(&[0][..])),
            ("-0", Some(&[0])),
            ("127", Some(&[0x7f])),
            ("128", Some(&[0, 0x80])),
            ("256", Some(&[1, 0])),
            ("-1", Some(&[0xff])),
            ("-128", Some(&[0x80])),
            ("-129", Some(&[0xff, 0x7f])),
            ("-256", Some(&[0xff, 0])),
            ("0x0102", Some(&[1, 2])),
            ("-0XfF", Some(&[0xff, 1])),
            ("0x123", Some(&[1, 0x23])),
            ("18446744073709551616", Some(&[1, 0, 0, 0, 0, 0, 0, 0, 0])),
            ("", None),
            ("0x", None),
            ("--1", None),
            ("+1", None),
            ("1a", None),
            ("1_000", None),
            ("-+1", None),
            ("0x-1", None),
        ] {
            let text = text(number);
            let found = integer(text.as_word()).ok();
            let found = found.map(|integer| integer.to_signed_bytes_be());
            assert_eq!(found.as_deref(), expected, "{number}");
        }
    }

    #[test]
    fn hexadecimal_takes_colons_between_octets() {
        for (digits, expected) in [
            ("0a:1B", Some(&[0x0a, 0x1b][..])),
            ("0a1b:", Some(&[0x0a, 0x1b])),
            ("", None),
            (":", None),
            ("a", None),
            ("0:a", None),
            ("0a 1b", None),
            ("zz", None),
        ] {
            let found = hexadecimal(text(digits).as_word()).ok();
            assert_eq!(found.as_deref(), expected, "{digits}");
        }
    }
}
