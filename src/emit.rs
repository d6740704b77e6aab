//! Configuration for servers and clients, written from manifests and templates.
//!
//! Everything here is pure: facts go in as values, text and findings come out. Nothing names a
//! server: each is a folder under `templates/`, with a manifest and one template per format.

mod arity;
mod before_tls;
mod besides;
mod catalogue;
mod containers;
mod contradictions;
mod emitted;
mod endpoint;
mod engine;
mod error;
mod explaining;
mod facts;
mod findings;
mod format;
mod groups;
mod include;
mod inheritance;
mod inner;
mod judging;
mod kind;
mod line;
mod listener;
mod manifest;
mod names;
mod openssl;
mod option;
mod output;
mod page;
mod parts;
mod paths;
mod place;
mod quote;
mod reading;
mod recognise;
mod request;
mod server;
mod settings;
mod setup;
mod syntax;
mod values;
mod version;
mod writing;

pub use arity::{Arity, Same};
pub use before_tls::BeforeTls;
pub use besides::{Beside, FileOption, Holds};
pub use catalogue::Catalogue;
pub use containers::{Container, Containers, YamlError, containers};
pub use endpoint::{Depth, DepthCounts, Endpoint, FileRule, Switch, Unlock, UnlockBy};
pub use error::{EmitError, Finding, SourceError, What};
pub use facts::fingerprints;
pub use findings::GENERAL;
pub use groups::Group;
#[cfg(test)]
pub(crate) use include::InMemory;
pub use include::{Absence, Files, Include, NoFiles};
pub use inheritance::Inherit;
pub use inner::Inner;
pub use judging::{Judged, Material};
pub use kind::Kind;
pub use line::Line;
pub use listener::Listener;
pub use manifest::{Client, Format, Manifest, Rule};
pub use openssl::{Behind, Handed, Heard, Language};
pub use option::{Choice, Need, OptionSpec};
pub use page::page;
pub use paths::{Paths, Target};
pub use place::Place;
pub use quote::{shell_word, unprintable};
pub use reading::{Named, Reading};
pub use recognise::{recognise, recognise_as};
pub use request::{Authority, Dial, Entry, Outside, Request, Revocations};
pub use server::{Rendered, Server};
pub use setup::{Clients, Setup, SetupFacts, SetupNode};
pub use syntax::{
    Blunder, Columns, Document, Found, Obstacle, Position, Reason, Section, Shape, Syntax,
};
pub use values::Shared;
pub use version::{Version, VersionError};
