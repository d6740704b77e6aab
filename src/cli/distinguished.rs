//! The option for the subject of a new certificate.

use clap::Args;

pub(crate) use crate::session::distinguished::Distinguished;

/// The subject that was asked for.
#[derive(Args, Debug)]
pub(crate) struct SubjectArgs {
    /// Subject, as in CN=node,OU=db,O=Acme (RFC 4514); {name} stands for the entry's name [default: CN={name}, where the CAs allow it]
    #[arg(long, value_name = "DN")]
    subject: Option<String>,
}

impl SubjectArgs {
    pub(crate) fn wish(&self) -> Distinguished<'_> {
        Distinguished(self.subject.as_deref())
    }
}
