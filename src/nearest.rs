//! Which known word a mistyped one was meant to be.

/// Most slips that a word may have; in short words one for every three characters.
const MAX_DISTANCE: usize = 2;

/// Most words that one is compared with: where there are more, the nearest is a matter of luck.
const MAX_KNOWN: usize = 3000;

/// Longest word that is taken apart: nobody's names are longer, and what is no word may be as long as a file.
const MAX_LENGTH: usize = 128;

/// The known word of which this is a slip of the pen, `-` for `_` not counted. Where both have as many parts, each is one of its counterpart:
/// `ws` is no slip of `ssl`, however much stands around them.
#[must_use]
pub fn misspelt<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |word: &str| word.to_ascii_lowercase().replace('-', "_");
    let word = plain(word);
    let slips = |known: &'a str| {
        let small = plain(known);
        let slips = slips(&word, &small)?;
        has_like_parts(&word, &small).then_some((slips, known))
    };
    let known = known.into_iter().take(MAX_KNOWN).filter_map(slips);
    known.min_by_key(|&(slips, _)| slips).map(|(_, near)| near)
}

/// The known word that may be meant, to be suggested and no more: one that was mistyped or written with
/// other signs (`key-compromise`), or of which this is a part or has a part too many (`compromise`, `san_x`).
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let is_short = |word: &str| word.len() <= MAX_LENGTH;
    let given = parts(Some(word).filter(|word| is_short(word))?);
    let known = known.into_iter().take(MAX_KNOWN);
    let rated = known.filter(|known| is_short(known)).filter_map(|known| {
        let parts = parts(known);
        Some(((unlikeness(&given, &parts)?, parts.len()), known))
    });
    rated.min_by_key(|&(rate, _)| rate).map(|(_, near)| near)
}

/// How unlike two words are, by their parts; `None` where they are others.
fn unlikeness(given: &[&str], known: &[&str]) -> Option<usize> {
    let (few, many) = match given.len() < known.len() {
        true => (given, known),
        false => (known, given),
    };
    // In a word of many parts one that is known is there by chance.
    if few.is_empty() || 2 * known.len() < given.len() {
        return None;
    }
    let is_same = |part: (&&str, &&str)| part.0.len() > 1 && part.0.eq_ignore_ascii_case(part.1);
    let are_same = |window: &[&str]| window.iter().zip(few).all(is_same);
    let are_like = |part: &&str| few.len() == 1 && is_like(part, few[0]);
    let by_parts = match many.windows(few.len()).any(are_same) {
        true => Some(3),
        false => many.iter().any(are_like).then_some(5),
    };
    let by_slips = joined_slips(given, known).map(|slips| 2 * slips);
    by_slips.into_iter().chain(by_parts).min()
}

/// How many slips there are besides the signs between the parts.
fn joined_slips(given: &[&str], known: &[&str]) -> Option<usize> {
    let length = |parts: &[&str]| parts.iter().map(|part| part.len()).sum::<usize>();
    let is_far = length(given).abs_diff(length(known)) > MAX_DISTANCE;
    let joined = |parts: &[&str]| parts.concat().to_ascii_lowercase();
    (!is_far).then(|| slips(&joined(given), &joined(known)))?
}

/// Short parts say too little to be mistyped.
fn is_like(one: &str, other: &str) -> bool {
    let is_long = one.len().min(other.len()) > 5;
    let is_near = one.len().abs_diff(other.len()) <= MAX_DISTANCE;
    is_long && is_near && slips(&one.to_ascii_lowercase(), &other.to_ascii_lowercase()).is_some()
}

/// How many slips make one word another, both in small letters; `None` where too many.
fn slips(word: &str, known: &str) -> Option<usize> {
    if known.len().abs_diff(word.len()) > MAX_DISTANCE {
        return None;
    }
    let slips = strsim::damerau_levenshtein(word, known);
    (slips <= MAX_DISTANCE && 3 * slips <= known.len()).then_some(slips)
}

