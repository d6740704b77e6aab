//! What certificates contain and what makes them valid.
//!
//! Everything here is pure: bytes and values in, bytes and values out. The time is an argument.
//! A certificate comes about in steps: [`plan::Contents`] → [`plan::Planned`] → [`plan::Recorded`] →
//! [`certificate::Certificate`]; only the last has a signature, and only what is on record can be signed, once.

pub mod attribute;
pub mod authorities;
mod authority_key;
pub mod certificate;
pub mod chain;
pub mod csr;
pub mod der;
pub mod draft;
pub mod duration;
pub mod entry_name;
pub mod extension;
pub mod general_name;
pub mod inspect;
pub mod issuer;
pub mod key;
pub mod key_file;
pub mod key_uri;
pub mod name;
pub mod name_constraints;
pub mod octets;
pub mod oid;
pub mod parameters;
pub mod pem;
pub mod pkcs7;
pub mod plan;
pub mod profile;
pub mod public_key;
pub mod range;
pub mod recognize;
pub mod renewal;
pub mod revocation;
pub mod revocation_list;
pub mod rules;
pub mod san;
pub mod secret;
pub mod serial;
pub mod signature;
mod signed_value;
pub mod strength;
pub mod string_type;
pub mod subject;
pub mod validity;
