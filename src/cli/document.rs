//! What the texts and documents of several commands share.

pub(crate) use crate::{
    documents::entries::Entry, pki::validity::rfc3339 as time, terminal::times::remaining,
};
