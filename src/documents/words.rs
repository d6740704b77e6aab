//! Words of closed sets, for the schemas of the types that hold them as text.

use std::collections::BTreeSet;

use crate::{
    pki::{chain, revocation::Reason},
    store::ledger::Kind,
};

pub(crate) fn kinds() -> [&'static str; 5] {
    Kind::ALL.map(Kind::name)
}

pub(crate) fn tools() -> Vec<&'static str> {
    crate::import::Tool::ALL
        .map(crate::import::Tool::name)
        .to_vec()
}

pub(crate) fn reasons() -> [&'static str; 9] {
    Reason::ALL.map(Reason::name)
}

pub(crate) fn verify_codes() -> BTreeSet<String> {
    chain::told().map(|told| told.code().to_owned()).collect()
}
