//! What is not read, and what is not as the server reads it.

use std::path::PathBuf;

use super::Position;

/// Why something that is to be included is not read.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Reason {
    /// It is being read already
    Cycle,
    /// Too many files, too deep or too long
    Limit,
    /// Nothing is there
    Missing,
    /// It is no directory, and nothing else can be included
    NoDirectory,
    /// It is a directory, a device or the like
    NoFile,
    /// Where it is depends on how the server is started; it may have been read all the same
    Relative,
    /// In the system's words
    Unreadable(String),
    /// Its path holds a variable
    Variable,
}

/// An option that includes something, and what came in the way.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Obstacle {
    /// Where the option is
    pub position: Position,
    /// What was to be read
    pub path: PathBuf,
    /// What came in the way
    pub reason: Reason,
}

/// A place where a file is not what the server reads.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Blunder {
    /// Where
    pub position: Position,
    /// What is wrong there
    pub message: &'static str,
}
