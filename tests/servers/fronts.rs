//! Apache, HAProxy and nginx as TLS fronts of a backend that speaks none.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    thread,
};

use crate::{
    Identity, Material,
    process::{Server, free_port},
    support::{Run, program},
};

/// A backend that answers every request with `hello`; it goes with the test's process.
fn backend() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut stream = stream;
                let mut request = [0; 4096];
                if stream.read(&mut request).is_ok_and(|length| length > 0) {
                    let _ = stream.write_all(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
                    );
                }
            });
        }
    });
    port
}

fn curl(port: u16, host: &str, trust: &Path, identity: Option<&Identity>) -> Run {
    let mut command = program("curl");
    command.args([
        "-sS",
        "--max-time",
        "30",
        "--resolve",
        &format!("{host}:{port}:127.0.0.1"),
    ]);
    command
        .arg("--cacert")
        .arg(trust)
        .arg(format!("https://{host}:{port}/"));
    if let Some(identity) = identity {
        command
            .arg("--cert")
            .arg(&identity.cert)
            .arg("--key")
            .arg(&identity.key);
    }
    Run::of(&mut command)
}

/// CURLE_PEER_FAILED_VERIFICATION
const NOT_VERIFIED: Option<i32> = Some(60);

/// Tries a front with and without client certificates.
fn try_front(server: &str, start: impl Fn(&Material, &str, u16) -> Server) {
    let material = Material::new();
    let app = material.identity("app");
    let settings = |port| {
        [
            format!("listen=127.0.0.1:{port}"),
            format!("backend=127.0.0.1:{}", backend()),
        ]
    };
    let port = free_port();
    let [listen, behind] = settings(port);
    let snippet = material.config(&[server, "node1", "--set", &listen, "--set", &behind]);
    let front = start(&material, &snippet, port);
    assert_eq!(curl(port, "node1", &app.trust, None).stdout, "hello");
    assert_eq!(
        curl(port, "other.test", &app.trust, None).status,
        NOT_VERIFIED
    );
    assert_eq!(
        curl(port, "node1", &material.wrong_root(), None).status,
        NOT_VERIFIED
    );
    drop(front);

    let port = free_port();
    let [listen, behind] = settings(port);
    let arguments = [
        server,
        "node1",
        "--set",
        &listen,
        "--set",
        &behind,
        "--client-ca",
        "root",
    ];
    let front = start(&material, &material.config(&arguments), port);
    assert_eq!(curl(port, "node1", &app.trust, Some(&app)).stdout, "hello");
    assert_ne!(curl(port, "node1", &app.trust, None).stdout, "hello");
    for (name, identity) in material.unwelcome() {
        let run = curl(port, "node1", &app.trust, Some(&identity));
        assert_ne!(run.stdout, "hello", "{name}: {run:?}");
    }
    let lost = material.copy("lost");
    assert_eq!(curl(port, "node1", &app.trust, Some(&lost)).stdout, "hello");
    drop(front);

    material.revoke("lost");
    let _front = start(&material, &material.config(&arguments), port);
    assert_eq!(curl(port, "node1", &app.trust, Some(&app)).stdout, "hello");
    let run = curl(port, "node1", &app.trust, Some(&lost));
    assert_ne!(run.stdout, "hello", "revoked: {run:?}");
}

/// Tries a front before a TLS backend, whose certificate is then revoked.
fn try_backend(server: &str, start: impl Fn(&Material, &str, u16) -> Server) {
    let material = Material::new();
    let trust = material.identity("app").trust;
    let page = |backend: &str| {
        let (port, behind) = (free_port(), free_port());
        let _backend = tls_backend(&material.home().join(backend), behind);
        let snippet = material.config(&[
            server,
            "node1",
            "--set",
            &format!("listen=127.0.0.1:{port}"),
            "--set",
            &format!("backend=localhost:{behind}"),
            "--set",
            "backend-tls=yes",
        ]);
        let _front = start(&material, &snippet, port);
        curl(port, "node1", &trust, None).stdout
    };
    drop(material.copy("node3"));
    assert!(page("copies/certs/node3").contains("s_server"));
    material.revoke("node3");
    assert!(!page("copies/certs/node3").contains("s_server"), "revoked");
    assert!(page("pki/certs/node2").contains("s_server"));
    assert!(
        !page("strange/certs/stranger").contains("s_server"),
        "another root"
    );
}

