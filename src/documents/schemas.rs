//! The JSON Schemas in man/schema/ are those of the types that are serialised.

use std::path::Path;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV, data::DataFormat};

use crate::{
    documents::{self, entries::Entries},
    manual::schemas::all,
    terminal,
};

/// Whether a command that prints the document takes `--dry-run`.
#[derive(Clone, Copy, PartialEq)]
enum Plans {
    Never,
    Sometimes,
}
use Plans::{Never, Sometimes};

fn schema<T: JsonSchema>(name: &str, about: &str, plans: Plans) -> (String, String) {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    let title = format!("certctl/{name}/v1");
    schema.insert("title".to_owned(), json!(title));
    schema.insert("description".to_owned(), json!(about));
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    let properties = properties.expect("an object");
    properties.insert("schema".to_owned(), json!({ "const": title }));
    if plans == Sometimes {
        let dry_run =
            json!({ "const": true, "description": "There with `--dry-run`: nothing was changed" });
        properties.insert("dry_run".to_owned(), dry_run);
    }
    let schema = in_json_s_words(schema.to_value());
    let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
    (name.to_owned(), text)
}

/// Without what only Rust knows.
fn in_json_s_words(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(object) => {
            if object
                .get("format")
                .and_then(Value::as_str)
                .is_some_and(|format| format.contains("int"))
            {
                object.remove("format");
            }
            for value in object.values_mut() {
                *value = in_json_s_words(value.take());
            }
        }
        Value::Array(list) => list
            .iter_mut()
            .for_each(|value| *value = in_json_s_words(value.take())),
        Value::String(text) => *text = text.replace("`None`", "null"),
        _ => {}
    }
    schema
}

macro_rules! documents {
    ($($name:literal: $Document:ty, $plans:ident, $about:literal;)*) => {
        vec![$(schema::<$Document>($name, $about, $plans)),*]
    };
}

/// The table of documents. A new one stands here once, and has its schema by `SNAPSHOTS=overwrite`.
fn generated() -> Vec<(String, String)> {
    documents! {
        "apply": documents::apply::Document, Sometimes, "What `apply` does to make the PKI directory what the fleet file says";
        "candidates": documents::completions::CandidatesDocument, Never, "What the last word of a command line may become, by `completions`";
        "check": documents::check::Document, Sometimes, "What `check` finds wrong";
        "client": documents::client::Document<'_>, Sometimes, "A program that connects, by `client`";
        "completions": documents::completions::Document, Sometimes, "A completion script, by `completions`";
        "config": documents::config::Document<'_>, Sometimes, "A server's configuration, by `config`";
        "config-folders": documents::config_folders::Document<'_>, Sometimes, "Servers' configuration, a folder for each entry, by `config --out-dir`";
        "crl": documents::crl::Document, Sometimes, "CRLs that `crl` made";
        "cross-sign": documents::cross_sign::Document, Sometimes, "A certificate by which one CA vouches for another, by `cross-sign`";
        "error": terminal::report::ErrorDocument, Never, "Why a command could not be done: one line on standard error, whatever the command";
        "explain": documents::explain::Document<'_>, Never, "What a code, an alert or a text stands for, by `explain`";
        "export": documents::export::Document<'_>, Sometimes, "What `export` wrote";
        "fleet-init": documents::fleet::Document<'_>, Sometimes, "A fleet file, by `fleet init`";
        "import": documents::import::Document, Sometimes, "What `import` took over from another tool";
        "inspect": documents::inspect::Document, Never, "What stands in a file, by `inspect`";
        "install": Entries, Sometimes, "What `install` put beside its key";
        "install-root": documents::trust_stores::Document<'_>, Sometimes, "What `install-root` runs so that the machine trusts a root";
        "issue": Entries, Sometimes, "What `issue`, `init-ca` and `init-intermediate` made";
        "ledger": documents::ledger::Document, Sometimes, "What became of a shared ledger, by `ledger`";
        "list": documents::list::Document<'_>, Never, "CAs and certificates, by `list`";
        "log": documents::log::Document, Never, "Who did what, and when, by `log`";
        "man": documents::man::Document, Sometimes, "Pages of the manual, by `man`";
        "needs-renewal": documents::needs_renewal::Document, Never, "Whether a certificate is due, by `needs-renewal`";
        "passphrase": documents::passphrase::Document, Sometimes, "Whose passphrase `passphrase` set, changed or took off";
        "probe": documents::probe::Document, Never, "What is served, and what is wrong with it, by `probe`";
        "prove": documents::prove::Document, Never, "Which entries can connect, by `prove`";
        "pull": documents::pull::Document, Sometimes, "What `pull` and `join` fetched from a shared ledger";
        "renew": Entries, Sometimes, "What `renew` renewed";
        "report": documents::report::Document<'_>, Sometimes, "The PKI at a glance, as `report` wrote it";
        "request": documents::request::Requests, Sometimes, "Keys and requests that `request` made";
        "revoke": documents::revoke::Document, Sometimes, "What `revoke` revoked, or took off hold";
        "rotate-ca": documents::rotation::Document, Sometimes, "How far the rotation of a CA is, by `rotate-ca`";
        "rotation-plan": documents::rotation_plan::Document, Never, "What is left of a rotation, by `rotate-ca plan`";
        "rules": documents::rules::Document<'_>, Never, "What `check` can find, by `check --list`";
        "servers": documents::servers::Document<'_>, Never, "Servers that are known, by `config --list`";
        "setup": documents::setup::Document<'_>, Sometimes, "What `setup` makes, and which files it lays";
        "show": documents::show::Document, Never, "Everything about one entry or CA, by `show`";
        "sign": Entries, Sometimes, "What `sign` signed";
        "targets": documents::targets::Document<'_, serde_json::Value>, Never, "What was seen of several things, by a command that looks";
        "uninstall-root": documents::trust_stores::Document<'_>, Sometimes, "What `uninstall-root` runs so that the machine trusts a root no longer";
        "verify": documents::verify::Document, Never, "Whether a chain holds, by `verify`";
        "version": documents::version::Document, Never, "What the program was made from, by `--version --verbose`";
    }
}

/// Regenerate with `SNAPSHOTS=overwrite cargo test --lib schemas`.
#[test]
fn schemas_are_those_of_the_types() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/schema");
    let generated = generated();
    for (name, text) in &generated {
        let path = directory.join(name).with_extension("json");
        let on_disk = Data::read_from(&path, Some(DataFormat::Text)).raw();
        Assert::new()
            .action_env(DEFAULT_ACTION_ENV)
            .eq(text, on_disk);
    }
    let names: Vec<_> = generated.iter().map(|(name, _)| &**name).collect();
    let built_in: Vec<_> = all().iter().map(|schema| schema.name).collect();
    assert_eq!(built_in, names, "man/schema/ holds just these");
    assert!(all().iter().all(|schema| schema.value().is_object()));
}

/// What nobody describes is of no use to who reads the page.
#[test]
fn every_field_is_described() {
    fn look(name: &str, schema: &Value) {
        for (field, value) in schema["properties"].as_object().into_iter().flatten() {
            let is_told = value["description"].is_string() || value["const"].is_string();
            assert!(is_told, "{name}: {field}");
        }
        let below = schema
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, value)| value);
        let lists = schema.as_array().into_iter().flatten();
        below.chain(lists).for_each(|value| look(name, value));
    }
    for (name, text) in generated() {
        look(&name, &serde_json::from_str(&text).expect("JSON"));
    }
}
