//! `certctl-json(7)`: the fields of every document of `--json`, from the schemas.

use std::collections::BTreeMap;

use clap_mangen::roff::{Roff, bold, italic, roman};
use serde_json::Value;

use super::{schemas, section, title};

/// Words of a closed set that are listed; of more there is another page.
const LISTED: usize = 12;

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title(
        "certctl-json",
        "7",
        "documents that certctl prints with --json",
    );
    section(
        &mut page,
        "DESCRIPTION",
        "With --json every command prints one document, which names its schema. A document gets no fewer \
         fields, and none with another meaning, within a version of its schema; it may get more. Times are \
         RFC 3339 in UTC. `certctl man --json-schema NAME` prints the JSON Schema of one of these documents, \
         such as that of check.",
    );
    let documents: Vec<_> = schemas::all().iter().map(schemas::Schema::value).collect();
    let shared = shared(&documents);
    page.control("SH", ["DOCUMENTS"]);
    for document in &documents {
        let name = document["title"].as_str().unwrap_or_default();
        let writer = Writer {
            document,
            shared: &shared,
        };
        writer.object(&mut page, name, document);
    }
    page.control("SH", ["PARTS OF SEVERAL DOCUMENTS"]);
    for (name, (document, part)) in &shared {
        let writer = Writer {
            document,
            shared: &shared,
        };
        writer.object(&mut page, name, part);
    }
    section(
        &mut page,
        "SEE ALSO",
        "certctl(1), certctl-findings(7), certctl-man(1)",
    );
    page.to_roff()
}

/// Objects that several documents hold, with one of those.
type Shared<'d> = BTreeMap<&'d str, (&'d Value, &'d Value)>;

fn shared(documents: &[Value]) -> Shared<'_> {
    let (mut once, mut shared) = (BTreeMap::new(), BTreeMap::new());
    for document in documents {
        for (name, part) in document["$defs"].as_object().into_iter().flatten() {
            let is_object = part["type"] == "object";
            if is_object && once.insert(name.as_str(), part).is_some() {
                shared.insert(name.as_str(), (document, part));
            }
        }
    }
    shared
}

/// Writes what stands in one document.
struct Writer<'d> {
    document: &'d Value,
    shared: &'d Shared<'d>,
}

impl<'d> Writer<'d> {
    fn object(&self, page: &mut Roff, name: &str, object: &'d Value) {
        page.control("SS", [name]);
        if let Some(about) = object["description"].as_str() {
            page.text([roman(format!("{}.", about.trim_end_matches('.')))]);
        }
        self.fields(page, "", object);
    }

    /// One item for each field; those of parts that only this document has follow with their path.
    fn fields(&self, page: &mut Roff, path: &str, object: &'d Value) {
        let inside = self.inside(object);
        for (name, field) in properties(object) {
            if field["const"].is_string() || inside.is_some_and(|(_, part)| has(part, name)) {
                continue;
            }
            let path = format!("{path}{name}");
            page.control("TP", []);
            page.text([bold(path.as_str()), roman(": "), italic(self.takes(field))]);
            let about = field["description"].as_str().unwrap_or_default();
            page.text([roman(format!("{}.", about.trim_end_matches('.')))]);
            if let Some((infix, part)) = self.part(field) {
                self.fields(page, &format!("{path}{infix}"), part);
            }
        }
        if let Some((name, _)) = inside {
            fields_of(page, path, name);
        }
        for variant in object["oneOf"].as_array().into_iter().flatten() {
            let kind = variant["properties"]["kind"]["const"].as_str();
            page.control("PP", []);
            page.text([
                roman("Where "),
                bold(format!("{path}kind")),
                roman(" is "),
                bold(kind.unwrap_or_default()),
                roman(":"),
            ]);
            match name(variant).filter(|name| self.shared.contains_key(name)) {
                Some(name) => fields_of(page, path, name),
                None => self.fields(page, path, self.resolved(variant).unwrap_or(variant)),
            }
        }
    }

