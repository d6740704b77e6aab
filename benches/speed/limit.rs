//! What the machine itself needs for the same work: the floor under every tool.

use std::{fs::File, io::Write as _, path::Path};

use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING as P256, EcdsaKeyPair},
};

use crate::measure::{Cost, timed};

/// Sizes of an entry's files in octets: cert.pem, key.pem, ca.pem, ca-chain.pem of a three-level chain.
const FILES: [(&str, usize); 4] = [
    ("cert.pem", 1287),
    ("key.pem", 241),
    ("ca.pem", 566),
    ("ca-chain.pem", 1185),
];

/// `count` times: make a P-256 key, sign a certificate's worth of octets; one thread.
pub(crate) fn crypto(count: usize) -> Cost {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&P256, &random).unwrap();
    let issuer = EcdsaKeyPair::from_pkcs8(&P256, document.as_ref(), &random).unwrap();
    let message = [7; 400];
    timed(|| {
        for _ in 0..count {
            std::hint::black_box(EcdsaKeyPair::generate_pkcs8(&P256, &random).unwrap());
            std::hint::black_box(issuer.sign(&random, &message).unwrap());
        }
    })
}

/// `count` directories with an entry's files, and what makes them durable; one thread.
pub(crate) fn files(directory: &Path, count: usize) -> (Cost, Cost) {
    let created = timed(|| {
        for number in 0..count {
            let entry = directory.join(number.to_string());
            std::fs::create_dir(&entry).unwrap();
            for (name, size) in FILES {
                File::create(entry.join(name))
                    .unwrap()
                    .write_all(&vec![b'A'; size])
                    .unwrap();
            }
        }
    });
    let synced = timed(|| rustix::fs::syncfs(File::open(directory).unwrap()).unwrap());
    (created, synced)
}
