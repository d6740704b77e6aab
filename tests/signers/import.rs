//! What another tool did with a CA whose key is in a token here.

use std::fs;

use crate::{
    scene::Scene,
    softhsm::{import_key, scene},
    support::{Run, program},
};

/// `openssl ca` with the same key as a file, which has revoked one certificate that we know and one that we do not.
const THEIRS: &str = r#"mkdir -p theirs/newcerts theirs/private; cd theirs
cp ../cert.pem cacert.pem; cp ../key.pem private/cakey.pem; touch index.txt; echo 1A > crlnumber; echo 77 > serial
printf '%s\n' '[ca]' default_ca=a '[a]' database=index.txt new_certs_dir=newcerts serial=serial crlnumber=crlnumber \
    default_md=sha256 default_days=30 policy=p '[p]' commonName=supplied > cnf
o() { openssl ca -config cnf -batch -notext -cert cacert.pem -keyfile private/cakey.pem "$@"; }
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout private/late.key -subj /CN=late -out late.csr
o -in late.csr; o -revoke newcerts/77.pem -crl_reason superseded
o -revoke ../pki/certs/node2/cert.pem -crl_reason keyCompromise
o -gencrl -crldays 30 -out crl.pem; rm cnf late.csr"#;

fn script(scene: &Scene, text: &str) {
    let mut bash = program("bash");
    let _ = Run::of(
        bash.args(["-euc", text])
            .current_dir(scene.certctl.home())
            .env_remove("OPENSSL_CONF"),
    )
    .expect_status(0);
}

#[test]
fn revocations_come_to_a_ca_whose_key_is_in_a_token() {
    let scene = scene();
    script(
        &scene,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -subj '/CN=Old CA' \
         -days 3650 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign",
    );
    import_key(&scene, "key.pem", "root");
    let uri = "pkcs11:token=ca;object=root";
    let _ = scene.run(
        &format!("init-ca root --cert cert.pem --key-uri {uri} --pin-file pin"),
        0,
    );
    let _ = scene.run("issue node1 node2 --pin-file pin", 0);
    let _ = scene.run("crl --pin-file pin", 0);
    script(&scene, THEIRS);
    let rehearsed = scene.run("import theirs --ca root --keys -n", 0).stdout;
    let told = scene.run("import theirs --ca root --keys", 0);
    for words in [
        "1 revoked",
        "1 certificate on record revoked",
        "the number 27",
    ] {
        assert!(rehearsed.contains(words), "{words}: {rehearsed}");
        assert!(told.stdout.contains(words), "{words}: {}", told.stdout);
    }
    let files = |inside: &str| scene.path("pki/ca/root").join(inside).exists();
    assert!(files("key.uri") && !files("key.pem"), "its key stays there");
    let next = "`certctl crl --ca root`";
    assert!(told.stderr.contains(next), "{}", told.stderr);
    let made = scene.run("crl --ca root --pin-file pin", 0).stdout;
    assert!(
        made.contains("CRL 27") && made.contains("2 revoked"),
        "{made}"
    );
    scene.openssl_accepts("node1", true);
    for words in ["list --revoked", "log --verify", "import theirs --ca root"] {
        let _ = scene.run(words, 0);
    }
    let gone = fs::read_dir(scene.path("pki/archive")).expect("made");
    assert_eq!(gone.count(), 2, "node2 and late");
}
