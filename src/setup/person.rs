//! Who answers the questions of a setup.

use crate::emit::EmitError;

/// Who is asked.
pub trait Person {
    /// Why there is no answer
    type Error;

    /// Whether anybody is there.
    fn is_there(&self) -> bool;

    /// Says why something is asked, or what was wrong with an answer.
    fn hears(&self, text: &str, is_wrong: bool);

    /// The answer to a question with a usual answer.
    ///
    /// # Errors
    ///
    /// Where there is none.
    fn answers(&self, words: &str, usual: Option<&str>) -> Result<String, Self::Error>;
}

/// Why it is not known what is to be.
#[derive(Debug)]
pub enum Unanswered<E> {
    /// The server that was named, or all of them
    Emit(Vec<EmitError>),
    /// There is no server to choose from
    NoServer,
    /// Answers that are wrong, and options that would be answers where there is none
    Mistakes {
        /// What is wrong, in words
        mistakes: Vec<String>,
        /// The options
        missing: Vec<String>,
    },
    /// The person went away
    Person(E),
}

impl<E> From<Vec<EmitError>> for Unanswered<E> {
    fn from(errors: Vec<EmitError>) -> Self {
        Self::Emit(errors)
    }
}
