//! Chains that hold.

use certctl::pki::{
    certificate::Certificate, chain::Purpose, der, der::tag, extension as ext,
    extension::Extension, key::KeyType,
};
use ring::{rand::SystemRandom, signature};
use time::Duration;
use x509_parser::{der_parser::oid, oid_registry as oids};

use super::{ISSUING_CA, NODE, ROOT_CA, about_leaf, about_root, node};
use crate::{
    builder::{AFTER, BEFORE, LEAF, NOW, OTHER, ROOT, ca, generate, issuing, key_id, leaf, root},
    case::{Case, case},
};

pub fn cases() -> Vec<Case> {
    let unrelated = ca("unrelated", &OTHER, "nobody", &OTHER).sign(&OTHER);
    let other_root = ca("root", &OTHER, "root", &OTHER).sign(&OTHER);
    let old_issuing = issuing()
        .but(|it| it.not_after = NOW - Duration::DAY)
        .sign(&ROOT);
    let self_signed = leaf("node1", &LEAF).sign(&LEAF);
    let mut cases = vec![
        case(
            "leaf below root",
            leaf("root", &ROOT).sign(&ROOT),
            &[],
            &[&ROOT_CA],
        ),
        case(
            "one intermediate",
            NODE.clone(),
            &[&ISSUING_CA],
            &[&ROOT_CA],
        ),
        case("client", NODE.clone(), &[&ISSUING_CA], &[&ROOT_CA]).purpose(Purpose::Client),
        case("any purpose", NODE.clone(), &[&ISSUING_CA], &[&ROOT_CA]).purpose(Purpose::Any),
        case(
            "others in between",
            NODE.clone(),
            &[&unrelated, &NODE, &ROOT_CA, &ISSUING_CA, &unrelated],
            &[&unrelated, &ROOT_CA],
        )
        .holds(3),
        case("trusted intermediate", NODE.clone(), &[], &[&ISSUING_CA]),
        case("trusted leaf", self_signed.clone(), &[], &[&self_signed]).holds(1),
        case(
            "two roots of one name",
            NODE.clone(),
            &[&ISSUING_CA],
            &[&other_root, &ROOT_CA],
        )
        .holds(3),
        case(
            "expired twin of the intermediate",
            NODE.clone(),
            &[&old_issuing, &ISSUING_CA],
            &[&ROOT_CA],
        )
        .holds(3),
        about_leaf("last second", &node())
            .at(AFTER)
            .not_openssl("takes notAfter for the first second outside"),
        about_leaf("within the last second", &node())
            .at(AFTER + Duration::milliseconds(999))
            .not_openssl("takes notAfter for the first second outside"),
        about_leaf("first second", &node()).at(BEFORE),
        about_leaf(
            "serial of 20 octets",
            &node().but(|it| it.serial = vec![0x7f; 20]),
        ),
        about_root("root with serial 0", &root().but(|it| it.serial = vec![0])),
        about_root(
            "pathlen just enough",
            &root().with(ext::basic_constraints(true, Some(1))),
        ),
        about_leaf(
            "no keyUsage, no extendedKeyUsage",
            &node()
                .without(&oids::OID_X509_EXT_KEY_USAGE)
                .without(&oids::OID_X509_EXT_EXTENDED_KEY_USAGE),
        ),
        about_leaf(
            "critical certificatePolicies",
            &node().with(
                Extension::new(
                    oids::OID_X509_EXT_CERTIFICATE_POLICIES,
                    der::sequence(&[der::sequence(&[der::oid(&oid!(2.5.29.32.0))])]),
                )
                .critical(),
            ),
        )
        .not_rustls("knows no policies"),
        about_leaf(
            "unknown extension",
            &node().with(Extension::new(oid!(1.2.3.4), der::null())),
        ),
        rsa_pss(),
        self_issued(),
    ];
    for (name, key_type) in [
        ("P-256", KeyType::P256),
        ("P-384", KeyType::P384),
        ("Ed25519", KeyType::Ed25519),
        ("RSA", KeyType::Rsa2048),
    ] {
        let [leaf, second, first, root] = chain_of(key_type);
        cases.push(case(name, leaf, &[&first, &second], &[&root]));
    }
    cases
}

/// A root that signs with RSA-PSS, SHA-256 throughout.
fn rsa_pss() -> Case {
    let key = generate(KeyType::Rsa2048);
    let hash = der::sequence(&[der::oid(&oids::OID_NIST_HASH_SHA256), der::null()]);
    let mask = der::sequence(&[&der::oid(&oid!(1.2.840.113549.1.1.8))[..], &hash]);
    let explicit =
        |number, content: &[u8]| der::constructed(tag::context_constructed(number), &[content]);
    let parameters = der::sequence(&[
        explicit(0, &hash),
        explicit(1, &mask),
        explicit(2, &der::integer(&[32])),
    ]);
    let algorithm = der::sequence(&[&der::oid(&oids::OID_PKCS1_RSASSAPSS)[..], &parameters]);
    let pair = signature::RsaKeyPair::from_pkcs8(key.pkcs8().expose()).expect("our own key");
    let root = ca("root", &key, "root", &key).sign(&key);
    let leaf = leaf("root", &key).sign_by(&algorithm, |tbs| {
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(
            &signature::RSA_PSS_SHA256,
            &SystemRandom::new(),
            tbs,
            &mut signature,
        )
        .expect("signs");
        signature
    });
    case("RSA-PSS", leaf, &[], &[&root])
}

/// A CA that certified its next key: the certificate between counts for neither pathlen nor constraints.
fn self_issued() -> Case {
    let root = root()
        .with(ext::basic_constraints(true, Some(0)))
        .sign(&ROOT);
    let link = ca("root", &OTHER, "root", &ROOT)
        .with(ext::authority_key_identifier(&key_id(&ROOT)))
        .sign(&ROOT);
    let leaf = leaf("root", &OTHER).sign(&OTHER);
    case("self-issued intermediate", leaf, &[&link], &[&root])
}

/// Leaf, second intermediate, first intermediate, root of one key type.
fn chain_of(key_type: KeyType) -> [Certificate; 4] {
    let [root_key, first_key, second_key, leaf_key] = [(); 4].map(|()| generate(key_type));
    let leaf = leaf("second", &second_key).but(|it| it.public_key = leaf_key.public_key_info());
    [
        leaf.sign(&second_key),
        ca("second", &second_key, "first", &first_key).sign(&first_key),
        ca("first", &first_key, "root", &root_key).sign(&root_key),
        ca("root", &root_key, "root", &root_key).sign(&root_key),
    ]
}
