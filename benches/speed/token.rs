//! A batch whose CA's key is in a token, beside what the token signs in the same time: SoftHSM, which takes the same
//! cores as everything else.

use std::{env, ffi::OsString, fs, path::Path, process::ExitCode, thread};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    mechanism::Mechanism,
    object::{Attribute, ObjectClass},
    session::UserType,
    types::AuthPin,
};

use crate::{
    measure::{Cost, Sandbox, rounds, run},
    rows::{BATCH_ROUNDS, Verdict},
};

/// First argument of this program where it signs by itself.
pub(crate) const LOOP: &str = "--sign-by-token";
const COUNT: usize = 10_000;
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "fourth-9274";
/// As many sign for certctl.
const THREADS: usize = 4;

pub(crate) fn batch(sandbox: &Sandbox) -> Vec<Verdict> {
    let home = sandbox.directory();
    fs::write(
        home.join("softhsm2.conf"),
        format!("directories.tokendir = {}\n", home.display()),
    )
    .unwrap();
    fs::write(home.join("pin"), PIN).unwrap();
    let init = [
        "--init-token",
        "--free",
        "--label",
        "ca",
        "--so-pin",
        PIN,
        "--pin",
        PIN,
    ];
    within(&home, "softhsm2-util", &init);
    let pin = home.join("pin").display().to_string();
    let mut label = 0;
    let [wall] = rounds(BATCH_ROUNDS, || {
        label += 1;
        let key = format!("pkcs11:token=ca;object=root{label}");
        let pki = sandbox.fresh().display().to_string();
        let certctl = |words: &[&str]| {
            let all = [&["--dir", &pki, "-q"][..], words, &["--pin-file", &pin]].concat();
            within(&home, env!("CARGO_BIN_EXE_certctl"), &all)
        };
        certctl(&["init-ca", "--key-uri", &key, "--generate"]);
        let ours = certctl(&["issue", &format!("node{{1..{COUNT}}}")]);
        let own = env::current_exe().unwrap().display().to_string();
        let token = within(&home, &own, &[LOOP, &format!("root{label}")]);
        [ours.wall / token.wall]
    });
    // Nine tenths of its rate
    vec![("the token's own signatures, as many at a time", 1.11, wall)]
}

/// Runs a program that finds the token, and the signer that comes with certctl.
fn within(home: &Path, program: &str, words: &[&str]) -> Cost {
    let signer = Path::new(env!("CARGO_BIN_EXE_certctl-signer-pkcs11"));
    let path = env::var("PATH").unwrap();
    let variables = [
        format!("SOFTHSM2_CONF={}/softhsm2.conf", home.display()),
        format!("CERTCTL_PKCS11_MODULE={MODULE}"),
        format!("PATH={}:{path}", signer.parent().unwrap().display()),
    ];
    let variables = variables.iter().map(String::as_str);
    let all: Vec<&str> = variables
        .chain([program])
        .chain(words.iter().copied())
        .collect();
    run("env", &all)
}

/// Signs with a key of the token, and nothing else.
pub(crate) fn sign(words: &[OsString]) -> ExitCode {
    let label = words[0].to_str().unwrap().as_bytes();
    let module = Pkcs11::new(MODULE).unwrap();
    module
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    let slot = module.get_slots_with_initialized_token().unwrap()[0];
    let session = || module.open_ro_session(slot).unwrap();
    let first = session();
    first
        .login(UserType::User, Some(&AuthPin::new(PIN.into())))
        .unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let session = session();
                let wanted = [
                    Attribute::Class(ObjectClass::PRIVATE_KEY),
                    Attribute::Label(label.to_vec()),
                ];
                let key = session.find_objects(&wanted).unwrap()[0];
                for _ in 0..COUNT / THREADS {
                    session.sign(&Mechanism::Ecdsa, key, &[7; 32]).unwrap();
                }
            });
        }
    });
    ExitCode::SUCCESS
}