/// Whether each part of two words is a slip of the other's, or they are parted in another way.
fn has_like_parts(word: &str, known: &str) -> bool {
    let is_sign = |it: char| "._-".contains(it);
    let is_like = |(one, other): (&str, &str)| {
        3 * strsim::damerau_levenshtein(one, other) <= one.len().max(other.len())
    };
    let (words, others) = (word.split(is_sign), known.split(is_sign));
    words.clone().count() != others.clone().count() || words.zip(others).all(is_like)
}

/// The parts of a word: `key` and `Compromise` of `keyCompromise`, `key` and `compromise` of `key_compromise`.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut was_small) = (0, false);
    for (index, character) in word.char_indices() {
        if !character.is_alphanumeric() {
            parts.push(&word[start..index]);
            start = index + character.len_utf8();
        } else if character.is_ascii_uppercase() && was_small {
            parts.push(&word[start..index]);
            start = index;
        }
        was_small = character.is_ascii_lowercase() || character.is_ascii_digit();
    }
    parts.push(&word[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_word_is_meant() {
        let known = ["subjectAltName", "keyUsage", "name", "http", "DNS", "IP"];
        for (word, expected) in [
            ("subjectAltNames", Some("subjectAltName")),
            ("SubjectAltname", Some("subjectAltName")),
            ("keyusage", Some("keyUsage")),
            ("keyUasge", Some("keyUsage")),
            ("https", Some("http")),
            ("dns", Some("DNS")),
            ("DSN", Some("DNS")),
            ("ip", Some("IP")),
            ("CN", None),
            ("nope", None),
            ("basicConstraints", None),
            ("", None),
        ] {
            assert_eq!(misspelt(word, known), expected, "{word}");
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }

    #[test]
    fn a_slip_is_in_a_part_that_is_long_enough() {
        for (word, known, expected) in [
            ("ssl_cert_fle", "ssl_cert_file", true),
            ("tls-crt", "tls-cert", true),
            ("tls-kye-file", "tls-key-file", true),
            ("ss_lcert", "ssl_cert", true),
            ("sslcert", "ssl_cert", true),
            ("a-b.fail-if-no-peer", "a_b.fail_if_no_peer", true),
            ("auth_backends.7", "auth_backends.1", false),
            ("listeners.ws.a.enable", "listeners.ssl.a.enable", false),
            ("http.cors", "http.port", false),
            ("max_qos", "max_pid", false),
        ] {
            assert_eq!(misspelt(word, [known]).is_some(), expected, "{word}");
        }
    }

    #[test]
    fn a_part_of_a_word_suggests_it() {
        let known = [
            "unspecified",
            "keyCompromise",
            "cACompromise",
            "certificateHold",
            "san",
            "valid-for",
            "bind",
        ];
        for (word, expected) in [
            ("compromise", Some("keyCompromise")),
            ("COMPROMISED", Some("keyCompromise")),
            ("key-compromise", Some("keyCompromise")),
            ("Key Compromise", Some("keyCompromise")),
            ("ca_compromise", Some("cACompromise")),
            ("hold", Some("certificateHold")),
            ("san_x", Some("san")),
            ("sanX", Some("san")),
            ("x-san", Some("san")),
            ("validFor", Some("valid-for")),
            ("bind_x", Some("bind")),
            ("certificate-hold-x", Some("certificateHold")),
            ("sandbox", None),
            ("san_of_all", None),
            ("hole", None),
            ("binding", None),
            ("x", None),
            ("_", None),
            ("é", None),
            ("key_compromise_hold_x", Some("keyCompromise")),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(misspelt("san_x", known), None);
        let long = "san_".repeat(1 << 20);
        assert_eq!(nearest(&long, known), None);
        assert_eq!(nearest("san_x", [long.as_str()]), None);
    }
}