    /// The part of several documents whose fields are all among those of an object, and the same.
    fn inside(&self, object: &'d Value) -> Option<(&'d str, &'d Value)> {
        let parts = self.shared.iter().map(|(name, (_, part))| (*name, *part));
        let is_inside = |(_, part): &(&str, &Value)| {
            *part != object
                && properties(part)
                    .all(|(name, field)| object["properties"].get(name) == Some(field))
        };
        parts
            .filter(is_inside)
            .max_by_key(|(_, part)| properties(part).count())
    }

    /// The part that a field holds, and how a path goes on there; `None` where that stands elsewhere.
    fn part(&self, field: &'d Value) -> Option<(&'static str, &'d Value)> {
        let (infix, inner) = match (&field["items"], &field["additionalProperties"]) {
            (Value::Null, Value::Null) => (".", field),
            (Value::Null, values) => (".NAME.", values),
            (items, _) => ("[].", items),
        };
        let inner = not_null(inner);
        let part = self.resolved(inner)?;
        (part["type"] == "object" && !self.shared.contains_key(name(inner)?))
            .then_some((infix, part))
    }

    /// What a reference leads to.
    fn resolved(&self, value: &'d Value) -> Option<&'d Value> {
        self.document["$defs"].get(name(value)?)
    }

    /// What the value is, in words.
    fn takes(&self, field: &'d Value) -> String {
        let null = if is_nullable(field) { " or null" } else { "" };
        let field = not_null(field);
        let value = self.resolved(field).unwrap_or(field);
        if let (Some(items), "") = (field.get("items"), null) {
            let of = self.takes(items);
            let plural = if ["object", "string"].contains(&&*of) {
                "s"
            } else {
                ""
            };
            return format!("list of {of}{plural}");
        }
        if let (Some(name), true) = (name(field), value["type"] == "object") {
            let what = if self.shared.contains_key(name) {
                name
            } else {
                "object"
            };
            return format!("{what}{null}");
        }
        let consts = value["oneOf"]
            .as_array()
            .map(|all| all.iter().map(|it| &it["const"]).collect());
        let words: Option<Vec<_>> = value["enum"].as_array().map(|all| all.iter().collect());
        let words: Vec<_> = consts.or(words).unwrap_or_default();
        let words: Vec<_> = words.into_iter().filter_map(Value::as_str).collect();
        let what = match (&value["type"], &value["format"]) {
            _ if (1..=LISTED).contains(&words.len()) => words.join(", "),
            (_, Value::String(format)) if format == "date-time" => String::from("time"),
            (Value::Array(types), _) => types
                .first()
                .and_then(Value::as_str)
                .unwrap_or("value")
                .to_owned(),
            (Value::String(kind), _) => kind.clone(),
            _ => value["const"].to_string(),
        };
        format!("{what}{null}")
    }
}

fn properties(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object["properties"].as_object().into_iter().flatten()
}

fn has(part: &Value, name: &str) -> bool {
    part["properties"].get(name).is_some()
}

fn fields_of(page: &mut Roff, path: &str, name: &str) {
    page.control("TP", []);
    page.text([bold(format!("{path}\u{2026}")), roman(": "), italic(name)]);
    page.text([roman(format!("All fields of {name}, below."))]);
}

/// The name of the part that a value refers to.
fn name(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.strip_prefix("#/$defs/")
}

fn is_nullable(value: &Value) -> bool {
    let is_null = |value: &Value| *value == "null" || value["type"] == "null";
    let types = value["type"].as_array().into_iter().flatten();
    let choices = value["anyOf"].as_array().into_iter().flatten();
    types.chain(choices).any(is_null)
}

/// The choice that is not null.
fn not_null(value: &Value) -> &Value {
    let choices = value["anyOf"].as_array();
    let choice = choices.and_then(|all| all.iter().find(|choice| choice["type"] != "null"));
    choice.unwrap_or(value)
}
