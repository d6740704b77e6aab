//! `certctl/version/v1`: what the program was made from.

use serde::Serialize;

/// `certctl/version/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// Version of certctl
    pub(crate) version: &'static str,
    /// The commit that it was made from, with `+` behind it where files differ from that
    pub(crate) commit: Option<&'static str>,
    /// The target, in Rust's words
    pub(crate) target: &'static str,
    /// Whether the C library is a part of the program
    pub(crate) is_static: bool,
    /// Features that it was built with
    pub(crate) features: Vec<&'static str>,
    /// What of other projects is a part of it and concerns keys, certificates, connections or the ledger
    pub(crate) libraries: Vec<Library>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Library {
    /// Its name
    pub(crate) name: &'static str,
    /// Its version
    pub(crate) version: &'static str,
}

impl Document {
    pub(crate) fn new() -> Self {
        let library = |(name, version)| Library { name, version };
        let locked = listed(env!("CERTCTL_BUILT_LIBRARIES"));
        let locked = locked.filter_map(|pair| pair.split_once(' '));
        let sqlite = ("SQLite", rusqlite::version());
        Self {
            schema: "certctl/version/v1",
            version: env!("CARGO_PKG_VERSION"),
            commit: listed(env!("CERTCTL_BUILT_COMMIT")).next(),
            target: env!("CERTCTL_BUILT_TARGET"),
            is_static: cfg!(target_feature = "crt-static"),
            features: listed(env!("CERTCTL_BUILT_FEATURES")).collect(),
            libraries: [sqlite].into_iter().chain(locked).map(library).collect(),
        }
    }

    pub(crate) fn text(&self) -> String {
        let linked = if self.is_static { "static" } else { "dynamic" };
        let features = match self.features.is_empty() {
            true => String::from("none"),
            false => self.features.join(", "),
        };
        let libraries = self.libraries.iter();
        let libraries = libraries.map(|it| format!("{}: {}\n", it.name, it.version));
        format!(
            "certctl {}\ncommit: {}\ntarget: {}, {linked}\nfeatures: {features}\n{}",
            self.version,
            self.commit.unwrap_or("unknown"),
            self.target,
            libraries.collect::<String>()
        )
    }
}

/// What stands between commas.
fn listed(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(',').filter(|word| !word.is_empty())
}
