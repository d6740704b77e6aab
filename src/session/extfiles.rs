//! The extfile of a new certificate, and what is said of it.

use std::path::Path;

use x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME;

use super::{Context, Report};
use crate::{
    emit::shell_word,
    extfile::{Extfile, Requested, Role},
    host::{extfile, surroundings::Surroundings},
    issuance::SigningAuthority,
    pki::subject::{self, to_text},
};

/// An extfile that is asked for, and which section of it.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) path: Option<&'a Path>,
    /// Left out, what its `extensions` names, or its unnamed section
    pub(crate) section: Option<&'a str>,
}

impl Wish<'_> {
    /// Whether there is one.
    pub(crate) fn is_given(&self) -> bool {
        self.path.is_some()
    }

    /// What it asks for; `names` says by which options subject alternative names are given already.
    pub(crate) fn requested(
        &self,
        issuer: Option<&SigningAuthority>,
        names: Option<&str>,
        context: &Context,
    ) -> Result<Option<Asked>, Report> {
        let Some(path) = self.path else {
            return Ok(None);
        };
        let file = read(path, &context.surroundings)?;
        let issuer = issuer.map(|issuer| (&issuer.authority.certificate.parsed()).into());
        let extensions = file.request(self.section, issuer.as_ref(), Role::Leaf)?;
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

/// An extfile that was read.
pub(crate) struct Asked {
    /// The extensions that it asks for
    pub(crate) extensions: Requested,
    /// Whether the subject alternative names are among them
    pub(crate) has_names: bool,
    pub(crate) path: String,
    pub(crate) file: Extfile,
}

impl Asked {
    /// Says that the file asks for another subject than `given`, where it does.
    pub(crate) fn note_subject(&self, given: &[u8], context: &Context) {
        note_subject(&self.path, &self.file, given, context, |text| {
            format!("`--subject {}` takes it", shell_word(text))
        });
    }
}

/// Says that an extfile asks for another subject than `given`, where it does.
pub(crate) fn note_subject(
    path: &str,
    file: &Extfile,
    given: &[u8],
    context: &Context,
    hint: impl Fn(&str) -> String,
) {
    let Some(wish) = file.subject() else { return };
    let asked = wish.name.as_deref().unwrap_or(subject::EMPTY);
    let hint = hint(to_text(asked).as_deref().unwrap_or("DN"));
    note_passed_over(
        context,
        &format!("{path} in [{}]", wish.section),
        (asked, given),
        &hint,
    );
}

/// Reads an extfile with all that it includes, or says why it cannot be read.
pub(crate) fn read(path: &Path, surroundings: &Surroundings) -> Result<Extfile, Report> {
    extfile::open(path, surroundings).map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        Report::failed("extfile", message)
    })
}

/// Says that a file asks for another subject than the certificate gets, and how it would get that.
pub(crate) fn note_passed_over(
    context: &Context,
    file: &str,
    (asked, given): (&[u8], &[u8]),
    hint: &str,
) {
    let [wish, is] = [asked, given].map(subject::shown);
    if asked != subject::EMPTY && wish != is {
        context.ui.note(format!(
            "{file} asks for the subject {wish}; it is signed as {is}"
        ));
        context.ui.hint(hint);
    }
}
