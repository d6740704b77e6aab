//! What programs say of TLS: who refuses whom by it, what it means, and what decides between its causes.
//!
//! All of it is data of the templates: `explain/faults.toml` what can go wrong, `explain/alerts.toml` the
//! alerts, `explain/STACK.toml` and `SERVER/messages.toml` the words of each program.

mod book;
mod fault;
mod lines;
mod pattern;

pub use book::{Message, Messages, Proof};
pub use fault::{Cause, Direction, Fault, Refused};
pub use lines::{Reader, Sighting};
