//! The options for the extfile of a new certificate.

use std::path::PathBuf;

use clap::Args;

pub(crate) use crate::session::extfiles::{Wish, read};

/// The extfile of a new certificate.
#[derive(Args, Debug)]
pub(crate) struct ExtfileArgs {
    /// OpenSSL x509v3_config file that asks for extensions
    #[arg(long, value_name = "FILE")]
    extfile: Option<PathBuf>,
    /// Section of the extfile [default: what its `extensions` names, or its unnamed section]
    #[arg(long, value_name = "SECTION", requires = "extfile")]
    extensions: Option<String>,
}

impl ExtfileArgs {
    pub(crate) fn wish(&self) -> Wish<'_> {
        Wish {
            path: self.extfile.as_deref(),
            section: self.extensions.as_deref(),
        }
    }
}
