//! RethinkDB's web administration behind Apache, HAProxy and nginx: it has no login of its own.
//!
//! Another TLS server stands for RethinkDB, with the certificate that RethinkDB would present.

use std::path::Path;

use crate::{
    Identity, Material,
    fronts::{start_apache, start_haproxy, start_nginx, tls_backend},
    process::{Server, free_port},
    support::{Run, program},
};

/// A request through the proxy: the status, then the body.
fn get(port: u16, trust: &Path, path: &str, login: &str) -> (String, String) {
    let mut command = program("curl");
    command.args(["-sS", "--max-time", "30", "-w", "%{http_code}"]);
    command.args(["--resolve", &format!("node1:{port}:127.0.0.1")]);
    if !login.is_empty() {
        command.args(["-u", login]);
    }
    command.arg("--cacert").arg(trust);
    let mut answer = Run::of(command.arg(format!("https://node1:{port}{path}"))).stdout;
    let status = answer.split_off(answer.len().saturating_sub(3));
    (status, answer)
}

fn try_proxy(format: &str, start: impl Fn(&Material, &str, u16) -> Server) {
    let material = Material::new();
    let trust = material.identity("app").trust;
    let hash = Run::of(program("openssl").args(["passwd", "-6", "secret"])).stdout;
    let user = format!("user=admin:{}", hash.trim());
    for (file, format) in [("proxy.users", "htpasswd"), ("proxy.groups", "htgroup")] {
        let _ = material.config_file(file, &["rethinkdb", "--as", format, "--set", &user]);
    }
    let mut words = vec!["rethinkdb", "node1", "--as", format];
    if format == "haproxy" {
        // The others read the files.
        words.extend(["--set", &user]);
    }
    let snippet = material.config(&words);
    let here = format!("{}/", material.home().display());
    let proxy = |backend: &Identity, ask: &dyn Fn(u16)| {
        let (port, behind) = (free_port(), free_port());
        let snippet = snippet
            .replace("/etc/rethinkdb/", &here)
            .replace("8080", "BEHIND")
            .replace("443", &port.to_string())
            // A port may have the digits of another.
            .replace("BEHIND", &behind.to_string());
        let _backend = tls_backend(backend, behind);
        let _proxy = start(&material, &snippet, port);
        ask(port);
    };
    proxy(&material.identity("node1"), &|port| {
        let get = |path: &str, login: &str| get(port, &trust, path, login);
        let (status, page) = get("/rethinkdb_admin/", "admin:secret");
        assert!(
            status == "200" && page.contains("s_server"),
            "{status} {page}"
        );
        assert_eq!(get("/rethinkdb_admin", "admin:secret").0, "301");
        for login in ["", "admin:wrong", "other:secret"] {
            let (status, page) = get("/rethinkdb_admin/", login);
            assert!(
                status == "401" && !page.contains("s_server"),
                "{login}: {status} {page}"
            );
        }
        assert!(!get("/", "admin:secret").1.contains("s_server"));
    });
    proxy(&material.stranger(), &|port| {
        let (status, page) = get(port, &trust, "/rethinkdb_admin/", "admin:secret");
        // nginx says 502, HAProxy 503, Apache 500 or 400.
        let refused = status.starts_with(['4', '5']) && !page.contains("s_server");
        assert!(refused, "another root: {status} {page}");
    });
}

#[test]
fn apache() {
    try_proxy("apache", start_apache);
}

#[test]
fn haproxy() {
    try_proxy("haproxy", start_haproxy);
}

#[test]
fn nginx() {
    try_proxy("nginx", start_nginx);
}
