//! What can be wrong with a PKI, one file per rule. Pure: parsed things in, findings out.

pub mod certificate;
