//! What certificates contain and what makes them valid.
//!
//! Everything here is pure: bytes and values in, bytes and values out. The time is an argument.

pub mod certificate;
pub mod der;
pub mod extension;
pub mod general_name;
pub mod name;
pub mod pem;
