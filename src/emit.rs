//! Configuration for servers and clients, written from manifests and templates.
//!
//! Everything here is pure: facts go in as values, text and findings come out. Nothing names a
//! server: each is a folder under `templates/`, with a manifest and one template per format.

mod account;
mod arity;
mod asking;
mod before_tls;
mod beside_files;
mod besides;
mod catalogue;
mod command_line;
mod containers;
mod contradictions;
mod emitted;
mod endpoint;
mod engine;
mod error;
mod existence;
mod explaining;
mod facts;
mod files;
mod findings;
mod first_hour;
mod format;
mod groups;
mod handing;
mod include;
mod inheritance;
mod inner;
mod judging;
mod kind;
mod line;
mod listener;
mod locating;
mod manifest;
mod misplaced;
mod names;
mod openssl;
mod option;
mod output;
mod page;
mod parts;
mod paths;
mod place;
mod quote;
mod reader;
mod reading;
mod recognise;
mod rendering;
mod request;
mod running;
mod sections;
mod server;
mod settings;
mod setup;
mod shared;
mod syntax;
mod typed;
mod used;
mod values;
mod version;
mod worded;
mod writing;
mod yaml;

pub use account::{Account, RunsAs};
pub use arity::{Arity, Same};
pub use before_tls::BeforeTls;
pub use besides::{Beside, FileOption, Holds};
pub use catalogue::Catalogue;
pub use command_line::CommandLine;
pub use containers::{Container, Containers, containers};
pub use endpoint::{Depth, DepthCounts, Endpoint, FileRule, Switch, Unlock, UnlockBy};
pub use error::{EmitError, Finding, SourceError, What};
pub use existence::Existence;
pub use facts::fingerprints;
pub use findings::GENERAL;
pub use first_hour::{SetupFacts, SetupNode};
pub use groups::Group;
#[cfg(test)]
pub(crate) use include::InMemory;
pub use include::{Absence, Files, Include, NoFiles};
pub use inner::Inner;
pub use judging::{Judged, Material};
pub use kind::Kind;
pub use line::{Inherit, Line};
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
pub use rendering::Rendered;
pub use request::{Authority, CLIENT_CA, Dial, Entry, Outside, Request, Revocations, SERVER_CA};
pub use server::Server;
pub use setup::{Clients, Setup};
pub use shared::Shared;
pub use syntax::{
    Blunder, Columns, Document, Found, Merge, Obstacle, Position, Reason, Section, Shape, Stanza,
    Syntax, Type,
};
pub use version::{Version, VersionError};
pub use yaml::YamlError;
