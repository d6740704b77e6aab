//! The subject that `openssl req` would take from the file: it is not taken here, and so it is said.

use super::{
    Role,
    config::{Config, DEFAULT_SECTION},
    directory_name,
    request::Request,
    text::Text,
};
use crate::pki::octets::Name;

/// A subject that a file asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wish {
    /// The section in which it stands
    pub section: String,
    /// Exact DER of the Name; `None` where it cannot be read
    pub name: Option<Name>,
}

/// What `distinguished_name` in the section `req` names. Without `prompt = no` its values are questions.
pub(super) fn wish(config: &Config) -> Option<Wish> {
    let variable = |name: &str| {
        let found = config.variable("req", name);
        let found = found.or_else(|| config.variable(DEFAULT_SECTION, name));
        Some(found?.ok()?.as_word().as_str().to_owned())
    };
    if variable("prompt")? != "no" {
        return None;
    }
    let section = variable("distinguished_name")?;
    let text = Text::from_outside(&section);
    let request = Request::new(config, None, Role::Leaf);
    // Whether others are octets or UTF-8 is for `req` to know.
    let is_ascii = config
        .section(&section)?
        .iter()
        .all(|item| item.value.is_some_and(|value| value.as_str().is_ascii()));
    let name = directory_name::name(&request, text.as_word());
    let name = name.ok().filter(|_| is_ascii);
    Some(Wish { section, name })
}
