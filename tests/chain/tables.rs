//! The table, by what is wrong, and the certificates that most rows share.

mod bad_cas;
mod bad_form;
mod bad_leaves;
mod bad_search;
mod crls;
mod good;
mod good_names;
mod strict;
mod webpki;

use std::sync::LazyLock;

use certctl::pki::certificate::Certificate;

use crate::{
    builder::{ISSUING, ROOT, Template, issuing, leaf, root},
    case::{Case, case},
};

/// Every row.
pub static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    [
        good::cases(),
        good_names::cases(),
        bad_search::cases(),
        bad_cas::cases(),
        bad_leaves::cases(),
        bad_form::cases(),
        crls::cases(),
        strict::cases(),
        webpki::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

static ROOT_CA: LazyLock<Certificate> = LazyLock::new(|| root().sign(&ROOT));
static ISSUING_CA: LazyLock<Certificate> = LazyLock::new(|| issuing().sign(&ROOT));
static NODE: LazyLock<Certificate> = LazyLock::new(|| node().sign(&ISSUING));

/// `node1` below `issuing`.
fn node() -> Template {
    leaf("issuing", &ISSUING)
}

/// A case about the leaf below the usual CAs.
fn about_leaf(name: &'static str, leaf: &Template) -> Case {
    case(name, leaf.sign(&ISSUING), &[&ISSUING_CA], &[&ROOT_CA])
}

/// A case about the intermediate between the usual root and leaf.
fn about_issuing(name: &'static str, issuing: &Template) -> Case {
    case(name, NODE.clone(), &[&issuing.sign(&ROOT)], &[&ROOT_CA])
}

/// A case about the root above the usual intermediate and leaf.
fn about_root(name: &'static str, root: &Template) -> Case {
    case(name, NODE.clone(), &[&ISSUING_CA], &[&root.sign(&ROOT)])
}
