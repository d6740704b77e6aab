//! The extfile of a new certificate, and what is said of it.

use std::path::PathBuf;

use clap::Args;
use x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME;

use super::{Context, Report};
pub(crate) use crate::session::extfiles::{Asked, read};
use crate::{extfile::Role, issuance::SigningAuthority};

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
    /// Whether there is one.
    pub(crate) fn is_given(&self) -> bool {
        self.extfile.is_some()
    }

    /// What it asks for; `names` says by which options subject alternative names are given already.
    pub(crate) fn requested(
        &self,
        issuer: Option<&SigningAuthority>,
        names: Option<&str>,
        context: &Context,
    ) -> Result<Option<Asked>, Report> {
        let Some(path) = &self.extfile else {
            return Ok(None);
        };
        let file = read(path, &context.surroundings)?;
        let issuer = issuer.map(|issuer| (&issuer.authority.certificate.parsed()).into());
        let extensions = file.request(self.extensions.as_deref(), issuer.as_ref(), Role::Leaf)?;
        let path = path.display().to_string();
        let has_names = extensions.includes(&OID_X509_EXT_SUBJECT_ALT_NAME);
        if let (true, Some(options)) = (has_names, names) {
            let message =
                format!("{path} has a subjectAltName, so {options} would be without effect");
            return Err(Report::usage(message));
        }
        if extensions.is_empty() {
            context.ui.warning(format!("{path} asks for no extension"));
            context
                .ui
                .hint("`--extensions SECTION` names the section that does");
        }
        Ok(Some(Asked {
            extensions,
            has_names,
            path,
            file,
        }))
    }
}
