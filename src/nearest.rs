//! Which known word a mistyped one was meant to be.

/// The known word that is nearest, where one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&word, &known.to_ascii_lowercase());
    let found = known.into_iter().map(|known| (distance(known), known));
    let (distance, near) = found.min_by_key(|&(distance, _)| distance)?;
    (distance <= 2 && distance < near.len().max(2) / 2 + 1).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_word_is_meant() {
        let known = ["cluster", "driver", "http"];
        for (word, expected) in [
            ("Cluster", Some("cluster")),
            ("drvier", Some("driver")),
            ("https", Some("http")),
            ("web", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
