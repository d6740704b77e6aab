//! Which known word a mistyped one was meant to be.

/// Most slips that a word may have; in short words one for every three characters.
const MAX_DISTANCE: usize = 2;

/// Most words that one is compared with: where there are more, the nearest is a matter of luck.
const MAX_KNOWN: usize = 3000;

/// The known word that is nearest, where one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&word, &known.to_ascii_lowercase());
    let (distance, near) = known
        .into_iter()
        .take(MAX_KNOWN)
        .filter(|known| known.len().abs_diff(word.len()) <= MAX_DISTANCE)
        .map(|known| (distance(known), known))
        .min_by_key(|&(distance, _)| distance)?;
    (distance <= MAX_DISTANCE && 3 * distance <= near.len()).then_some(near)
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
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
