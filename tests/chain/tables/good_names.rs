//! Chains that hold, with names that are looked at.

use certctl::pki::{der::tag, general_name::GeneralName, name::distinguished_name};

use super::{ROOT_CA, about_issuing, about_leaf, node};
use crate::{
    builder::{ISSUING, ROOT, dns, issuing, name_constraints, network, sans},
    case::{Case, case},
};

pub fn cases() -> Vec<Case> {
    let host = |host, names: &[&str]| about_leaf(host, &node().with(sans(names))).host(host);
    let constrained = |name, constraints| about_issuing(name, &issuing().with(constraints));
    let acme = distinguished_name(Some("node1"), Some("ACME  corp"));
    let base = GeneralName::Directory(distinguished_name(None, Some("Acme Corp"))).to_der();
    vec![
        host("node1.db.test", &["DNS:NODE1.db.test"]),
        host("node2.db.test", &["DNS:*.db.test"]),
        host("10.0.0.7", &["IP:10.0.0.7"]),
        host("fe80::1", &["IP:fe80::1"]),
        about_leaf(
            "empty subject",
            &node()
                .but(|it| it.subject = vec![tag::SEQUENCE, 0].into())
                .with(sans(&["DNS:node1.db.test"]).critical()),
        )
        .host("node1.db.test"),
        constrained(
            "permitted names",
            name_constraints(
                &[dns("db.test"), network(&[10, 0, 0, 0, 255, 0, 0, 0])],
                &[],
            ),
        ),
        constrained("excluded others", name_constraints(&[], &[dns("web.test")])),
        constrained(
            "constraints of another kind",
            name_constraints(&[GeneralName::Email("db.test".into()).to_der()], &[]),
        ),
        case(
            "permitted directory",
            node().but(|it| it.subject = acme).sign(&ISSUING),
            &[&issuing().with(name_constraints(&[base], &[])).sign(&ROOT)],
            &[&ROOT_CA],
        )
        .not_rustls("compares directory names by octets"),
    ]
}
