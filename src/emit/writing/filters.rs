//! The filters that templates and expressions may call.

use minijinja::{
    Environment, Error, ErrorKind,
    value::{Rest, Value},
};

use super::{
    parts,
    quote::{self, Refused},
};

/// What takes values apart, and what writes them in a language; nothing else may call a text written.
pub(super) fn add(environment: &mut Environment<'_>) {
    for name in ["safe", "escape", "e"] {
        environment.remove_filter(name);
    }
    for (name, filter) in parts::FILTERS {
        environment.add_filter(name, filter);
    }
    environment.add_filter("endpoint", parts::endpoint);
    environment.add_filter("octets", parts::octets);
    environment.add_filter("argument", |text: &str, dash: Option<&str>| {
        let argument = quote::argument(text, dash.unwrap_or("-"));
        argument.map_err(refusal)
    });
    environment.add_filter("without", |text: &str, parts: Rest<String>| {
        let text = quote::without(text, &parts).map_err(refusal)?;
        Ok::<_, Error>(text.to_owned())
    });
    for (name, filter) in quote::FILTERS {
        environment.add_filter(name, move |text: &str| written(filter(text)));
    }
    for (name, literal) in quote::LITERALS {
        environment.add_filter(name, move |text: &str| {
            Value::from_safe_string(literal(text))
        });
    }
    environment.add_filter("quoted", |text: &str, parts: Rest<String>| {
        written(quote::quoted(text, &parts))
    });
    environment.add_filter("line", |text: &str, forbidden: Rest<String>| {
        written(quote::line(text, &forbidden))
    });
}

fn written(text: Result<String, Refused>) -> Result<Value, Error> {
    text.map(Value::from_safe_string).map_err(refusal)
}

fn refusal(refused: Refused) -> Error {
    Error::new(ErrorKind::InvalidOperation, refused.to_string()).with_source(refused)
}
