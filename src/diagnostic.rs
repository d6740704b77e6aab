//! What is wrong in a text that somebody wrote, where, and what would mend it.

use std::fmt;

/// One thing wrong in a file.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Diagnostic {
    /// The file as it was named, or the one that it includes
    pub file: String,
    /// Counted from 1
    pub line: usize,
    /// Counted from 1, in characters
    pub column: usize,
    /// What is wrong
    pub message: String,
    /// What would mend it
    pub hint: Option<String>,
}

/// `file:line:column: message`, and the hint on a line of its own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            hint,
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")?;
        match hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong in a file, in the order of the text.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{diagnostic}")?;
        }
        Ok(())
    }
}
