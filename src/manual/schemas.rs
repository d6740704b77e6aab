//! JSON Schemas of the documents that `--json` prints (draft 2020-12), built in from man/schema/.
//!
//! A test of the command line generates them from the types that are serialised, so that the generator is not linked
//! into the program.

use include_dir::{Dir, File, include_dir};
use serde_json::Value;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/man/schema");

/// One document's schema.
pub(crate) struct Schema {
    /// The document's name, as in `check`
    pub(crate) name: &'static str,
    /// The text of its file
    pub(crate) text: &'static str,
}

impl Schema {
    fn of(file: &'static File<'static>) -> Option<Self> {
        Some(Self {
            name: file.path().file_stem()?.to_str()?,
            text: file.contents_utf8()?,
        })
    }

    /// The schema itself; null where its file is broken, which a test excludes.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(self.text).unwrap_or_default()
    }
}

/// All of them, sorted by name.
pub(crate) fn all() -> Vec<Schema> {
    let mut schemas: Vec<_> = EMBEDDED.files().filter_map(Schema::of).collect();
    schemas.sort_by_key(|schema| schema.name);
    schemas
}