/// A backend with the certificate of this directory, which tells about itself.
pub(crate) fn tls_backend(directory: &Path, port: u16) -> Server {
    let mut command = program("openssl");
    command.args(["s_server", "-www", "-accept", &port.to_string()]);
    for (option, file) in [
        ("-cert", "cert.pem"),
        ("-cert_chain", "cert.pem"),
        ("-key", "key.pem"),
    ] {
        command.arg(option).arg(directory.join(file));
    }
    Server::start(&mut command, port)
}

#[test]
fn apache() {
    try_front("apache", start_apache);
    try_backend("apache", start_apache);
}

pub(crate) fn start_apache(material: &Material, snippet: &str, port: u16) -> Server {
    let home = material.home().display();
    let modules = "/usr/lib/apache2/modules";
    let needed = [
        "mpm_event",
        "alias",
        "auth_basic",
        "authn_core",
        "authn_file",
        "authz_core",
        "authz_groupfile",
        "authz_user",
        "socache_shmcb",
        "ssl",
        "proxy",
        "proxy_http",
        "headers",
    ];
    let load: String = needed
        .iter()
        .map(|name| format!("LoadModule {name}_module {modules}/mod_{name}.so\n"))
        .collect();
    let text = format!(
        "{load}ServerName test\nPidFile {home}/apache.pid\nErrorLog {home}/apache.log\n\
         Mutex file:{home}\nListen 127.0.0.1:{port}\n{snippet}"
    );
    let mut command = program("apache2");
    command
        .arg("-DFOREGROUND")
        .arg("-f")
        .arg(material.file("apache.conf", &text));
    Server::start(&mut command, port)
}

#[test]
fn haproxy() {
    try_front("haproxy", start_haproxy);
    try_backend("haproxy", start_haproxy);
}

/// Runs what the snippet says first: HAProxy reads key and chain from one file.
pub(crate) fn start_haproxy(material: &Material, snippet: &str, port: u16) -> Server {
    let here = format!("{}/", material.home().display());
    let snippet = snippet.replace("/etc/haproxy/", &here);
    let export = snippet
        .lines()
        .find_map(|line| line.strip_prefix("#   certctl "));
    let words: Vec<_> = export.expect("it is named").split(' ').collect();
    material.run(&words);
    let mut command = program("haproxy");
    command
        .arg("-f")
        .arg(material.file("haproxy.cfg", &snippet));
    Server::start(&mut command, port)
}

#[test]
fn nginx() {
    try_front("nginx", start_nginx);
    try_backend("nginx", start_nginx);
}

pub(crate) fn start_nginx(material: &Material, snippet: &str, port: u16) -> Server {
    let home = material.home().display();
    let text = format!(
        "daemon off;\nmaster_process off;\npid {home}/nginx.pid;\nevents {{}}\nhttp {{\n\
         access_log off;\nclient_body_temp_path {home}/b;\nproxy_temp_path {home}/p;\n\
         fastcgi_temp_path {home}/f;\nuwsgi_temp_path {home}/u;\nscgi_temp_path {home}/s;\n{snippet}}}\n"
    );
    let mut command: Command = program("nginx");
    command.arg("-e").arg(material.home().join("nginx.log"));
    command
        .arg("-p")
        .arg(material.home())
        .arg("-c")
        .arg(material.file("nginx.conf", &text));
    Server::start(&mut command, port)
}
