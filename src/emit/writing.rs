//! The writing of one snippet: what is known before it is known what to write.

pub(super) mod asking;
pub(super) mod emitted;
pub(super) mod engine;
mod filters;
pub(super) mod findings;
pub(super) mod first_hour;
pub(super) mod output;
pub(super) mod parts;
pub(super) mod quote;
pub(super) mod rendering;
pub(super) mod settings;
pub(super) mod used;

use std::sync::Arc;

use self::{engine::Engine, settings::Settings, used::Used};
use super::{
    error::EmitError,
    manifest::{Manifest, option::OptionSpec},
    request::{Outside, Request},
    server::Server,
    version::Version,
};

/// One snippet, as it is asked for.
pub(super) struct Writing<'a> {
    pub(super) server: &'a Server,
    pub(super) request: &'a Request,
    pub(super) version: Version,
    pub(super) engine: Engine,
    pub(super) settings: Settings,
    pub(super) used: Used,
}

pub(super) type Written<T> = Result<T, Vec<EmitError>>;

impl<'a> Writing<'a> {
    pub(super) fn begin(
        server: &'a Server,
        request: &'a Request,
        outside: Arc<dyn Outside>,
        keys: bool,
    ) -> Written<Self> {
        let manifest = &server.manifest;
        let version = request
            .version
            .as_ref()
            .unwrap_or(manifest.newest())
            .clone();
        let settings = settings::read(manifest, &version, &request.set, &*outside)?;
        let mut engine = server.engine();
        engine.suppose(version.clone());
        engine.serve(outside, keys);
        Ok(Self {
            server,
            request,
            version,
            engine,
            settings,
            used: Used::default(),
        })
    }

    pub(super) fn manifest(&self) -> &'a Manifest {
        &self.server.manifest
    }

    pub(super) fn spec(&self, name: &str) -> Option<&'a OptionSpec> {
        self.manifest().spec(name)
    }
}
