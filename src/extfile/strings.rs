//! Texts of an extfile as ASN.1 strings.

use super::{mistakes::Mistake, text::Word};
use crate::pki::string_type::StringType;

/// Writes `text`, which `word` stands for.
pub(super) fn write(
    string_type: StringType,
    word: Word<'_>,
    text: &str,
) -> Result<Vec<u8>, Mistake> {
    string_type.write(text).map_err(|foreign| {
        word.mistake(match foreign.character.is_ascii() {
            true => foreign.to_string(),
            false => format!("`{word}` has characters that {} lacks", string_type.name()),
        })
    })
}
