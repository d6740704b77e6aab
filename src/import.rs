//! What other tools keep of their PKIs, and what becomes of it here: one reader a tool, one planner for all.
//!
//! A reader is data: which files make its layout, and what lies where. What is in them is read in the same way
//! for all ([`gather`]), and the [`plan`] takes nothing on trust that it can verify.

use zeroize::Zeroizing;

pub mod gather;
pub mod here;
pub mod index;
mod layout;
pub mod names;
pub mod plan;

mod certctl;
mod certdb;
mod certstrap;
mod cfssl;
mod cockroach;
mod database;
mod easy_rsa;
mod kubeadm;
mod minica;
mod mkcert;
mod openssl_ca;
pub mod own_ledger;
mod step;
mod tool;

pub use tool::{Tool, Unrecognised, recognise};

/// What a file is read as, which says how much of it is read at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Certificates or CRLs, as PEM or DER
    Public,
    /// A private key
    Key,
    /// A database of all certificates
    Index,
}

/// The files of a source, which are only read.
pub trait Files {
    /// The paths of its regular files from its folder on, `/` between names, sorted.
    fn paths(&self) -> &[String];

    /// What lies below it besides and is not read, each with the reason.
    fn passed_over(&self) -> &[(String, &'static str)];

    /// How people call the file at a path.
    fn shown(&self, path: &str) -> String;

    /// What a file holds.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or is too large, in words.
    fn read(&self, path: &str, kind: Kind) -> Result<Zeroizing<Vec<u8>>, String>;
}

/// So many of a kind are named; of more there is the number.
const NAMED: usize = 5;

/// `a, b and 3 more`
fn some_of(names: &[String]) -> String {
    match names.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..NAMED].join(", ")),
    }
}

#[cfg(test)]
pub(crate) mod in_memory {
    use std::collections::BTreeMap;

    use super::{Files, Kind};
    use zeroize::Zeroizing;

    /// Files that a test makes up.
    #[derive(Default)]
    pub(crate) struct InMemory {
        paths: Vec<String>,
        contents: BTreeMap<String, Vec<u8>>,
    }

    impl InMemory {
        pub(crate) fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
            let contents: BTreeMap<_, _> = files
                .into_iter()
                .map(|(path, octets)| (path.to_owned(), octets.to_vec()))
                .collect();
            Self {
                paths: contents.keys().cloned().collect(),
                contents,
            }
        }

        pub(crate) fn named(paths: &[&str]) -> Self {
            Self::of(paths.iter().map(|path| (*path, &b""[..])))
        }
    }

    impl Files for InMemory {
        fn paths(&self) -> &[String] {
            &self.paths
        }

        fn passed_over(&self) -> &[(String, &'static str)] {
            &[]
        }

        fn shown(&self, path: &str) -> String {
            format!("theirs/{path}")
        }

        fn read(&self, path: &str, _: Kind) -> Result<Zeroizing<Vec<u8>>, String> {
            let found = self.contents.get(path);
            found
                .map(|octets| Zeroizing::new(octets.clone()))
                .ok_or_else(|| String::from("no such file"))
        }
    }
}
