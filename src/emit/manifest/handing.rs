//! Which values a server hands on to OpenSSL, and what that makes of them.

use super::{
    Manifest,
    openssl::{Handed, Heard},
};
use crate::emit::syntax::{Found, Shape};

impl Manifest {
    /// What OpenSSL makes of an option's value; nothing where it does not read it, or where that depends on what
    /// the server runs with.
    #[must_use]
    pub fn heard(&self, option: &Found) -> Option<Heard> {
        let mut handed = self.handed.iter();
        let is_meant = |it: &&Handed| it.options.iter().any(|it| *it.get_ref() == option.name);
        let handed = handed.find(is_meant)?;
        let variable = self.paths.variable.as_ref();
        let is_chosen = variable.is_some_and(|mark| option.value.contains(mark));
        let is_two = matches!(option.shape, Shape::Words { count: 2, .. });
        match () {
            // Of a value whose end is not known, and of one that is missing, others tell.
            () if matches!(option.shape, Shape::Unbalanced | Shape::Valueless) => None,
            () if is_chosen && !option.literal => None,
            () if handed.closed && is_two && !handed.begins(&option.value) => Some(Heard::Refused(
                "the first of two words is none that it takes there",
            )),
            () => Some(handed.heard(&option.value)),
        }
    }
}
