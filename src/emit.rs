//! Configuration for servers and clients, written from manifests and templates.
//!
//! Everything here is pure: facts go in as values, text and findings come out. Nothing names a
//! server: each is a folder under `templates/`, with a manifest and one template per format.
//!
//! - `manifest`: what can be said of a server, and what each word of it means;
//! - `syntax`: how options stand in files, whatever they mean;
//! - `reading`: what a file that somebody wrote says, by its server's manifest;
//! - `writing`: a snippet that says what a PKI directory has.

mod catalogue;
mod error;
mod explaining;
mod facts;
mod files;
mod manifest;
mod page;
mod reading;
mod request;
mod server;
mod syntax;
mod version;
mod walk;
mod writing;
mod yaml;

pub use catalogue::Catalogue;
pub use error::{EmitError, Finding, SourceError, What};
pub use facts::fingerprints;
pub use manifest::account::{Account, RunsAs};
pub use manifest::arity::{Arity, Same};
pub use manifest::before_tls::BeforeTls;
pub use manifest::besides::{Beside, FileOption, Holds};
pub use manifest::command_line::CommandLine;
pub use manifest::endpoint::{Depth, DepthCounts, Endpoint, FileRule, Switch, Unlock, UnlockBy};
pub use manifest::existence::Existence;
pub use manifest::groups::Group;
#[cfg(test)]
pub(crate) use manifest::include::InMemory;
pub use manifest::include::{Absence, Files, Include, NoFiles};
pub use manifest::inner::Inner;
pub use manifest::kind::Kind;
pub use manifest::line::{Inherit, Line};
pub use manifest::listener::Listener;
pub use manifest::openssl::{Behind, Handed, Heard, Language};
pub use manifest::option::{Choice, Need, OptionSpec};
pub use manifest::paths::{Paths, Target};
pub use manifest::place::Place;
pub use manifest::setup::{Clients, Setup};
pub use manifest::shared::Shared;
pub use manifest::{Format, Manifest, Rule, client::Client};
pub use page::page;
pub use reading::containers::{Container, Containers, containers};
pub use reading::judging::{Judged, Material};
pub use reading::recognise::{recognise, recognise_as};
pub use reading::{Named, Reading};
pub use request::{Authority, CLIENT_CA, Dial, Entry, Outside, Request, Revocations, SERVER_CA};
pub use server::Server;
pub use syntax::{
    Blunder, Columns, Document, Found, Headings, Merge, Obstacle, Position, Reason, Section, Shape,
    Stanza, Syntax, Twins, Type,
};
pub use version::{Version, VersionError};
pub use walk::Step;
pub use writing::findings::GENERAL;
pub use writing::first_hour::{SetupFacts, SetupNode};
pub use writing::quote::{shell_word, unprintable};
pub use writing::rendering::Rendered;
pub use yaml::YamlError;
