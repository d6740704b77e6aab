//! Chains that hold.

use certctl::pki::{
    certificate::Certificate, chain::Purpose, der, der::tag, extension as ext,
    extension::Extension, key::KeyType,
};
use p521::ecdsa::{DerSignature, SigningKey, signature::hazmat::PrehashSigner as _};
use ring::{
    digest::{self, SHA256, SHA384, SHA512},
    rand::SystemRandom,
    signature,
};
use time::Duration;
use x509_parser::{
    der_parser::oid,
    oid_registry::{self as oids, Oid},
};

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
    cases.extend([
        p521(
            "P-521 with SHA-256",
            &oids::OID_SIG_ECDSA_WITH_SHA256,
            &SHA256,
        ),
        p521(
            "P-521 with SHA-384",
            &oids::OID_SIG_ECDSA_WITH_SHA384,
            &SHA384,
        ),
        p521(
            "P-521 with SHA-512",
            &oids::OID_SIG_ECDSA_WITH_SHA512,
            &SHA512,
        ),
    ]);
    cases
}

/// A root of a type that we do not make ourselves.
fn p521(name: &'static str, algorithm: &Oid<'_>, hash: &'static digest::Algorithm) -> Case {
    let key = SigningKey::from_slice(&[1; 66]).expect("less than the order");
    let point = key.verifying_key().to_sec1_point(false);
    let identifier = ext::key_identifier(point.as_bytes());
    let curve = der::oid(&oids::OID_NIST_EC_P521);
    let kind = der::sequence(&[der::oid(&oids::OID_KEY_TYPE_EC_PUBLIC_KEY), curve]);
    let public_key = der::sequence(&[kind, der::bit_string(point.as_bytes())]);
    let algorithm = der::sequence(&[der::oid(algorithm)]);
    let sign = |tbs: &[u8]| {
        let digest = digest::digest(hash, tbs);
        let signature: DerSignature = key.sign_prehash(digest.as_ref()).expect("signs");
        signature.as_bytes().to_vec()
    };
    let root = root()
        .with(ext::subject_key_identifier(&identifier))
        .but(|it| it.public_key = public_key.into())
        .sign_by(&algorithm, sign);
    let leaf = leaf("root", &ROOT)
        .with(ext::authority_key_identifier(&identifier))
        .sign_by(&algorithm, sign);
    case(name, leaf, &[], &[&root]).not_rustls("has no P-521 with ring")
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
