//! What people and programs see of a command: its results, its errors with their codes and exit statuses, its
//! questions and its progress.

pub(crate) mod codes;
pub(crate) mod errors;
pub(crate) mod findings;
mod format;
pub(crate) mod listed;
pub(crate) mod probed;
mod progress;
mod prompt;
pub(crate) mod proven;
pub(crate) mod report;
pub(crate) mod rotating;
pub(crate) mod rows;
pub(crate) mod table;
pub(crate) mod times;
pub(crate) mod ui;

pub use report::Report;
