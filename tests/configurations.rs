//! `certctl check FILE` on servers' configuration files: those that `certctl config` writes, and those
//! that somebody spoiled.

use std::{
    collections::BTreeSet,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use certctl::emit::{Catalogue, Format, Server, Syntax, Version};
use serde_json::Value;
use support::{Certctl, openssl};

mod support;

const NOW: &str = "2030-01-01T00:00:00Z";

/// A PKI with what the files below name: two roots, nodes below an intermediate, and a client.
fn certctl() -> Certctl {
    let certctl = Certctl::at(NOW);
    for command in [
        "issue node1 --init --local -q",
        "init-ca clients -q",
        "init-ca other -q",
        "crl --ca clients -q",
        "issue node2 --ca other -q",
        "issue app --ca clients --profile client -q",
        "issue web --ca issuing --profile server -q",
        "issue curve --ca issuing --key-type p384 -q",
        "init-intermediate policy --ca root --path-len 1 -q",
        "init-intermediate lower --ca policy -q",
        "issue deep --ca lower -q",
        "export node1 --format pem --out pki/certs/node1/node1.pem -q",
        "issue ed --ca issuing --local --key-type ed25519 -q",
        "export ed --format pem --out pki/certs/ed/ed.pem -q",
        "export web --format pem --out pki/certs/web/web.pem -q",
        "issue member --ca issuing --subject CN={name},OU=rs0 -q",
        "export member --format pem --out pki/certs/member/member.pem -q",
    ] {
        let words: Vec<_> = command.split_whitespace().collect();
        let _ = certctl.run(&words).expect_status(0);
    }
    certctl
}

/// `CODE:LINE` of every finding, and the document.
fn check(certctl: &Certctl, arguments: &[&str]) -> (Vec<String>, Value) {
    let run = certctl.run(&[&["check", "--json"], arguments].concat());
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|_| panic!("{arguments:?}: {}", run.stderr));
    let findings = document["findings"].as_array().expect("a list");
    let shown = |finding: &Value| {
        let place = finding["place"].as_str().unwrap_or_default();
        let line = place.rsplit(':').next().unwrap_or_default();
        format!("{}:{line}", finding["code"].as_str().expect("text"))
    };
    // Whether the server's own user may read what is made here depends on who runs this.
    let here = findings
        .iter()
        .filter(|it| it["code"] != "unreadable-to-server");
    (here.map(shown).collect(), document)
}

/// A format's snippet for node1, in `file`; the codes of what `config` has to say about it, unless that
/// is that it does not work.
fn write(
    certctl: &Certctl,
    server: &Server,
    format: &Format,
    version: &Version,
    more: &[&str],
) -> Option<BTreeSet<String>> {
    let version = version.to_string();
    let mut arguments = vec![
        "config",
        &server.name,
        "node1",
        "--as",
        &format.name,
        "--json",
    ];
    arguments.extend(["--server-version", &version, "--out", "file", "--force"]);
    arguments.extend(more);
    let examples = format.requires.iter().map(|name| {
        let spec = server.manifest.spec(name.get_ref()).expect("it is known");
        format!("{}={}", name.get_ref(), spec.example)
    });
    // A file with key and chain is made by hand.
    let both = certctl.pki("certs/node1/node1.pem");
    let has_crt = server.manifest.parameters.contains_key("crt");
    let crt = has_crt.then(|| format!("crt={}", both.display()));
    let examples: Vec<_> = examples.collect();
    arguments.extend(examples.iter().flat_map(|it| ["--set", it]));
    let with_both = [
        &arguments[..],
        &["--set", crt.as_deref().unwrap_or_default()],
    ]
    .concat();
    // Not all formats have a place for it.
    let run = crt.as_ref().map(|_| certctl.run(&with_both));
    let run = run.filter(|run| !run.stderr.contains("`crt` has no place"));
    let run = run.unwrap_or_else(|| certctl.run(&arguments));
    let run = run.expect_status(0);
    let document: Value = serde_json::from_str(&run.stdout).expect("one JSON document");
    let findings = document["findings"].as_array().expect("a list");
    let code = |finding: &Value| finding["code"].as_str().expect("text").to_owned();
    let works = findings
        .iter()
        .all(|finding| finding["severity"] != "error");
    works.then(|| findings.iter().map(code).collect())
}

#[test]
fn what_is_written_is_in_order() {
    let certctl = certctl();
    let mut read = BTreeSet::new();
    for server in Catalogue::embedded().servers().expect("they hold together") {
        for format in &server.manifest.formats {
            // Containers see their files elsewhere, and what names none is no configuration.
            let names_files = format.mount.is_none() && !server.manifest.endpoints.is_empty();
            if format.syntax.is_none() || !names_files {
                continue;
            }
            for version in server.manifest.versions.get_ref() {
                for more in [&[][..], &["--client-ca", "clients"]] {
                    let Some(told) = write(&certctl, &server, format, version, more) else {
                        continue;
                    };
                    let version = version.to_string();
                    let mut arguments = vec!["--server-version", &version, "file"];
                    // What is but words in columns, or variables of any name, is told by the file's name.
                    let is_columns = format.syntax == Some(Syntax::Columns);
                    if is_columns || format.prefix.as_deref() == Some("") {
                        arguments.extend(["--server", &server.name]);
                    }
                    let (found, document) = check(&certctl, &arguments);
                    let name = format!("{} {} {version} {more:?}", server.name, format.name);
                    assert_eq!(document["checked"]["configurations"], 1, "{name}");
                    let code = |it: &String| it.split(':').next().expect("text").to_owned();
                    let news: Vec<_> = found
                        .iter()
                        .filter(|it| !told.contains(&code(it)))
                        .collect();
                    assert!(news.is_empty(), "{name}: {document:#}");
                }
            }
            read.insert(format!("{} {}", server.name, format.name));
        }
    }
    assert!(read.len() >= 14, "{read:?}");
}

/// Whatever is left out, every file is judged to its end: no rule stumbles over what is not there.
#[test]
fn no_missing_line_stops_check() {
    let certctl = certctl();
    let mut judged = 0;
    for server in Catalogue::embedded().servers().expect("they hold together") {
        let version = server.manifest.versions.get_ref().last().expect("one");
        for format in &server.manifest.formats {
            // Without roots of clients, so that nothing is left of an endpoint.
            let is_read = format.syntax.is_some() && format.mount.is_none();
            if !is_read || write(&certctl, &server, format, version, &[]).is_none() {
                continue;
            }
            let text = fs::read_to_string(certctl.home().join("file")).expect("it was written");
            let lines: Vec<_> = text.lines().collect();
            // Certificate and key stand beside each other: without both there is no endpoint.
            let pairs = (0..lines.len()).flat_map(|first| [(first, 1), (first, 2)]);
            for (first, count) in pairs {
                let after = lines.iter().skip(first + count);
                let rest: Vec<_> = lines[..first].iter().chain(after).copied().collect();
                fs::write(certctl.home().join("file"), rest.join("\n") + "\n").expect("writable");
                let run = certctl.run(&["check", "--json", "--server", &server.name, "file"]);
                let stumbled = run.stderr.contains("\"code\":\"template\"");
                assert!(!stumbled, "{run:?}\n{rest:#?}");
                judged += 1;
            }
        }
    }
    assert!(judged > 100, "{judged}");
}

/// A server, a file that somebody wrote for it, and what is wrong there as `CODE:LINE`. Names in braces
/// stand for the folders of entries and of a CA; what the file is called may follow the server.
type Broken = (&'static str, &'static str, &'static [&'static str]);

/// Files that are named besides, and what OpenSSL reads.
const BESIDES: &[Broken] = &[
    // What servers need beside TLS.
    (
        "mariadb/my.cnf",
        "[mysqld]\nssl-cert={node1}/cert.pem\nssl-key={node1}/key.pem\nrequire_secure_transport\ninit-file=/none/a\ntmpdir=/none/b\nlog-bin=/none/c/d\npid-file=/run/none/d\n!include /none/e\n",
        &[
            "file-missing:5",
            "file-missing:6",
            "file-missing:7",
            "include-missing:9",
        ],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nauth_type = hba\nauth_file = /none/a\nauth_hba_file = /none/b\nlogfile = /none/c/d\nclient_tls_sslmode = require\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\n",
        &["file-missing:3", "file-missing:4", "file-missing:5"],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nauth_type = md5\nauth_file = {folder}/pw\nauth_hba_file = /none/b\nclient_tls_sslmode = require\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\n",
        &[],
    ),
    (
        "postgresql/postgresql.conf",
        "ssl = on\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\nhba_file = '/none/a'\nident_file = '/none/b'\n",
        &["file-missing:4", "file-missing:5"],
    ),
    (
        "haproxy",
        "global\n lua-load /none/a b\nfrontend a\n bind :443 ssl crt {node1}/node1.pem\n",
        &["file-missing:2"],
    ),
    (
        "nginx",
        "load_module /none/a;\npid /none/b/c;\nserver {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n proxy_temp_path /none/e/f 1 2;\n}\n",
        &["file-missing:1", "file-missing:2", "file-missing:5"],
    ),
    (
        "apache",
        "ServerRoot /none/a\nLoadFile /none/b\nMutex file:/none/c ssl-cache\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nDocumentRoot /none/d\n</VirtualHost>\n",
        &[
            "file-missing:1",
            "file-missing:2",
            "file-missing:3",
            "file-missing:8",
        ],
    ),
    (
        "mosquitto",
        "listener 8883\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\nplugin /none/a\nlog_dest file /none/b/c\nlog_dest syslog\n",
        &["file-missing:4", "file-missing:5"],
    ),
    (
        "memcached/memcached.conf",
        "-Z\n-o ssl_chain_cert={node1}/cert.pem,ssl_key={node1}/key.pem\n-Y /none/a\n-P /none/b/c\n-s /run/none/d\n",
        &["file-missing:3", "file-missing:4"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {node1}/node1.pem\n    CAFile: {node1}/ca.pem\nsecurity:\n  authorization: enabled\n  keyFile: /none/a\n",
        &["file-missing:8"],
    ),
    (
        "nats",
        "tls {\n cert_file: {node1}/cert.pem\n key_file: {node1}/key.pem\n}\npid_file: /none/a/b\nleafnodes {\n remotes: [{url: \"tls://a\", credentials: \"/none/c\", tls {ca_file: {node1}/ca.pem}}]\n}\n",
        &["file-missing:5", "file-missing:7"],
    ),
    (
        "rqlite",
        "rqlited \\\n -http-cert {node1}/cert.pem -http-key {node1}/key.pem -http-ca-cert {node1}/ca.pem -http-verify-client \\\n -auto-backup /none/a data\n",
        &["file-missing:3"],
    ),
    (
        "etcd",
        "etcd --cert-file {node1}/cert.pem --key-file {node1}/key.pem --listen-client-urls https://0.0.0.0:2379 --advertise-client-urls https://node1:2379 \\\n --auth-token jwt,pub-key=/none/a,priv-key=/none/b,sign-method=RS256\n",
        &["open-to-everybody:1", "file-missing:2", "file-missing:2"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_dhparam /none;\n}\n",
        &["file-missing:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_dhparam {node1}/cert.pem;\n}\n",
        &["malformed:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_trusted_certificate {node1}/key.pem;\n}\n",
        &["malformed:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_trusted_certificate {node1}/ca-chain.pem;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_session_ticket_key {folder}/pw;\n}\n",
        &["malformed:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_session_ticket_key {folder}/ticket;\n}\n",
        &["key-mode:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_stapling on; ssl_stapling_file {node1}/cert.pem;\n}\n",
        &["malformed:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_stapling_file {node1}/cert.pem;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_conf_command VerifyCAFile /none;\n}\n",
        &["file-missing:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_password_file {folder}/open-pw;\n}\n",
        &["key-mode:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_ciphers FOO;\n}\n",
        &["bad-value:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_ciphers HIGH:FOO;\n}\n",
        &["unheard-word:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_ecdh_curve X25519:foo;\n}\n",
        &["bad-value:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_ecdh_curve auto;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_ciphers HIGH:@SECLEVEL=4;\n}\n",
        &["security-level:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n listen 80;\n}\n",
        &["plain-port:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n listen 127.0.0.1:80; listen unix:/a;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n listen 80; location / { return 301 https://$host; }\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n listen 80; if ($scheme = http) { rewrite ^ https://a/; }\n location / { root /a; }\n}\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCARevocationPath /none\n</VirtualHost>\n",
        &["file-missing:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCADNRequestPath {node1}/ca.pem\n</VirtualHost>\n",
        &["not-a-file:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCertificateChainFile {node1}/key.pem\n</VirtualHost>\n",
        &["malformed:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLInsecureRenegotiation on\n</VirtualHost>\n",
        &["renegotiation:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLInsecureRenegotiation off\n</VirtualHost>\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCipherSuite TLSv1.3 FOO\n</VirtualHost>\n",
        &["bad-value:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCipherSuite TLSv1.2 HIGH\n</VirtualHost>\n",
        &["bad-value:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCipherSuite SSL HIGH\n</VirtualHost>\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLOpenSSLConfCmd Foo bar\n</VirtualHost>\n",
        &["bad-value:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLOpenSSLConfCmd DHParameters /none\n</VirtualHost>\n",
        &["file-missing:5"],
    ),
    (
        "apache",
        "SSLPassPhraseDialog |/none\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &["file-missing:1"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ndir ./\nlogfile redis.log\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-dh-params-file /none\n",
        &["file-missing:6"],
    ),
    (
        "valkey/valkey.conf",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients-user URI\n",
        &["login-by-certificate:6"],
    ),
    (
        "valkey/valkey.conf",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients-user CN\nuser default off\ntls-auto-reload-intervall 60\n",
        &["unknown-option:8"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\naclfile /none\n",
        &["file-missing:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-ciphersuites FOO\n",
        &["bad-value:6"],
    ),
    (
        "stunnel",
        "taskbar = no\n[s]\naccept = 6380\nconnect = 127.0.0.1:6379\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\n",
        &["unknown-option:1"],
    ),
    (
        "stunnel",
        "output = /nowhere/log\npid = /run/nowhere/pid\n[s]\naccept = 6380\nconnect = 127.0.0.1:6379\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\n",
        &["file-missing:1"],
    ),
    (
        "stunnel",
        "fips = maybe\npid = /nowhere/pid\n[s]\naccept = 6380\nconnect = 127.0.0.1:6379\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\n",
        &["bad-value:1", "file-missing:2"],
    ),
    (
        "stunnel",
        "[s]\naccept = 6380\nconnect = 127.0.0.1:6379\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nsocket = l:SO_LINGER=1:60\nsocket = l:SO_FOO=1\nsni = s\nlocal =\n",
        &["bad-value:7", "bad-value:8", "bad-line:9"],
    ),
    (
        "stunnel",
        "[s]\naccept = 6380\nconnect = 127.0.0.1:6379\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nredirect = 127.0.0.1:80\nengineId = x\ncheckHost = 0\n",
        &[
            "incomplete-options:6",
            "incomplete-options:7",
            "incomplete-options:8",
        ],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nPSKsecrets = {node1}/cert.pem\n",
        &["key-mode:6", "malformed:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nCRLpath = /none\n",
        &["file-missing:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\noptions = FOO\n",
        &["bad-value:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\noptions = -no_tlsv1_3\n",
        &[],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nTIMEOUTidle = 1h\n",
        &["bad-value:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nTIMEOUTidle = -1\n",
        &[],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nsecurityLevel = 4\n",
        &["security-level:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nsecurityLevel = 3\n",
        &[],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nsslVersion = TLSv1.2\nsslVersionMin = TLSv1.3\n",
        &["no-protocol:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nprotocol = ldap\n",
        &["misplaced-option:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nconfig = Foo:bar\n",
        &["bad-value:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nticketKeySecret = x\n",
        &["bad-value:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\ndebug = 9\n",
        &["bad-value:6"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\ndebug = daemon.info\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\nlogfile /nowhere/log\ndir /none\ndir /\nunixsocket /run/nowhere/s\n",
        &["file-missing:6", "file-missing:7"],
    ),
    (
        "nginx",
        "error_log logs/e.log;\nserver {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {node1}/key.pem;\n access_log syslog:server=unix:/dev/log;\n access_log /nowhere/$host.log combined;\n access_log /nowhere/a.log combined;\n}\n",
        &["file-missing:8"],
    ),
    (
        "apache",
        "Listen 443\nErrorLog /nowhere/e.log\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nCustomLog \"|/usr/bin/rotate /nowhere/a\" common\nTransferLog /dev/null\n</VirtualHost>\n",
        &["file-missing:2"],
    ),
    (
        "postgresql",
        "ssl = on\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\nssl_min_protocol_version = 'TLSv1.3'\nssl_max_protocol_version = 'TLSv1.2'\n",
        &["no-protocol:5"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ca-ignore-err 10,12 crt-ignore-err X509_V_ERR_CERT_HAS_EXPIRED verify required ca-file {node1}/ca.pem\n default_backend b\nbackend b\n server c 127.0.0.1:1 check fall 3 rise 2\n",
        &[],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ca-ignore-err 10,foo verify required ca-file {node1}/ca.pem\n default_backend b\nbackend b\n server c 127.0.0.1:1 check fall many on-error nothing\n",
        &["bad-value:2", "bad-value:5", "bad-value:5"],
    ),
    (
        "haproxy",
        "global\n ssl-load-extra-files ocsp key\n ssl-load-extra-files any\n tune.ssl.keylog maybe\n ssl-default-bind-options\nfrontend a\n bind :443 ssl crt {node1}/node1.pem \n default_backend b\nbackend b\n server c 127.0.0.1:1 \n",
        &["bad-value:3", "bad-value:4", "bad-line:5"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem tls-ticket-keys {folder}/pw\n",
        &["malformed:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ca-verify-file /none\n",
        &["file-missing:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ciphersuites FOO\n",
        &["bad-value:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem curves X25519:foo\n",
        &["bad-value:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ca-sign-file /none\n",
        &[],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem generate-certificates ca-sign-file /none\n",
        &["file-missing:2"],
    ),
    (
        "haproxy",
        "global\n ssl-dh-param-file /none\n ssl-server-verify foo\nfrontend a\n bind :443 ssl crt {node1}/node1.pem\n",
        &["file-missing:2", "bad-value:3"],
    ),
    (
        "postgresql",
        "ssl = on\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\nssl_dh_params_file = '/none'\nssl_ciphers = 'HIGH:FOO'\nssl_ecdh_curve = 'foo'\n",
        &[
            "file-missing:4",
            "unheard-word:5",
            "bad-value:6",
            "not-in-version:6",
        ],
    ),
];

const BROKEN: &[Broken] = &[
    // What HOCON takes back, another name for an option, and listeners without TLS.
    (
        "emqx",
        "listeners.ssl.default {\n bind = 8883\n enabled = true\n ssl_options { certfile = \"{node1}/cert.pem\", keyfile = \"{node1}/key.pem\", cacertfile = null, verify = verify_none }\n}\nlisteners.ws.default.enabled = false\ndashboard.listeners.https { bind = 18084, ssl_options { certfile = \"{node1}/cert.pem\", keyfile = \"{web}/key.pem\" } }\n",
        &["plain-port:4", "key-mismatch:7"],
    ),
    // What holds for every server.
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\n",
        &[],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndrvier-tls-cert={node1}/cert.pem\n",
        &["incomplete-options:1", "unknown-option:2"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\ntls-new=1\n",
        &["unknown-option:3"],
    ),
    (
        "rethinkdb",
        "cores=2\nmy-own=1\ndriver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\n",
        &[],
    ),
    (
        "rethinkdb",
        "bind=localhost\ndriver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\n",
        &["bad-value:1"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\ninitial-password=s3c#ret\n",
        &["forbidden-character:3"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert=tls/cert.pem\n",
        &["relative-path:2"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/none.pem\n",
        &["file-missing:2"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={app}/key.pem\ndriver-tls-cert={node1}/cert.pem\n",
        &["key-mismatch:1"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/ca.pem\ndriver-tls-cert={node1}/cert.pem\n",
        &["key-mode:1", "malformed:1"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={app}/key.pem\ndriver-tls-cert={app}/cert.pem\n",
        &["missing-eku:2"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/leaf.pem\n",
        &["chain-incomplete:2"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/open.pem\ndriver-tls-cert={node1}/cert.pem\n",
        &["key-mode:1"],
    ),
    (
        "rethinkdb",
        "cluster-tls-key={node1}/key.pem\ncluster-tls-cert={node1}/cert.pem\ncluster-tls-ca={clients}/cert.pem\n",
        &["trust-bundle:3"],
    ),
    (
        "rethinkdb",
        "cluster-tls-key={node1}/key.pem\ncluster-tls-cert={node1}/cert.pem\n",
        &["incomplete-options:1", "incomplete-options:2"],
    ),
    (
        "rqlite",
        "rqlited -http-cert {node1}/cert.pem -http-key {node1}/key.pem \\\n  -auth /a -http-no-verify\n",
        &["not-in-version:2", "not-verified:2", "file-missing:2"],
    ),
    // What is special to one.
    (
        "rethinkdb",
        "cluster-tls-key={node1}/key.pem\ncluster-tls-cert={node1}/cert.pem\ncluster-tls-ca={node1}/ca.pem\ndriver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\ndriver-tls-ca={node1}/ca.pem\n",
        &["shared-root:3"],
    ),
    (
        "rethinkdb",
        "tls-min-protocol=TLSv1\ndriver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\n",
        &["old-protocol:1"],
    ),
    (
        "rethinkdb",
        "tls-min-protocol=TLSv1\ntls-ciphers=ALL:@SECLEVEL=0\ndriver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\n",
        &["old-protocol:1"],
    ),
    (
        "rethinkdb",
        "cluster-tls-key={curve}/key.pem\ncluster-tls-cert={curve}/cert.pem\ncluster-tls-ca={curve}/ca.pem\n",
        &["curve-mismatch:2"],
    ),
    (
        "rethinkdb",
        "bind-http=all\nhttp-tls-key={node1}/key.pem\nhttp-tls-cert={node1}/cert.pem\n",
        &["open-administration:1"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file \"{node1}/key.pem\"\ntls-auth-clients no\nmaxmemory 1gb\n",
        &["no-login:5"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\n",
        &["client-ca-missing:3"],
    ),
    (
        "redis",
        "TLS-Port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["plain-port:1"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-protocols \"TLSv1.1 TLSv1.2\"\n",
        &["old-protocol:6"],
    ),
    (
        "redis",
        "port 0\ntls-cluster yes\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients optional\ncluster-enabled yes\n",
        &["tls-switched-off:1", "nodes-without-certificates:6"],
    ),
    // No bus without a cluster.
    (
        "redis",
        "port 0\ntls-port 1\ntls-cluster yes\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients optional\nrequirepass x\nset-max-listpack-entries 1\n",
        &[],
    ),
    (
        "stunnel",
        "foreground = yes\n[db]\nclient = yes\naccept = 6379\nconnect = db:6380\nCAfile = {node1}/ca.pem\nverify = 0\n",
        &["not-verified:3"],
    ),
    (
        "stunnel",
        "[db]\naccept = 6380\nconnect = 6379\ncert = {node1}/cert.pem\n",
        &["incomplete-options:4"],
    ),
    (
        "stunnel",
        "[db]\naccept = 6380\nconnect = 6379\ncert = {node1}/both.pem\n",
        &[],
    ),
    (
        "stunnel",
        "[db]\nclient = yes\naccept = 6379\nconnect = db:6380\n",
        &["no-tls:1", "not-verified:2"],
    ),
    (
        "stunnel",
        "[db]\nclient = yes\nconnect = db:6380\ncafile = {node1}/ca.pem\nverifyChain = yes\naccept = 1\n",
        &["name-not-checked:5"],
    ),
    (
        "stunnel",
        "[db]\nclient = yes\nconnect = db:6380\nverifyChain = yes\ncheckHost = db\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\naccept = 1\n",
        &["client-ca-missing:4"],
    ),
    (
        "stunnel",
        "output = /tmp/log\nconnect = 2\n[a]\naccept = 1\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\n[b]\naccept = 3\ncert = {node1}/cert.pem\nkey = {app}/key.pem\nsslVersionMin = TLSv1\n",
        &["shared-file-place:1", "key-mismatch:10", "old-protocol:11"],
    ),
    (
        "stunnel",
        "[db]\nclient = yes\nconnect = db:6380\nCAfile = {node1}/ca.pem\nverify = 2\naccept = 1\n",
        &["name-not-checked:5"],
    ),
    (
        "rethinkdb",
        "rethinkdb --driver-tls-key {node1}/key.pem\n  --driver-tls-cert={node1}/cert.pem\n",
        &["incomplete-options:1", "unknown-option:2"],
    ),
    (
        "rqlite",
        "rqlited -auth=/a -http-key={node1}/key.pem -http-cert={app}/cert.pem\n",
        &["missing-eku:1", "key-mismatch:1", "file-missing:1"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem;\n  ssl_certificate_key {node1}/key.pem;\n  ssl_verify_client on;\n}\n",
        &["client-ca-missing:4"],
    ),
    (
        "nginx",
        "ssl_certificate {node1}/cert.pem;\nserver { listen 1 ssl;\n  ssl_certificate_key {node1}/key.pem; # one\n  ssl_client_certificate {clients}/cert.pem;\n}\n",
        &["clients-not-verified:1"],
    ),
    (
        "nginx",
        "server {\n  ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n  location / {\n    proxy_pass https://db;\n  }\n  location /a { proxy_pass http://db; }\n}\n",
        &["tls-switched-off:2", "not-verified:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n  ssl_protocols TLSv1 TLSv1.2;\n  proxy_ssl_verify on;\n  ssl_protocl TLSv1;\n}\n",
        &["old-protocol:3", "backend-ca-missing:4", "unknown-option:5"],
    ),
    (
        "nginx",
        "ssl_certificate {node1}/cert.pem;\nssl_certificate_key {node1}/key.pem;\nssl_crl {node1}/none.pem;\n",
        &["file-missing:3"],
    ),
    (
        "apache",
        "SSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLVerifyClient require\nSSLVerifyDepth 3\n",
        &["client-ca-missing:3"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile \"{node1}/cert.pem\"\nsslcertificatekeyfile {node1}/key.pem\nSSLCACertificateFile {clients}/cert.pem\n</VirtualHost>\n",
        &["clients-not-verified:3"],
    ),
    (
        "apache",
        "SSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCACertificateFile {node1}/ca.pem\nSSLVerifyClient require\n",
        &["short-depth:4"],
    ),
    (
        "apache",
        "SSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLProxyEngine on\nSSLProxyCheckPeerName off\nSSLProtocol all +TLSv1\n",
        &["not-verified:1", "name-not-checked:4", "old-protocol:5"],
    ),
    (
        "haproxy",
        "frontend a\n  bind :443 ssl crt {node1}/node1.pem verify required\n  mode tcp\n",
        &["client-ca-missing:2"],
    ),
    (
        "haproxy",
        "frontend a\n  bind :443 ssl crt {node1}/node1.pem ca-file {clients}/cert.pem ssl-min-ver TLSv1.0\n",
        &["clients-not-verified:2", "old-protocol:2"],
    ),
    (
        "haproxy",
        "frontend a\n  bind :443 ssl crt {node1}/cert.pem\nbackend b\n  server s :1 ssl verify none\n  server t :1 ssl verify required ca-file {clients}/cert.pem\n",
        &["file-missing:2", "not-verified:4", "name-not-checked:5"],
    ),
    (
        "emqx",
        "cluster.proto_dist = inet_tls\nrpc {\n  protocol = ssl\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{node1}/key.pem\"\n  cacertfile = \"{node1}/ca.pem\"\n  verify = verify_peer\n}\n",
        &["insecure-fallback:4", "unknown-option:7"],
    ),
    (
        "emqx",
        "rpc.certfile = {node1}/cert.pem\nrpc.keyfile = {node1}/key.pem\nrpc.cacertfile = {node1}/ca.pem\nrpc.insecure_fallback = true\n",
        &[
            "tls-switched-off:1",
            "clear-distribution:1",
            "insecure-fallback:4",
        ],
    ),
    (
        "emqx",
        "[{server, [{certfile, \"{node1}/cert.pem\"},\n {keyfile, \"{node1}/key.pem\"},\n {verify, verify_none}]}].\n",
        &["not-verified:3"],
    ),
    (
        "emqx",
        "[{client, [{certfile, \"{node1}/cert.pem\"},\n {keyfile, \"{node1}/key.pem\"},\n {verify, verify_peer}]}].\n",
        &["client-ca-missing:3"],
    ),
    (
        "rqlite",
        "rqlited -http-cert {node1}/cert.pem \\\n  -http-key {node1}/key.pem\n",
        &["open-to-everybody:1"],
    ),
    (
        "stunnel",
        "foreground = yes\n[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\npid = /run/x.pid\nsyslog = no\ndebug = 7\nRNDbytes = 64\n",
        &[
            "misplaced-option:7",
            "misplaced-option:8",
            "misplaced-option:10",
        ],
    ),
    (
        "stunnel",
        "foreground = yes\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\n",
        &["misplaced-option:2"],
    ),
    (
        "nginx",
        "server {\n listen 443 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {node1}/key.pem;\n location / {\n  ssl_protocols TLSv1.3;\n  proxy_pass http://localhost;\n }\n}\n",
        &["misplaced-option:6"],
    ),
    (
        "apache",
        "SSLSessionCache none\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n<IfModule ssl>\nsslsessioncache none\n</IfModule>\n<Location />\nSSLVerifyDepth 3\nSSLProtocol all\n</Location>\n</VirtualHost>\n",
        &["misplaced-option:7", "misplaced-option:11"],
    ),
    (
        "haproxy",
        "global\n ssl-default-bind-options no-sslv3\nfrontend f\n bind :443 ssl crt {node1}/node1.pem\n ssl-default-bind-options no-sslv3\nbackend b\n bind :444 ssl crt {node1}/node1.pem\n server bind 127.0.0.1:1\n",
        &["misplaced-option:5", "misplaced-option:7"],
    ),
    (
        "rqlite",
        "rqlited -node-cert {node1}/cert.pem -node-key {node1}/key.pem -node-ca-cert {node1}/ca.pem \\\n -raft-adv-addr elsewhere:4002 \\\n -join https://node2:4001\n",
        &["advertised-name:2", "join-address:3"],
    ),
    (
        "rqlite",
        "rqlited -node-cert {node1}/cert.pem -node-key {node1}/key.pem -node-ca-cert {node1}/ca.pem \\\n -raft-adv-addr 0.0.0.0:4002 -node-verify-server-name node1\n",
        &["unroutable-address:2"],
    ),
];

#[test]
fn what_is_written_for_containers_is_in_order() {
    let certctl = certctl();
    let mut count = 0;
    for server in Catalogue::embedded().servers().expect("they hold together") {
        let mounted = server.manifest.formats.iter();
        for format in mounted.filter(|format| format.mount.is_some()) {
            let version = server.manifest.newest();
            let told = write(&certctl, &server, format, version, &[]).expect("it works");
            let (found, document) = check(&certctl, &["file"]);
            let text = fs::read_to_string(certctl.home().join("file")).expect("text");
            // Kubernetes' secrets lie elsewhere.
            let is_unseen = |code: &str| code == "not-checked" && text.contains("secretName");
            let mut codes = found.iter().map(|it| it.split(':').next().expect("text"));
            let is_told = codes.all(|code| told.contains(code) || is_unseen(code));
            assert!(is_told, "{} {}: {found:?}", server.name, format.name);
            assert_eq!(document["checked"]["configurations"], 1);
            let ends = &document["next_to_expire"];
            assert!(text.contains("secretName") || !ends.is_null(), "{document}");
            count += 1;
        }
    }
    assert!(count >= 4, "{count}");
}

/// What is wrong with what containers are started with, and with what is mounted there.
const CONTAINERS: &[Broken] = &[
    (
        "redis",
        "services:\n  r:\n    image: redis:7.0.15-alpine\n    command: redis-server --port 0 --tls-port 1 --tls-cert-file /tls/cert.pem --tls-key-file /tls/open.pem --tls-ca-cert-file /tls/ca.pem\n    volumes: [\"{node1}:/tls:ro\"]\n",
        &["key-mode:4"],
    ),
    (
        "redis",
        "services:\n  r:\n    command: [redis-server, --port, '0', --tls-port, '1', --tls-cert-file, /tls/cert.pem,\n      --tls-key-file, /tls/none.pem,\n      --tls-ca-cert-file, /tls/ca.pem, --tls-auth-clients-user, off]\n    volumes:\n      - type: bind\n        source: {node1}\n        target: /tls\n",
        &["file-missing:4"],
    ),
    (
        "redis",
        "services:\n  r:\n    image: redis:7.0.15\n    command: >-\n      redis-server --port 0 --tls-port 1 --tls-cert-file /tls/cert.pem --tls-key-file /tls/key.pem\n      --tls-ca-cert-file /tls/ca.pem --tls-auth-clients-user off\n    volumes: [\"{node1}:/tls\"]\n",
        &["not-in-version:5"],
    ),
    (
        "rqlite",
        "x-all: &all\n  volumes: ['{node1}:/tls', '{web}/key.pem:/tls/key.pem']\nservices:\n  r:\n    <<: *all\n    entrypoint: [sh, -c]\n    command: [\"exec rqlited -http-cert=/tls/cert.pem -http-key=/tls/key.pem -auth=/a.json /d\"]\n",
        &["key-mismatch:7"],
    ),
    (
        "rqlite",
        "x-all: &all\n  volumes: ['{node1}:/tls', '{web}/key.pem:/tls/key.pem']\nservices:\n  r:\n    <<: *all\n    command: [sh, -c, \"exec rqlited -http-cert=/tls/cert.pem -http-key=/tls/key.pem -auth=/a.json /d\"]\n  app:\n    image: app\n",
        &["key-mismatch:6", "not-checked:7"],
    ),
    (
        "rqlite",
        "services:\n  r:\n    command: [-http-cert=/a, -http-key=/run/secrets/k, -auth, /x]\n    secrets: [k]\n    env_file: e\nsecrets:\n  k: {file: {node1}/key.pem}\n",
        &["not-checked:3", "not-checked:5"],
    ),
    (
        "emqx",
        "services:\n  e:\n    environment:\n      EMQX_RPC__PROTOCOL: ssl\n      EMQX_RPC__CERTFILE: /tls/cert.pem\n      EMQX_RPC__KEYFILE: /tls/key.pem\n      EMQX_RPC__CACERTFILE: /tls/ca.pem\n      EMQX_RPC__INSECURE_FALLBACK: 'true'\n    volumes: ['{node1}:/tls']\n",
        &["clear-distribution:5", "insecure-fallback:8"],
    ),
    (
        "rethinkdb",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: r\n      command: [rethinkdb, --driver-tls-key, /tls/key.pem, --driver-tls-cert, /tls/cert.pem]\n      volumeMounts: [{name: v, mountPath: /tls}]\n  volumes: [{name: v, hostPath: {path: {node1}}}]\n",
        &[],
    ),
    (
        "rethinkdb",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: r\n      command: [rethinkdb, --driver-tls-key, /tls/key.pem, --driver-tls-cert, /tls/cert.pem]\n      volumeMounts: [{name: v, mountPath: /tls}]\n  volumes: [{name: v, secret: {secretName: s}}]\n",
        &["not-checked:6", "not-checked:6"],
    ),
    (
        "rethinkdb",
        "apiVersion: v1\nkind: Service\nspec: {}\n",
        &["not-checked:1"],
    ),
    ("rethinkdb", "services:\n  r: [a\n", &["not-checked:2"]),
];

/// What is named and does nothing, and what is missing without which the server does not start, or serves nobody.
const IDLE: &[Broken] = &[
    (
        "nginx",
        "server {\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n location / { return 404; }\n location /x { if ($a) { return 403; } }\n}\n",
        &["tls-switched-off:2"],
    ),
    (
        "nginx",
        "http {\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n server { listen 443 ssl; location / { return 404; } }\n server { listen 80; location / { return 301 https://$host$request_uri; } }\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_crl {clients}/crl.pem;\n}\n",
        &["crl-unused:3"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLVerifyClient require\nSSLCACertificateFile {clients}/bundle.pem\nSSLCARevocationFile {clients}/crl.pem\nSSLProxyEngine on\nSSLProxyVerify require\nSSLProxyVerifyDepth 5\nSSLProxyCACertificateFile {node1}/ca.pem\nSSLProxyCARevocationFile {clients}/crl.pem\nSSLProxyCARevocationCheck none\nProxyPass / https://a.example/\n</VirtualHost>\n",
        &["crl-unused:7", "crl-unused:13"],
    ),
    (
        "mosquitto",
        "listener 8883\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\ncrlfile {clients}/crl.pem\nallow_anonymous false\n",
        &["crl-unused:4"],
    ),
    (
        "mariadb",
        "[mariadb]\nrequire-secure-transport = ON\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\nssl-crl = {clients}/crl.pem\n",
        &["crl-unused:5"],
    ),
    (
        "postgresql",
        "ssl = on\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\nssl_crl_file = '{clients}/crl.pem'\n",
        &["crl-unused:4"],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nlisten_addr = *\nlisten_port = 6432\nserver_tls_sslmode = verify-full\n",
        &["no-tls:1", "system-roots:4"],
    ),
    (
        "nats",
        "cluster {\n name: c\n tls {\n  cert_file: {node1}/cert.pem\n  key_file: {node1}/key.pem\n }\n}\n",
        &["client-ca-missing:4", "no-listener:4"],
    ),
    (
        "nats",
        "gateway {\n name: g\n tls {\n  cert_file: {node1}/cert.pem\n  key_file: {node1}/key.pem\n  ca_file: {node1}/ca.pem\n }\n}\nmqtt {\n tls {\n  cert_file: {node1}/cert.pem\n  key_file: {node1}/key.pem\n }\n}\n",
        &["no-listener:2", "no-listener:11"],
    ),
    (
        "etcd",
        "ETCD_NAME=a\nETCD_CERT_FILE={node1}/cert.pem\nETCD_KEY_FILE={node1}/key.pem\nETCD_TRUSTED_CA_FILE={clients}/bundle.pem\nETCD_PEER_CERT_FILE={node1}/cert.pem\nETCD_PEER_KEY_FILE={node1}/key.pem\nETCD_PEER_TRUSTED_CA_FILE={node1}/ca.pem\nETCD_INITIAL_CLUSTER=a=https://a:2380\n",
        &["tls-switched-off:2", "tls-switched-off:5", "not-a-member:8"],
    ),
    (
        "etcd",
        "etcd --name a --listen-client-urls https://0.0.0.0:2379 \\\n --cert-file {node1}/cert.pem --key-file {node1}/key.pem --trusted-ca-file {clients}/bundle.pem\n",
        &["incomplete-options:1"],
    ),
    (
        "etcd",
        "name: a\nlisten-client-urls: https://0.0.0.0:2379\nclient-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  trusted-ca-file: {clients}/bundle.pem\n",
        &["advertised-name:2"],
    ),
    (
        "redis",
        "redis-server --port 0 --tls-port 1 --tls-cert-file {node1}/cert.pem \\\n --tls-key-file {node1}/key.pem --tls-ca-cert-file {node1}/ca.pem \\\n --tls-auth-clients yes no --replicaof db1 6379 --tls-replication yes\n",
        &["bad-line:3", "bad-value:3"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\nprotected-mode yes\n",
        &["nobody-gets-in:6"],
    ),
    (
        "redis",
        "port 0\nbind 127.0.0.1 -::1\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\nprotected-mode yes\n",
        &[],
    ),
    (
        "kafka/client.properties",
        "security.protocol=SSL\n",
        &["system-roots:1"],
    ),
    (
        "rabbitmq/inter_node_tls.config",
        "[{server,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_peer},{fail_if_no_peer_cert,true},\n {versions,['tlsv1.3','tlsv1.1']}]},\n {client,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_peer},{versions,['tlsv1.3','tlsv1.2']}]}].\n",
        &["bad-value:3", "old-protocol:3"],
    ),
    (
        "emqx/ssl_dist.conf",
        "[{server,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_peer},{fail_if_no_peer_cert,true},\n {versions,['tlsv1.3','tlsv1.1']}]},\n {client,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_peer},{versions,['tlsv1.3','tlsv1.2']}]}].\n",
        &["bad-value:3", "old-protocol:3"],
    ),
    (
        "emqx/ssl_dist.conf",
        "[{server,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},\n {verify,verify_peer},\n {fail_if_no_peer_cert,true},\n {crl_cache,{ssl_crl_hash_dir,{internal,[{dir,\"/c\"}]}}}]},\n {client,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_peer}]}].\n",
        &["client-ca-missing:2", "crl-unused:4"],
    ),
    (
        "rabbitmq/inter_node_tls.config",
        "[{server,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},\n {verify,verify_peer},\n {fail_if_no_peer_cert,true},\n {crl_cache,{ssl_crl_hash_dir,{internal,[{dir,\"/c\"}]}}}]},\n {client,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_peer}]}].\n",
        &["client-ca-missing:2", "crl-unused:4"],
    ),
    (
        "emqx/ssl_dist.conf",
        "[{server,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_peer}]},\n {client,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_none}]}].\n",
        &["nodes-without-certificates:2", "not-verified:4"],
    ),
    (
        "rabbitmq/inter_node_tls.config",
        "[{server,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_peer}]},\n {client,[{certfile,\"{node1}/cert.pem\"},{keyfile,\"{node1}/key.pem\"},{cacertfile,\"{node1}/ca.pem\"},\n {verify,verify_none}]}].\n",
        &["nodes-without-certificates:2", "not-verified:4"],
    ),
    (
        "rabbitmq/rabbitmq-env.conf",
        "SERVER_ADDITIONAL_ERL_ARGS=\"-proto_dist  inet_tls -ssl_dist_optfile /etc/rabbitmq/d\"\nRABBITMQ_CTL_ERL_ARGS=\"-proto_dist inet_tls -ssl_dist_optfile /etc/rabbitmq/d\"\nLOGS=-\n",
        &[],
    ),
    (
        "rabbitmq/rabbitmq-env.conf",
        "NODENAME=rabbit@db1\nRABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=\"-ssl_dist_optfile /etc/rabbitmq/d\"\n",
        &["tls-switched-off:2"],
    ),
    (
        "rabbitmq/rabbitmq-env.conf",
        "SERVER_ADDITIONAL_ERL_ARGS=\"-proto_dist inet_tls\"\n",
        &["no-certificate:1", "plain-cluster:1"],
    ),
    (
        "emqx",
        "listeners.ssl.default.bind = 8883\nlisteners.ssl.default.ssl_options.certfile = \"{node1}/cert.pem\"\nlisteners.ssl.default.ssl_options.keyfile = \"{node1}/key.pem\"\nlisteners.tcp.default.bind = \"127.0.0.1:1883\"\n",
        &["plain-port:2"],
    ),
    (
        "emqx",
        "listeners.ssl.default.ssl_options.certfile = \"{node1}/cert.pem\"\nlisteners.ssl.default.ssl_options.keyfile = \"{node1}/key.pem\"\nlisteners.tcp.default.bind = \"127.0.0.1:1883\"\nlisteners.ws.default.enabled = false\n",
        &[],
    ),
    (
        "mariadb/galera.cnf",
        "[mariadb]\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\nrequire-secure-transport = ON\nwsrep-on = ON\nwsrep-provider-options = \"socket.ssl = No; socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\n",
        &["tls-switched-off:6"],
    ),
    (
        "mariadb/galera.cnf",
        "[server]\nwsrep-on = ON\nwsrep-provider-options = \"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={web}/key.pem;socket.ssl_ca={node1}/ca.pem;gcache.siz=1G\"\n",
        &["unknown-option:3", "plain-cluster:3", "key-mismatch:3"],
    ),
    (
        "mariadb/galera.cnf",
        "[galera]\nwsrep-on = ON\nwsrep-provider-options = \"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem\"\n",
        &["plain-cluster:3", "incomplete-options:3"],
    ),
    (
        "mariadb",
        "mariadbd --ssl-cert={node1}/cert.pem --ssl-key={node1}/key.pem --require-secure-transport=ON --wsrep-provider-options='socket.ssl_cert=/none;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem'\n",
        &["file-missing:1"],
    ),
    (
        "mariadb/my.cnf",
        "[ mariadbd]\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\nrequire-secure-transport = ON\n",
        &["misplaced-option:1", "no-tls:1"],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld2]\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\n[mysqldump]\nssl-caa = x\n",
        &["no-tls:1"],
    ),
    (
        "mariadb/my.cnf",
        "[Client-Server]\nssl-cert = {web}/cert.pem\nssl-key = {web}/key.pem\n[mariadbd]\nrequire-secure-transport = ON\n",
        &["missing-eku:2"],
    ),
    (
        "pgbouncer/pgbouncer.ini",
        "[pgbouncer]\nlisten_addr = *\nlisten_port = 6432\nclient_tls_sslmode = always\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\n",
        &["bad-value:4"],
    ),
    (
        "kafka/client.properties",
        "security.protocol=ssl\nssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\n",
        &[],
    ),
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl.default = 5671\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\nauth_oauth2.https.cacertfile = /none\nlog.file = /none\n",
        &["not-checked:5"],
    ),
    (
        "openbao",
        "api_addr = \"https://a:8200\"\ncluster_addr = \"https://a:8201\"\nlistener \"tcp\" {\n  address = \"0.0.0.0:8200\"\n  tls_cert_file = \"{node1}/cert.pem\"\n  tls_key_file = \"{node1}/key.pem\"\n}\nseal \"transit\" {\n  address = \"https://b:8200\"\n  tls_ca_cert = \"/none\"\n}\nstorage \"postgresql\" {\n  connection_url = \"postgres://b/c?sslmode=verify-full&sslrootcert=/none\"\n}\n",
        &["not-checked:10", "not-checked:13"],
    ),
    (
        "emqx",
        "listeners.ssl.default.bind = 8883\nlisteners.ssl.default.ssl_options.certfile = \"{node1}/cert.pem\"\nlisteners.ssl.default.ssl_options.keyfile = \"{node1}/key.pem\"\nlisteners.tcp.default.enable = false\nlisteners.ws.default.enable = false\nconnectors.mqtt.a.ssl.cacertfile = \"/none\"\n",
        &["not-checked:6"],
    ),
    (
        "postgresql/postgresql.conf",
        "primary_conninfo = 'postgresql://b/?sslmode=verify-full&sslrootcert=/none'\n",
        &["file-missing:1"],
    ),
    (
        "postgresql",
        "primary_conninfo = 'host=b sslmode=verify-full sslrootcert=/none'\n",
        &["file-missing:1"],
    ),
    (
        "nats",
        "port: 4222\ntls {\n cert_file: {node1}/cert.pem\n key_file: {node1}/key.pem\n}\nresolver_tls { ca_file: /none }\n",
        &["not-checked:6"],
    ),
    (
        "apache",
        "LDAPTrustedGlobalCert CA_BASE64 /none\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &["not-checked:1"],
    ),
    (
        "pgbouncer/pgbouncer.ini",
        "[pgbouncer\nlisten_addr = *\nlisten_port = 6432\nclient_tls_sslmode = require\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\n",
        &["bad-line:1"],
    ),
    (
        "pgbouncer/pgbouncer.ini",
        "[pgbouncers] ; a comment\nclient_tls_sslmode = require\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\n",
        &["bad-line:1"],
    ),
    (
        "stunnel",
        "[a] ; a comment\naccept = 127.0.0.1:1\nconnect = 127.0.0.1:2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\n",
        &["bad-line:1", "misplaced-option:2"],
    ),
    (
        "rabbitmq",
        "[listeners]\nlisteners.tcp = none\nlisteners.ssl.default = 5671\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\nssl_options.cacertfile = {node1}/ca.pem\n",
        &["bad-line:1", "clients-not-asked:6"],
    ),
    (
        "cassandra/cqlshrc",
        "[connetion]\nssl = true\n[ssl] behind\ncertfile = {node1}/ca.pem\nvalidate = true\n",
        &["misplaced-option:1", "not-verified:4"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: NONE\n",
        &["clients-not-asked:5"],
    ),
    (
        "kafka/client.properties",
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\nssl.enabled.protocols=TLSv1.3,TLSv1.4\nssl.endpoint.identification.algorithm=htps\n",
        &["bad-value:4", "bad-value:5"],
    ),
    (
        "mariadb",
        "mariadbd --require-secure-transport=ON --ssl-cert={node1}/cert.pem \\\n --ssl-key={node1}/key.pem {node1}/ca.pem\n",
        &["bad-line:2"],
    ),
];

/// What is no statement, block or line of options as its server reads them, and what is.
const SHAPES: &[Broken] = &[
    (
        "nginx",
        "server {\n listen 1 ssl\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n} }\n",
        &["bad-value:2", "incomplete-options:3", "bad-line:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ; a note\n ssl_certificate {node1}/cert.pem; ssl_certificate_key \"{node1}/key.pem\"x;\n}\n",
        &[
            "bad-line:2",
            "bad-line:3",
            "bad-line:3",
            "incomplete-options:3",
            "file-missing:3",
        ],
    ),
    (
        "nginx",
        "http {\n listen 1 ssl;\n proxy_pass http://a;\n server {\n listen 1 ssl; listen 1;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n proxy_pass http://a;\n location / / / { }\n location /a;\n }\n}\n",
        &[
            "misplaced-option:2",
            "misplaced-option:3",
            "bad-line:5",
            "misplaced-option:7",
            "bad-line:8",
            "bad-line:9",
        ],
    ),
    (
        "nginx",
        "events { }\nserver_name node1;\nstream {\n server {\n listen 1 ssl; proxy_pass a:1;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n}}\n",
        &["misplaced-option:2"],
    ),
    (
        "nginx",
        "map $a $b { default 0; \"~^/x{1}\" 1; }\nupstream u { server a:1; }\nserver {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n content_by_lua_block { if a then b{\"}\"} end }\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem; ssl_certificate {web}/cert.pem;\n ssl_certificate_key {node1}/key.pem;\n ssl_protocols TLSv1.2 TLSv1.4;\n ssl_verify_depth two;\n 10;\n}\n",
        &[
            "incomplete-options:3",
            "bad-value:5",
            "bad-value:6",
            "unknown-option:7",
        ],
    ),
    (
        "apache",
        "<VirtualHost *:1\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLProxyEngine off # no\nSSLProtocol -all +TLSv1.2 #\n</VirtualHost>\n</If>\n",
        &["bad-line:1", "bad-value:6", "bad-line:8"],
    ),
    (
        "apache",
        "<VirtualHost *:1>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nHeader set A \"b;\"\nSSLCARevocationCheck leaf no_crl_for_cert_ok\nSSLProxyEngine on\nSSLProxyVerify require\nSSLProxyVerifyDepth 9\nSSLProxyCACertificateFile {node1}/ca.pem\nSSLProxyCARevocationCheck chain chain\n",
        &[
            "bad-line:1",
            "crl-missing:6",
            "bad-value:11",
            "crl-missing:11",
        ],
    ),
    (
        "haproxy",
        "mode tcp\nfrontend f\n mode TCP\n bind :1 ssl crt {node1}/both.pem ssl-min-vers TLSv1.2 // a\n deefault_backend b\n bind ssl crt {node1}/both.pem\nfrontend a mode tcp\nbackend\n server ssl\n",
        &[
            "misplaced-option:1",
            "bad-value:3",
            "unknown-option:4",
            "unknown-option:5",
            "bad-value:6",
            "tls-switched-off:6",
            "unknown-option:7",
            "bad-line:8",
            "bad-line:9",
        ],
    ),
    (
        "haproxy",
        "frontend f from d\n bind :1 name ssl crt {node1}/both.pem guid-of-tomorrow x ssl\nbackend b\n server ssl :1 id 7 cookie crt\n default-server inter 1s\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n6379\nprotected-mod no\nmaxmemry 1\n",
        &["unknown-option:6", "unknown-option:7", "unknown-option:8"],
    ),
];

/// What is wrong with a certificate that a server dials with, or does not.
const DIALLING: &[Broken] = &[
    (
        "nginx",
        "server {\n listen 443 ssl;\n ssl_certificate {web}/cert.pem; ssl_certificate_key {web}/key.pem;\n proxy_ssl_certificate {web}/cert.pem;\n proxy_ssl_certificate_key {web}/key.pem;\n}\n",
        &["missing-eku:4"],
    ),
    (
        "nginx",
        "server {\n grpc_ssl_certificate {web}/cert.pem; grpc_ssl_certificate_key {web}/key.pem;\n uwsgi_ssl_certificate {web}/cert.pem;\n uwsgi_ssl_certificate_key {web}/key.pem;\n}\n",
        &["missing-eku:2", "missing-eku:3"],
    ),
    (
        "nginx",
        "server {\n proxy_ssl_certificate {app}/cert.pem;\n proxy_ssl_certificate_key {app}/key.pem;\n}\n",
        &[],
    ),
    (
        "haproxy",
        "backend b\n server s :1 ssl verify required verifyhost s ca-file {node1}/ca.pem crt {web}/both.pem\n",
        &["missing-eku:2"],
    ),
    (
        "haproxy",
        "backend b\n default-server ssl verify required verifyhost s ca-file {node1}/ca.pem crt {web}/both.pem\n server s :1\n",
        &["missing-eku:2"],
    ),
    (
        "apache",
        "SSLProxyEngine on\nSSLProxyVerify require\nSSLProxyCACertificateFile {node1}/ca.pem\nSSLProxyMachineCertificateFile {web}/both.pem\nSSLProxyVerifyDepth 9\n",
        &["missing-eku:4"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-replication yes\ntls-cert-file {web}/cert.pem\ntls-key-file {web}/key.pem\ntls-ca-cert-file {web}/ca.pem\n",
        &["missing-eku:4"],
    ),
    (
        "redis",
        "port 0\ntls-cluster yes\ntls-cert-file {web}/cert.pem\ntls-key-file {web}/key.pem\ntls-ca-cert-file {web}/ca.pem\ntls-client-cert-file {app}/cert.pem\ntls-client-key-file {app}/key.pem\n",
        &["tls-switched-off:1", "trust-bundle:5"],
    ),
    (
        "redis",
        "port 0\ntls-cluster yes\ntls-cert-file {web}/cert.pem\ntls-key-file {web}/key.pem\ntls-ca-cert-file {web}/ca.pem\ntls-client-cert-file {web}/cert.pem\ntls-client-key-file {web}/key.pem\n",
        &["tls-switched-off:1", "missing-eku:6"],
    ),
    (
        "redis",
        "port 6379\ntls-replication yes\ntls-cert-file {web}/cert.pem\ntls-key-file {web}/key.pem\ntls-ca-cert-file {web}/ca.pem\n",
        &["missing-eku:3"],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = db:1\nCAfile = {web}/ca.pem\nverifyChain = yes\ncheckHost = db\ncert = {web}/cert.pem\nkey = {web}/key.pem\naccept = 1\n",
        &["missing-eku:7"],
    ),
    (
        "rqlite",
        "rqlited -node-cert {web}/cert.pem -node-key {web}/key.pem -node-ca-cert {web}/ca.pem \\\n -node-verify-client\n",
        &["missing-eku:1"],
    ),
    (
        "rqlite",
        "rqlited -node-cert {web}/cert.pem -node-key {web}/key.pem -node-ca-cert {web}/ca.pem\n",
        &[],
    ),
    (
        "rethinkdb",
        "cluster-tls-cert={web}/cert.pem\ncluster-tls-key={web}/key.pem\ncluster-tls-ca={web}/ca.pem\n",
        &["missing-eku:1"],
    ),
    (
        "emqx",
        "rpc.protocol = ssl\ncluster.proto_dist = inet_tls\nrpc.insecure_fallback = false\nrpc.certfile = {web}/cert.pem\nrpc.keyfile = {web}/key.pem\nrpc.cacertfile = {web}/ca.pem\n",
        &["missing-eku:4"],
    ),
];

/// Options that need one of several, and certificates that are trusted themselves.
const PINNED: &[Broken] = &[
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = db:1\nCAfile = {web}/leaf.pem\nverifyPeer = yes\ncheckHost = db\naccept = 1\n",
        &[],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = db:1\nCAfile = {web}/leaf.pem\nverify = 4\ncheckIP = 10.0.0.1\naccept = 1\n",
        &[],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = db:1\nCAfile = {web}/leaf.pem\nverifyChain = yes\nverifyPeer = yes\ncheckHost = db\naccept = 1\n",
        &["bundle-not-root:4"],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = db:1\nCAfile = {web}/ca.pem\nverify = 2\ncheckHost = db\naccept = 1\n",
        &[],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = db:1\nCAfile = {web}/ca.pem\nverifyPeer = no\ncheckHost = db\naccept = 1\n",
        &["not-verified:2", "incomplete-options:6"],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = db:1\nCAfile = {web}/none.pem\nverifyPeer = yes\naccept = 1\n",
        &["file-missing:4"],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = db:1\nCAfile = {web}/key.pem\nverifyPeer = yes\naccept = 1\n",
        &["malformed:4"],
    ),
];

/// Files that are named where TLS is off, and where it is on after all.
const SWITCHES: &[Broken] = &[
    (
        "redis",
        "port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["tls-switched-off:1"],
    ),
    (
        "redis",
        "port 6379\ntls-port 0\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["tls-switched-off:2"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\nreplicaof a 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["tls-switched-off:3"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ncluster-enabled yes\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["tls-switched-off:3"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\nreplicaof a 1\ntls-replication no\ntls-client-cert-file {node1}/cert.pem\ntls-client-key-file {node1}/key.pem\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["tls-switched-off:4"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ncluster-enabled yes\ntls-cluster yes\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 80;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n}\n",
        &["tls-switched-off:2"],
    ),
    (
        "nginx",
        "server {\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n location / { return 200; }\n}\n",
        &["tls-switched-off:2"],
    ),
    (
        "nginx",
        "server {\n server_name a;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n}\n",
        &["tls-switched-off:3"],
    ),
    (
        "nginx",
        "server {\n listen 443 ssl;\n listen 80;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n location / { return 200; }\n}\n",
        &["plain-port:3"],
    ),
    (
        "nginx",
        "ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\nserver { listen 80; }\nserver { listen 443 ssl; }\n",
        &[],
    ),
    (
        "nginx",
        "ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\nserver { listen 80; }\nserver { listen 81; }\n",
        &["tls-switched-off:2"],
    ),
    (
        "nginx",
        "server { listen 443 ssl; server_name node1; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; }\nserver { listen *:443; server_name node1; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; }\n",
        &[],
    ),
    (
        "nginx",
        "ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\nssl_protocols TLSv1.3;\n",
        &[],
    ),
    (
        "nginx@1.22.1",
        "server { listen 443 quic; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; }\n",
        &["not-in-version:1"],
    ),
    (
        "nginx",
        "server { listen 443 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n proxy_ssl_certificate {node1}/cert.pem; proxy_ssl_certificate_key {node1}/key.pem;\n location / {\n  proxy_pass http://db;\n }\n}\n",
        &["tls-switched-off:4"],
    ),
    (
        "nginx",
        "server { listen 443 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n proxy_ssl_verify on; proxy_ssl_trusted_certificate {node1}/ca.pem; proxy_ssl_certificate {node1}/cert.pem; proxy_ssl_certificate_key {node1}/key.pem;\n location / { proxy_pass https://db; }\n location /a { proxy_pass http://db; }\n}\n",
        &[],
    ),
    (
        "nginx",
        "server { listen 443 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; proxy_ssl_certificate {node1}/cert.pem; proxy_ssl_certificate_key {node1}/key.pem;\n proxy_pass db:1;\n}\n",
        &["tls-switched-off:2"],
    ),
    (
        "nginx",
        "location / { proxy_pass $scheme://db; proxy_ssl_certificate {node1}/cert.pem; proxy_ssl_certificate_key {node1}/key.pem; }\n",
        &[],
    ),
    (
        "nginx",
        "location / {\n grpc_pass grpc://db; grpc_ssl_certificate {node1}/cert.pem; grpc_ssl_certificate_key {node1}/key.pem;\n}\n",
        &["tls-switched-off:2"],
    ),
    (
        "nginx",
        "location / {\n uwsgi_pass db:1;\n uwsgi_ssl_certificate {node1}/cert.pem; uwsgi_ssl_certificate_key {node1}/key.pem;\n}\n",
        &["tls-switched-off:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 crt {node1}/node1.pem\n",
        &["tls-switched-off:2"],
    ),
    (
        "haproxy",
        "backend b\n server s :1 crt {node1}/node1.pem ca-file {node1}/ca.pem verify required\n",
        &["tls-switched-off:2"],
    ),
    (
        "haproxy",
        "backend b\n default-server ssl crt {node1}/node1.pem ca-file {node1}/ca.pem verify required verifyhost a\n server s :1\n",
        &[],
    ),
    (
        "haproxy",
        "defaults\n default-server crt {node1}/node1.pem ca-file {node1}/ca.pem\nbackend b\n server s :1\n",
        &["tls-switched-off:4"],
    ),
    (
        "haproxy",
        "backend b\n default-server crt {node1}/node1.pem ca-file {node1}/ca.pem\n server s :1\n server t :2 ssl verifyhost t\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nServerName a\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &["tls-switched-off:3"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine off\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &["tls-switched-off:2"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nsslengine On\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &[],
    ),
    (
        "apache",
        "Listen 443\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n",
        &["tls-switched-off:2"],
    ),
    (
        "apache",
        "SSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n",
        &[],
    ),
    (
        "apache",
        "ProxyPass / https://a/\nSSLProxyMachineCertificateFile {node1}/both.pem\n",
        &["tls-switched-off:1"],
    ),
    (
        "emqx",
        "cluster.proto_dist = inet_tls\nrpc.insecure_fallback = false\nrpc.protocol = tcp\nrpc.certfile = {node1}/cert.pem\nrpc.keyfile = {node1}/key.pem\nrpc.cacertfile = {node1}/ca.pem\n",
        &["tls-switched-off:3"],
    ),
];

/// Lines that the server reads otherwise than they look.
const LINES: &[Broken] = &[
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-protocols TLSv1.2 TLSv1.3\n",
        &["bad-line:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-protocols 'TLSv1.2 TLSv1.3'\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-protocols \"TLSv1.2\n",
        &["bad-line:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-protocols \"TLSv1.2\"x\n",
        &["bad-line:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-session-caching\n",
        &["bad-line:6", "bad-value:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients Optional\n",
        &["no-login:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\nreplicaof 10.0.0.1\n",
        &["bad-line:6", "tls-switched-off:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\nmaxmemory 1gb # much\n",
        &["bad-line:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n  # a comment\nbind 127.0.0.1 ::1\nuser a on #0123 ~* +@all\n",
        &[],
    ),
    (
        "redis",
        "port 0   # none\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["bad-line:1", "bad-value:1", "plain-port:1"],
    ),
    (
        "apache",
        "SSLEngine on # c\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n",
        &["bad-line:1", "bad-value:1", "tls-switched-off:1"],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile \\\n {node1}/cert.pem\nSSLCertificateKeyFile '{node1}/key.pem'\n",
        &[],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile \"{node1}/key.pem\"x\n",
        &["bad-line:3", "file-missing:3"],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n# c \\\nSSLEngine off\nSSLVerifyDepth 1 2\nSSLProxyEngine yes\n",
        &["bad-line:6", "bad-value:7"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_verify_depth 1 2;\n ssl_verify_client yes;\n ssl_session_tickets maybe;\n}\n",
        &["bad-line:3", "bad-value:4", "bad-value:5"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem\n ssl_certificate_key {node1}/key.pem;\n}\n",
        &["bad-line:2", "incomplete-options:2", "file-missing:2"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_verify_depth 1;\n ssl_verify_depth 2;\n ssl_conf_command Options;\n}\n",
        &["bad-line:4", "bad-line:5", "bad-value:5"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; # c\n ssl_ciphers a:b#c; server_name node1 localhost '_ _';\n location / { other \"# no\"; }\n}\n",
        &["bad-value:3"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem#c\n bind :444 ssl crt '{node1}'/node1.pem # c\n",
        &[],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem verify yes ca-file {node1}/ca.pem\n",
        &["bad-value:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt \"{node1}/node1.pem\n",
        &["bad-line:2"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/both.pem\nrequireCert\n ; c\n# c\n",
        &["bad-line:5", "bad-value:5"],
    ),
    // Each kind of proxy has its names, and `listen` is of both.
    (
        "haproxy",
        "frontend a\n bind :1 ssl crt {node1}/node1.pem\nbackend a\n server s b:1\n server s c:1\nlisten b\nlisten b\nlisten c\nbackend c\npeers c\npeers c\n",
        &["bad-line:5", "bad-line:7", "bad-line:9", "bad-line:11"],
    ),
    (
        "haproxy",
        "frontend a\n bind :1 ssl crt {node1}/node1.pem\n.if feature(LUA)\nbackend b\n server s c:1\n.else\nbackend b\n.endif\nbackend c\n server s c:1\n",
        &[],
    ),
    // Of what stands under a condition the server may read one alone.
    (
        "apache",
        "Listen 443\n<IfModule ssl_module>\nListen 444\n</IfModule>\n<IfModule gnutls_module>\nListen 444\n</IfModule>\nlisten 443 https\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n",
        &["bad-line:8"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\nuser a on\nuser b on\nuser a off\nrename-command GET a\nrename-command GET b\n",
        &["bad-line:8", "bad-line:10"],
    ),
    // A later version forgets the first user, and refuses the second file all the same.
    (
        "mosquitto@2.0.11",
        "user a\nuser b\npid_file /a\npid_file /b\n",
        &["no-tls:1", "bad-line:2", "bad-line:4"],
    ),
    (
        "mosquitto@2.1.2",
        "user a\nuser b\npid_file /a\npid_file /b\n",
        &["no-tls:1", "bad-line:4"],
    ),
];

/// Values that stand for files without being one.
const PLACES: &[Broken] = &[
    (
        "nginx/nginx.conf",
        "events {}\nserver {\n}\nhttp {\n server {\n  listen 1 ssl;\n server {\n }\n }\n}\n",
        &[
            "no-tls:1",
            "misplaced-option:2",
            "incomplete-options:6",
            "misplaced-option:7",
        ],
    ),
    (
        "nginx",
        "http {\n server {\n  listen 443 ssl;\n  ssl_reject_handshake on;\n }\n server {\n  listen 443 ssl 127.0.0.1:1;\n  listen 99999;\n  listen [::1]:8000-8010 ssl backlog=5;\n  ssl_verify_depth $host;\n  ssl_certificate {node1}/cert.pem;\n  ssl_certificate_key {node1}/key.pem;\n  location / { proxy_set_header a https$; }\n }\n}\n",
        &[
            "bad-value:7",
            "bad-value:8",
            "plain-port:9",
            "bad-value:10",
            "bad-value:13",
        ],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem 5s\n default_b ackend b\nbackend b\n $ timeout connect 5s\n server c 127.0.0.1:1 -1\n",
        &[
            "unknown-option:2",
            "unknown-option:3",
            "unknown-option:5",
            "unknown-option:6",
        ],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate /etc/certs/$ssl_server_name.pem;\n ssl_certificate_key /etc/certs/$ssl_server_name.key;\n}\n",
        &["not-checked:3", "not-checked:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate pki/certs/node1/cert.pem;\n ssl_certificate_key pki/certs/node1/key.pem;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate pki/certs/node1/cert.pem;\n ssl_certificate_key pki/certs/node1/none.pem;\n}\n",
        &["file-missing:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key engine:pkcs11:a;\n}\n",
        &["not-checked:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem; ssl_certificate {curve}/cert.pem;\n ssl_certificate_key {node1}/key.pem;\n ssl_certificate_key {web}/key.pem;\n}\n",
        &["key-mismatch:5"],
    ),
    (
        "apache",
        "SSLEngine on\nDefine d {node1}\nSSLCertificateFile ${d}/cert.pem\nSSLCertificateKeyFile ${d}/key.pem\n",
        &["not-checked:3", "not-checked:4"],
    ),
    (
        "apache",
        "ServerRoot {node1}\nSSLEngine on\nSSLCertificateFile cert.pem\nSSLCertificateKeyFile open.pem\nSSLCACertificatePath {folder}/roots\nSSLVerifyClient require\nSSLVerifyDepth 9\n",
        &["key-mode:4"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {folder}/certs\n",
        &["key-mode:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {folder}/empty\n",
        &["empty-folder:2"],
    ),
    (
        "haproxy",
        "global\n crt-base {folder}\n ca-base {folder}\nfrontend a\n bind :443 ssl crt open.pem ca-file ca.crt verify required\n",
        &["key-mode:5"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt-list {folder}/list.txt\n",
        &["relative-path:2", "relative-path:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {folder}/two\n",
        &["key-mode:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem crt {folder}/open.pem\n",
        &["key-mode:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt \"${HOME}/node1.pem\"\n",
        &["not-checked:2"],
    ),
    (
        "haproxy",
        "backend b\n server s :1 ssl verify required verifyhost s ca-file @system-ca\n",
        &["not-checked:2"],
    ),
    (
        "redis",
        "dir {node1}\nport 0\ntls-port 1\ntls-cert-file cert.pem\ntls-key-file open.pem\ntls-ca-cert-dir {folder}/roots\n",
        &["key-mode:5"],
    ),
    (
        "redis",
        "dir {node1}\nport 0\ntls-port 1\ntls-cert-file cert.pem\ntls-key-file key.pem\ntls-ca-cert-dir {folder}/empty\n",
        &["empty-folder:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["relative-path:3"],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = a:1\nverifyChain = yes\ncheckHost = a\nCApath = {folder}/empty\naccept = 1\n",
        &["empty-folder:6"],
    ),
    (
        "stunnel",
        "[x]\nclient = yes\nconnect = a:1\nverifyChain = yes\ncheckHost = a\nCApath = {folder}/roots\naccept = 1\n",
        &[],
    ),
    (
        "emqx",
        "cluster.proto_dist = inet_tls\nrpc.protocol = ssl\nrpc.insecure_fallback = false\nrpc.certfile = \"${EMQX_ETC_DIR}/a.pem\"\nrpc.keyfile = {node1}/key.pem\nrpc.cacertfile = {node1}/ca.pem\n",
        &["not-checked:4"],
    ),
    (
        "rqlite",
        "rqlited -auth /a -http-cert $DIR/cert.pem \\\n -http-key {node1}/key.pem\n",
        &["not-checked:1", "file-missing:1"],
    ),
];

/// Encrypted keys, with what opens them and without.
const LOCKED: &[Broken] = &[
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {folder}/enc.pem;\n}\n",
        &["key-encrypted:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {folder}/enc.pem;\n ssl_password_file {folder}/pw;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {folder}/enc.pem;\n ssl_password_file {folder}/wrong;\n}\n",
        &["key-passphrase:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {folder}/enc.pem;\n ssl_password_file {folder}/none;\n}\n",
        &["key-not-compared:4", "file-missing:5"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl;\n ssl_certificate {web}/cert.pem;\n ssl_certificate_key {folder}/enc.pem;\n ssl_password_file {folder}/pw;\n}\n",
        &["key-mismatch:4"],
    ),
    (
        "nginx",
        "server {\n proxy_ssl_certificate {node1}/cert.pem;\n proxy_ssl_certificate_key {folder}/enc.pem;\n proxy_ssl_password_file {folder}/pw;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n proxy_ssl_certificate {node1}/cert.pem;\n proxy_ssl_certificate_key {folder}/enc.pem;\n ssl_password_file {folder}/pw;\n}\n",
        &["key-encrypted:3"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {folder}/enc.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["key-encrypted:4"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {folder}/enc.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-key-file-pass secret\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {folder}/enc.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-key-file-pass \"secret\"\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {folder}/enc.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-key-file-pass other\n",
        &["key-passphrase:4"],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {folder}/enc.pem\n",
        &["key-encrypted:3"],
    ),
    (
        "apache",
        "SSLPassPhraseDialog builtin\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {folder}/enc.pem\n",
        &["key-encrypted:4"],
    ),
    (
        "apache",
        "SSLPassPhraseDialog exec:/bin/true\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {folder}/enc.pem\n",
        &["key-not-compared:4"],
    ),
    (
        "emqx",
        "[{server, [{certfile, \"{node1}/cert.pem\"},\n {keyfile, \"{folder}/enc.pem\"},\n {cacertfile, \"{node1}/ca.pem\"}, {verify, verify_peer}, {fail_if_no_peer_cert, true}]}].\n",
        &["key-encrypted:2"],
    ),
    (
        "emqx",
        "[{server, [{certfile, \"{node1}/cert.pem\"},\n {keyfile, \"{folder}/enc.pem\"},\n {cacertfile, \"{node1}/ca.pem\"}, {verify, verify_peer}, {fail_if_no_peer_cert, true}, {password, \"secret\"}]}].\n",
        &[],
    ),
    (
        "emqx",
        "[{server, [{certfile, \"{node1}/cert.pem\"},\n {keyfile, \"{folder}/enc.pem\"},\n {cacertfile, \"{node1}/ca.pem\"}, {verify, verify_peer}, {fail_if_no_peer_cert, true}, {password, \"other\"}]}].\n",
        &["key-passphrase:2"],
    ),
];

/// Verification depths, with chains of one and of two intermediates.
const DEPTHS: &[Broken] = &[
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {deep}/cert.pem; ssl_certificate_key {deep}/key.pem; ssl_client_certificate {deep}/ca.pem;\n ssl_verify_client on;\n}\n",
        &["short-depth:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {deep}/cert.pem; ssl_certificate_key {deep}/key.pem; ssl_client_certificate {deep}/ca.pem;\n ssl_verify_client on;\n ssl_verify_depth 1;\n}\n",
        &["short-depth:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {deep}/cert.pem; ssl_certificate_key {deep}/key.pem; ssl_client_certificate {deep}/ca.pem;\n ssl_verify_client on;\n ssl_verify_depth 2;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; ssl_client_certificate {node1}/ca.pem;\n ssl_verify_client on;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; ssl_client_certificate {node1}/ca.pem;\n ssl_verify_client on;\n ssl_verify_depth 0;\n}\n",
        &["short-depth:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; ssl_client_certificate {clients}/cert.pem;\n ssl_verify_client on;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem; ssl_client_certificate {deep}/ca-chain.pem;\n ssl_verify_client on;\n}\n",
        &["short-depth:3"],
    ),
    (
        "nginx",
        "server {\n proxy_ssl_certificate {deep}/cert.pem; proxy_ssl_certificate_key {deep}/key.pem; proxy_ssl_trusted_certificate {deep}/ca.pem;\n proxy_ssl_verify on;\n}\n",
        &["short-depth:3"],
    ),
    (
        "nginx",
        "server {\n proxy_ssl_certificate {deep}/cert.pem; proxy_ssl_certificate_key {deep}/key.pem; proxy_ssl_trusted_certificate {deep}/ca.pem;\n proxy_ssl_verify on;\n proxy_ssl_verify_depth 3;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {deep}/cert.pem; ssl_certificate_key {deep}/key.pem; ssl_client_certificate {deep}/ca.pem;\n ssl_verify_client on;\n ssl_verify_depth 2; location / { grpc_ssl_verify on;\n grpc_ssl_trusted_certificate {deep}/ca.pem; }\n}\n",
        &["short-depth:4"],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCACertificateFile {node1}/ca.pem\nSSLVerifyClient require\n",
        &["short-depth:5"],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCACertificateFile {node1}/ca.pem\nSSLVerifyClient require\nSSLVerifyDepth 2\n",
        &[],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {deep}/cert.pem\nSSLCertificateKeyFile {deep}/key.pem\nSSLCACertificateFile {deep}/ca.pem\nSSLVerifyClient require\nSSLVerifyDepth 2\n",
        &["short-depth:6"],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCACertificateFile {clients}/cert.pem\nSSLVerifyClient require\n",
        &[],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {deep}/cert.pem\nSSLCertificateKeyFile {deep}/key.pem\nSSLCACertificateFile {deep}/ca.pem\nSSLVerifyClient require\nSSLVerifyDepth 3\nSSLProxyEngine on\nSSLProxyVerify require\nSSLProxyCACertificateFile {deep}/ca.pem\n",
        &["short-depth:8"],
    ),
    (
        "emqx",
        "[{server, [{certfile, \"{deep}/cert.pem\"},\n {keyfile, \"{deep}/key.pem\"},\n {cacertfile, \"{deep}/ca.pem\"}, {verify, verify_peer}, {fail_if_no_peer_cert, true}]}].\n",
        &[],
    ),
    (
        "emqx",
        "[{server, [{certfile, \"{deep}/cert.pem\"},\n {keyfile, \"{deep}/key.pem\"},\n {cacertfile, \"{deep}/ca.pem\"}, {verify, verify_peer}, {fail_if_no_peer_cert, true},\n {depth, 1}]}].\n",
        &["short-depth:4"],
    ),
];

/// The listeners of EMQX that clients use.
const LISTENERS: &[Broken] = &[
    (
        "emqx",
        "listeners.ssl.default.bind = 8883\nlisteners.ssl.default.ssl_options.certfile = {node1}/cert.pem\nlisteners.ssl.default.ssl_options.keyfile = {node1}/key.pem\nlisteners.ssl.default.ssl_options.cacertfile = {clients}/bundle.pem\nlisteners.ssl.default.ssl_options.verify = verify_peer\nlisteners.ssl.default.ssl_options.fail_if_no_peer_cert = true\nlisteners.tcp.default.enable = false\nlisteners.ws.default.enable = false\ndashboard.listeners.http.bind = 18083\ncluster.discovery_strategy = static\n",
        &["plain-cluster:2", "open-administration:9"],
    ),
    (
        "emqx",
        "listeners.ssl.default.bind = 8883\nlisteners.ssl.default.ssl_options.certfile = {node1}/cert.pem\nlisteners.ssl.default.ssl_options.keyfile = {node1}/key.pem\nlisteners.ssl.default.ssl_options.cacertfile = {clients}/bundle.pem\nlisteners.ssl.default.ssl_options.verify = verify_peer\nlisteners.ssl.default.ssl_options.fail_if_no_peer_cert = true\nlisteners.tcp.default.enable = false\nlisteners.ws.default.enable = false\ndashboard.listeners.http.bind = \"127.0.0.1:18083\"\ncluster.discovery_strategy = manual\n",
        &[],
    ),
    (
        "emqx",
        "listeners.ssl.default.bind = 8883\nlisteners.ssl.default.ssl_options.certfile = {node1}/cert.pem\nlisteners.ssl.default.ssl_options.keyfile = {node1}/key.pem\nlisteners.ssl.default.ssl_options.cacertfile = {clients}/bundle.pem\nlisteners.ssl.default.ssl_options.verify = verify_peer\nlisteners.ssl.default.ssl_options.fail_if_no_peer_cert = true\nlisteners.tcp.default.enable = false\nlisteners.ws.default.enable = false\ndashboard.listeners.http.bind = 0\n",
        &[],
    ),
    (
        "emqx",
        "listeners.ssl.default {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{node1}/key.pem\"\n }\n}\n",
        &["plain-port:4"],
    ),
    (
        "emqx",
        "listeners.ssl.default {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{node1}/key.pem\"\n  verify = verify_peer\n  fail_if_no_peer_cert = true\n }\n}\n",
        &["plain-port:4", "client-ca-missing:6"],
    ),
    (
        "emqx",
        "listeners.wss.mine {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{node1}/key.pem\"\n  verify = verify_none\n  cacertfile = {clients}/cert.pem\n  fail_if_no_peer_cert = true\n }\n}\n",
        &["plain-port:4", "clients-not-verified:6"],
    ),
    (
        "emqx",
        "listeners.ssl.a {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{node1}/key.pem\"\n  verify = verify_peer\n  cacertfile = {clients}/cert.pem\n }\n}\n",
        &["plain-port:4", "clients-without-certificates:6"],
    ),
    (
        "emqx",
        "listeners.ssl.a {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{node1}/key.pem\"\n  versions = [tlsv1.2, \"tlsv1.1\"]\n }\n}\n",
        &["plain-port:4", "old-protocol:6"],
    ),
    (
        "emqx",
        "listeners.ssl.a {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{node1}/key.pem\"\n }\n}\nlisteners.ssl.b {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{app}/cert.pem\"\n  keyfile = \"{app}/key.pem\"\n }\n}\n",
        &["plain-port:4", "missing-eku:11", "plain-port:11"],
    ),
    (
        "emqx",
        "listeners.quic.a {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{app}/key.pem\"\n }\n}\n",
        &["plain-port:4", "key-mismatch:5"],
    ),
    (
        "emqx",
        "listeners.ssl.a {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n }\n}\n",
        &["incomplete-options:4", "plain-port:4"],
    ),
    (
        "emqx",
        "EMQX_LISTENERS__SSL__DEFAULT__SSL_OPTIONS__CERTFILE={node1}/cert.pem\nEMQX_LISTENERS__SSL__DEFAULT__SSL_OPTIONS__KEYFILE={web}/key.pem\n",
        &["plain-port:1", "key-mismatch:2"],
    ),
    (
        "emqx",
        "listeners.ssl.deep {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{deep}/cert.pem\"\n  keyfile = \"{deep}/key.pem\"\n  cacertfile = {deep}/ca.pem\n  verify = verify_peer\n  fail_if_no_peer_cert = true\n  depth = 1\n }\n}\n",
        &["plain-port:4", "short-depth:9"],
    ),
    (
        "emqx",
        "listeners.ssl.a {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{folder}/enc.pem\"\n  password = other\n }\n}\n",
        &["plain-port:4", "key-passphrase:5"],
    ),
    (
        "emqx",
        "cluster.proto_dist = inet_tls\nrpc {\n protocol = ssl\n insecure_fallback = false\n certfile = {node1}/cert.pem\n keyfile = {node1}/key.pem\n cacertfile = {node1}/ca.pem\n tls_versions = [tlsv1.3, tlsv1.2]\n}\nlisteners.ssl.a {\n bind = \"0.0.0.0:8883\"\n ssl_options {\n  certfile = \"{node1}/cert.pem\"\n  keyfile = \"{node1}/key.pem\"\n }\n}\n",
        &["plain-port:13"],
    ),
];

/// The oldest protocol, in all its spellings.
const PROTOCOLS: &[Broken] = &[
    (
        "nginx",
        "server {\n grpc_pass grpcs://a;\n grpc_ssl_certificate {node1}/cert.pem; grpc_ssl_certificate_key {node1}/key.pem;\n grpc_ssl_protocols TLSv1.1 TLSv1.2;\n}\n",
        &["old-protocol:4"],
    ),
    (
        "nginx",
        "server {\n uwsgi_pass suwsgi://a;\n uwsgi_ssl_certificate {node1}/cert.pem; uwsgi_ssl_certificate_key {node1}/key.pem;\n uwsgi_ssl_protocols TLSv1 TLSv1.2;\n}\n",
        &["old-protocol:4"],
    ),
    (
        "emqx",
        "node { dist_net_ticktime = 1 }\nrpc {\n protocol = ssl\n certfile = \"{node1}/cert.pem\"\n keyfile = \"{node1}/key.pem\"\n cacertfile = \"{node1}/ca.pem\"\n insecure_fallback = false\n tls_versions = [tlsv1.1, \"tlsv1.2\"]\n}\ncluster.proto_dist = inet_tls\n",
        &["old-protocol:8"],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\nbind-http=127.0.0.2\nbind-http=::1\nbind=all\n",
        &[],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\nbind=127.255.255.254\n",
        &[],
    ),
    (
        "rethinkdb",
        "driver-tls-key={node1}/key.pem\ndriver-tls-cert={node1}/cert.pem\nbind-http=127.0.0.1\nbind-http=128.0.0.1\n",
        &["open-administration:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_conf_command MinProtocol TLSv1;\n ssl_conf_command Options X;\n}\n",
        &["bad-value:4", "old-protocol:4"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_conf_command MinProtocol TLSv1.2;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n proxy_ssl_verify on; proxy_ssl_trusted_certificate {node1}/ca.pem;\n proxy_ssl_protocols TLSv1.1;\n proxy_pass https://a;\n}\n",
        &["old-protocol:4"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem force-tlsv10\n",
        &["old-protocol:2"],
    ),
    (
        "haproxy",
        "global\n ssl-default-bind-options ssl-min-ver TLSv1.0\nfrontend a\n bind :443 ssl crt {node1}/node1.pem\n",
        &["old-protocol:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ssl-max-ver TLSv1.1\n",
        &["old-protocol:2"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/both.pem\nsslVersion = TLSv1\n",
        &["old-protocol:5"],
    ),
    (
        "stunnel",
        "[x]\naccept = 1\nconnect = 2\ncert = {node1}/both.pem\noptions = -NO_TLSv1\n",
        &["old-protocol:5"],
    ),
    (
        "apache",
        "SSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLOpenSSLConfCmd MinProtocol TLSv1\n",
        &["old-protocol:4"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-protocols tlsv1.1\n",
        &["old-protocol:6"],
    ),
];

/// What a server is called, and where what it says begins.
const NAMES: &[Broken] = &[
    (
        "nginx",
        "server {\n listen 443 ssl; server_name node1 localhost _ *.a.test;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n}\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 443 ssl;\n server_name node1 b.test;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n}\n",
        &["server-name:3"],
    ),
    (
        "nginx",
        "ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\nserver { listen 80; server_name b.test; }\nserver { listen 443 ssl; server_name node1; location / { return 200; } }\n",
        &[],
    ),
    (
        "nginx",
        "server {\n listen 443 ssl;\n server_name ~^b\\.test$ \"\" .b.test;\n ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n}\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nServerName https://node1:443\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nServerName b.test\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n<Location />\nSSLOptions +StdEnvVars\n</Location>\n</VirtualHost>\n",
        &["server-name:2"],
    ),
    (
        "apache",
        "ServerName b.test\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &[],
    ),
    (
        "apache",
        "'<VirtualHost' *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nProxyPassReverse \"\"/\"\" \"http://a/\"\n</VirtualHost>\n",
        &["bad-line:5"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ca-file {node1}/ca.pem verify required crl-file\n",
        &["bad-line:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {folder}/op\\en.pem\n",
        &["file-missing:2"],
    ),
    (
        "haproxy",
        "global\n crt-base {folder}\nfrontend a\n bind :443 ssl crt-list {folder}/list.txt\n",
        &["key-mode:4", "file-missing:4"],
    ),
    (
        "haproxy",
        "global\n default-path origin {folder}\nfrontend a\n bind :443 ssl crt-list list.txt crt certs/open.pem\n",
        &["key-mode:4", "key-mode:4", "file-missing:4"],
    ),
    (
        "haproxy",
        "global\n default-path origin {folder}\n crt-base certs\nfrontend a\n bind :443 ssl crt open.pem\n",
        &["key-mode:5"],
    ),
    (
        "haproxy",
        "global\n default-path config\nfrontend a\n bind :443 ssl crt folder/open.pem\n",
        &["key-mode:4"],
    ),
    (
        "haproxy",
        "global\n default-path confg\nfrontend a\n bind :443 ssl crt {node1}/node1.pem\n",
        &["unknown-option:2"],
    ),
    (
        "stunnel",
        "options = -NO_TLSv1\noptions = NO_SSLv2\n[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\n",
        &["old-protocol:2"],
    ),
    (
        "stunnel",
        "options = -no_tlsv1\n[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\noptions = NO_SSLv2\n",
        &["old-protocol:7"],
    ),
    (
        "stunnel",
        "options = NO_TLSv1\n[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\noptions = NO_SSLv2\n",
        &[],
    ),
    (
        "emqx",
        "[{server, [\n {certfile, \"{node1}/cert.pem\"}, {keyfile, \"{node1}/key.pem\"}, {cacertfile, \"{node1}/ca.pem\"},\n {verify, verify_peer}, {fail_if_no_peer_cert, true},\n {versions, ['tlsv1.2', 'tlsv1.1']}]}].\n",
        &["old-protocol:4"],
    ),
    (
        "nginx",
        "server {\n listen 443 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {node1}/key.pem;\n ssl_ciphers HIGH:aNULL;\n}\n",
        &["weak-cipher:5"],
    ),
    (
        "nginx",
        "server {\n listen 443 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {node1}/key.pem;\n ssl_ciphers HIGH:!aNULL:!MD5:!RC4:-3DES:+LOW;\n}\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCipherSuite all:null\n</VirtualHost>\n",
        &["bad-value:5", "weak-cipher:5"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ciphers RC4:HIGH\n",
        &["weak-cipher:2"],
    ),
    (
        "haproxy",
        "global\n ssl-default-bind-ciphers NULL\nfrontend a\n bind :443 ssl crt {node1}/node1.pem\n",
        &["weak-cipher:2"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ca-file {node1}/ca.pem verify required crt-ignore-err all\n",
        &["clients-not-verified:2"],
    ),
    (
        "haproxy",
        "global\n ssl-server-verify none\nbackend b\n server s d:1 ssl ca-file {node1}/ca.pem verifyhost d\n",
        &["not-verified:2"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-ciphers HIGH:@SECLEVEL=0\n",
        &["weak-cipher:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients optional\n",
        &["no-login:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients optional\nuser default off\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients optional\nuser default on >secret ~* +@all\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients optional\nuser default on nopass ~* +@all\n",
        &["no-login:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients optional\nuser alice on >secret ~* +@all\n",
        &["no-login:6"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-auth-clients optional\naclfile users.acl\n",
        &["relative-path:7", "users-elsewhere:7"],
    ),
    (
        "stunnel",
        "[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nciphers = eNULL\n",
        &["weak-cipher:6"],
    ),
    (
        "stunnel",
        "[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nCAfile = {node1}/ca.pem\nrequireCert = yes\n",
        &["clients-not-verified:7"],
    ),
    (
        "stunnel",
        "[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nCAfile = {node1}/ca.pem\nverify = 2\n",
        &[],
    ),
    (
        "redis",
        "port 0\ntls-port 65536\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-protocols \"tlsv1.1 TLSv1.2\"\nappendonly on\n",
        &["bad-value:2", "old-protocol:6", "bad-value:7"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-protocols 1.2\n",
        &["bad-value:6"],
    ),
    (
        "stunnel",
        "[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nsslVersionMax = tlsv1.1\n",
        &["old-protocol:6"],
    ),
    (
        "stunnel",
        "[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nsslVersionMax = all\n",
        &[],
    ),
    (
        "stunnel",
        "[s]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nsslVersionMin = TLSv1.3\nsslVersionMax = TLSv1.2\nrenegotiation = off\nsecurityLevel = 6\n",
        &["no-protocol:7", "bad-value:8", "bad-value:9"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ssl-min-ver TLSv1.3 ssl-max-ver TLSv1.2\nbackend b\n server c d:1 ssl verify optional ca-file {node1}/ca.pem verifyhost d\n",
        &["no-protocol:2", "bad-value:4"],
    ),
    (
        "nginx",
        "server {\n listen 443 ssl;\n ssl_certificate {node1}/cert.pem;\n ssl_certificate_key {node1}/key.pem;\n ssl_verify_client ON;\n ssl_client_certificate {node1}/ca.pem;\n ssl_verify_depth 2;\n ssl_protocols TLSV1.2 tlsv1;\n}\n",
        &["old-protocol:8"],
    ),
    (
        "nginx",
        "events {}\nhttp {\n server {\n  listen 443 ssl;\n  ssl_certificate {node1}/cert.pem;\n  ssl_certificate_key {node1}/key.pem;\n  proxy_ssl off;\n }\n}\n",
        &["misplaced-option:7"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLVerifyClient on\nSSLProtocol -all +tlsv1\nSSLFIPS off\nSSLOCSPNoverify yes\n</VirtualHost>\n",
        &[
            "client-ca-missing:5",
            "old-protocol:6",
            "misplaced-option:7",
            "bad-value:8",
        ],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLCompression On\n</VirtualHost>\n",
        &["compression:5"],
    ),
    (
        "redis",
        "port 0\ntls-port 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\ntls-cluster yes\ncluster-enabled yes\nreplicaof a 1\n",
        &["tls-switched-off:8", "replica-in-cluster:8"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLProtocol -all -SSLv3\n</VirtualHost>\n",
        &["no-protocol:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLProtocol all -SSLv2 +SSLv2\n</VirtualHost>\n",
        &["no-protocol:5"],
    ),
    (
        "redis",
        "port 0\ntls-replication yes\nreplicaof a 1\ntls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &["tls-switched-off:1"],
    ),
];

const POSTGRESQL: &[Broken] = &[
    // A connection may be a URI.
    (
        "postgresql/postgresql.conf",
        "ssl = on\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\nprimary_conninfo = 'postgresql://r@db1/?sslmode=verify-full&sslrootcert={node1}/ca.pem&sslcert={node1}/cert.pem&sslkey={node1}/key.pem'\n",
        &[],
    ),
    (
        "postgresql/postgresql.conf",
        "ssl = on\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\nprimary_conninfo = 'postgres://r@db1?sslmode=require&sslrootcert=%2Fnone&sslmod=a'\n",
        &["unknown-option:4", "not-verified:4", "file-missing:4"],
    ),
    (
        "postgresql",
        "ssl = on # c\nssl_cert_file '{node1}/cert.pem'\nSSL_KEY_FILE='{node1}/key.pem'\nmy.own = 1\n",
        &[],
    ),
    (
        "postgresql",
        "ssl = of\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\n",
        &["tls-switched-off:1"],
    ),
    (
        "postgresql",
        "ssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\n",
        &["tls-switched-off:1"],
    ),
    // Without names the server looks for server.crt and server.key.
    (
        "postgresql/postgresql.conf",
        "ssl = yes\nport = 5432\nssl_ciphers = 'HIGH'\n",
        &[],
    ),
    (
        "postgresql/postgresql.conf",
        "#ssl = off\nport = 5432\n",
        &["no-tls:1"],
    ),
    ("postgresql/postgresql.conf", "# nothing\n", &["no-tls:1"]),
    (
        "postgresql",
        "ssl = maybe\nssl_cert_file = {node1}/cert.pem\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{node1}/key.pem'\nssl_sert_file = ''\nssl_new = on\nport = 99999\n",
        &[
            "bad-value:1",
            "tls-switched-off:1",
            "bad-line:2",
            "unknown-option:5",
            "unknown-option:6",
            "bad-value:7",
        ],
    ),
    (
        "postgresql",
        "ssl = on\nssl_cert_file = '{node1}/cert.pem'\nssl_key_file = '{web}/key.pem'\nssl_min_protocol_version = tlsv1\nssl_max_protocol_version = ''\n",
        &["key-mismatch:3", "old-protocol:4"],
    ),
    (
        "postgresql",
        "ssl = on\nssl_cert_file = '{app}/cert.pem'\nssl_key_file = '{app}/key.pem'\nssl_ca_file = 'root.crt'\ndata_directory = '{folder}'\n",
        &["missing-eku:2", "file-missing:4"],
    ),
    (
        "postgresql/postgresql.conf",
        "primary_conninfo = 'host=db1 user=me'\nssl = off\n",
        &["no-tls:1", "not-verified:1"],
    ),
    (
        "postgresql/postgresql.conf",
        "primary_conninfo = 'host=/run/postgresql user=me'\nssl = off\n",
        &["no-tls:1"],
    ),
    (
        "postgresql/postgresql.conf",
        "primary_conninfo = 'host=db1 sslmode=verify-full sslcert={web}/cert.pem sslkey={web}/key.pem sslrootcert={web}/ca.pem sslnope=1'\nssl = off\n",
        &["missing-eku:1", "unknown-option:1"],
    ),
    (
        "postgresql/postgresql.conf",
        "primary_conninfo = 'host=db1 sslmode=prefer sslcert={node1}/cert.pem sslkey={node1}/key.pem'\nssl = off\n",
        &["tls-switched-off:1", "not-verified:1"],
    ),
    (
        "postgresql/pg_hba.conf",
        "local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 trust\nhost all all samehost trust\nhostssl all,\"b c\" +all 10.0.0.0 255.0.0.0 cert map=m # c\nhostssl all all all \\\nmd5 clientcert=verify-ca\ninclude_if_exists none.conf\n",
        &[],
    ),
    (
        "postgresql/pg_hba.conf",
        "host all all all md5\nhostnossl all all all reject\nhost all all all md5\nhost all all 0.0.0.0/0 trust\n",
        &["plain-port:1", "no-login:4"],
    ),
    (
        "postgresql/pg_hba.conf",
        "local all all cert\nhostssl all all all peer\nhostssl all all all md5 clientcert=1\nhostssl all all all cert clientcert=verify-ca\nhostssl all all all md6\n",
        &[
            "misplaced-option:1",
            "misplaced-option:2",
            "bad-value:3",
            "bad-value:4",
            "bad-value:5",
        ],
    ),
    (
        "postgresql/pg_hba.conf",
        "hostssl all all\nhostsl all all all md5\nhostssl all \"all all md5\nhostssl all all all md5 x\nhostssl all all all cert clientcrt=verify-full\ninclude none.conf\n",
        &[
            "bad-line:1",
            "bad-line:2",
            "bad-line:3",
            "bad-line:4",
            "unknown-option:5",
            "include-missing:6",
        ],
    ),
    (
        "postgresql/pg_ident.conf",
        "# MAP\ncertctl app \"a b\"\ncertctl app\n",
        &["bad-line:3"],
    ),
];

const NATS: &[Broken] = &[
    (
        "nats",
        "tls { cert_file: \"{node1}/cert.pem\", key_file: \"{node1}/key.pem\", ca_file: \"{clients}/bundle.pem\", verify: true }\nwebsocket { port: 8080, no_tls: true }\nmqtt { listen: \"0.0.0.0:1883\" }\n",
        &["plain-port:2", "plain-port:3"],
    ),
    (
        "nats",
        "tls { cert_file: \"{node1}/cert.pem\", key_file: \"{node1}/key.pem\", ca_file: \"{clients}/bundle.pem\", verify: true }\nwebsocket { listen: \"127.0.0.1:8080\", no_tls: true }\nmqtt { host: \"127.0.0.1\", port: 1883 }\n",
        &[],
    ),
    // Any port, several certificates, other names for options, and names of one's own.
    (
        "nats",
        "port: -1\nhttps: \"127.0.0.1:-1\"\nTLS { certs: [ { cert_file: {node1}/cert.pem, key_file: {node1}/key.pem }, { cert_file: {curve}/cert.pem, key_file: {node1}/key.pem } ] }\njetstream { storeDir: \"/data\" }\nmqtt { port: 1883, ackWait: \"1s\" }\nwebsocket { port: -1, no_tls: true, allow_origins: [\"a\"] }\naccounts { A { jetStream: enabled, users [ { user: a, password: b } ] }, B {} }\n",
        &["key-mismatch:3", "plain-port:5", "plain-port:6"],
    ),
    (
        "nats",
        "leaf {\n port: 70000\n tls {\n  cert_file: {node1}/cert.pem, key_file: {node1}/key.pem\n  verify_cert_and_check_known_urls: true\n  timeout: \"2\"\n }\n}\ntls {\n certificates: [ { cert_file: {node1}/cert.pem, key_file: {node1}/key.pem } ]\n cipher_suites: [\"TLS_RSA_WITH_RC4_128_SHA\", \"none\"]\n curve_preferences: []\n pinned_certs: [\"ab\"]\n timeout: \"1.5s\"\n}\ncluster { port: 1, tls { cert_file: {node1}/cert.pem, key_file: {node1}/key.pem, ca_file: {node1}/ca.pem, min_version: \"1.1\", curve_preferences: [X25519, P1] } }\n",
        &[
            "bad-value:2",
            "misplaced-option:5",
            "bad-value:6",
            "bad-value:11",
            "weak-cipher:11",
            "bad-value:12",
            "bad-value:13",
            "bad-value:16",
            "old-protocol:16",
        ],
    ),
    (
        "nats/nats-server.conf",
        "host: 127.0.0.1\nport: 4222\n",
        &["no-tls:1"],
    ),
    (
        "nats",
        "port: 4222 # c\nhttp: localhost:8222\nauthorization { user: a, password: \"b\" }\njetstream { store_dir: /data }\naccounts { A { users: [{user: a, password: b}] } }\nTLS {\n cert_file = '{node1}/cert.pem'; key_file \"{node1}/key.pem\"\n ca_file: {clients}/bundle.pem\n verify: yes\n}\n",
        &[],
    ),
    (
        "nats",
        "cluster {\n listen: 0.0.0.0:6222\n routes = [\n nats-route://a:b@c:6222\n nats-route://d:6222 ]\n tls { cert_file: {node1}/cert.pem, key_file: {web}/key.pem, ca_file: {node1}/ca.pem }\n}\n",
        &["key-mismatch:6"],
    ),
    (
        "nats",
        "tls {\n cert_file: {node1}/cert.pem\n key_file: {node1}/key.pem\n ca_file: {clients}/bundle.pem\n}\n",
        &["clients-not-asked:4"],
    ),
    (
        "nats",
        "http_port: 8222\nallow_non_tls: true\ntls {\n cert_file: {node1}/cert.pem\n key_fle: {node1}/key.pem\n min_version: \"1.1\"\n timeout: 2\n}\n",
        &[
            "plain-monitoring:1",
            "plain-port:2",
            "incomplete-options:4",
            "unknown-option:5",
            "old-protocol:6",
        ],
    ),
    (
        "nats",
        "verify: true\ntls {\n cert_file: {node1}/cert.pem\n key_file: {node1}/key.pem\n}\ncluster {\n port: \"6222\"\n name: a b\n",
        &[
            "misplaced-option:1",
            "bad-line:6",
            "bad-value:7",
            "plain-cluster:7",
            "bad-line:8",
        ],
    ),
    (
        "nats",
        "leafnodes { remotes = [ { url: tls://a, tls { cert_file: {app}/cert.pem, key_file: {app}/key.pem, insecure: true } } ] }\n",
        &["not-verified:1"],
    ),
    (
        "nats",
        "websocket { port: 443, tls { cert_file: {app}/cert.pem, key_file: {app}/key.pem } }\n",
        &["missing-eku:1"],
    ),
    (
        "nats",
        "port: '4222'\nserver_name: 1\nlisten: [a]\nhttps: a\ntls {\n cert_file: {node1}/cert.pem\n key_file: '{node1}/key.pem'\n verify: 'true'\n}\nleafnodes on\ncluster { listen: ::1:6222, routes: on }\n",
        &[
            "bad-value:1",
            "bad-value:2",
            "bad-value:3",
            "bad-value:4",
            "bad-value:8",
            "client-ca-missing:8",
            "bad-value:10",
            "bad-value:11",
            "bad-value:11",
            "plain-cluster:11",
        ],
    ),
    (
        "nats",
        "cluster cluster {\n name: a\n}\ntls {; verify: true }\ntls{\n cert_file: \"C:\\certs\\a.pem\"\n}\nport: -x\ntls { cert_file: {node1}/cert.pem, key_file: {node1}/key.pem }\n",
        &[
            "bad-line:1",
            "bad-line:3",
            "bad-line:4",
            "bad-line:5",
            "bad-line:6",
            "bad-line:7",
            "bad-line:8",
        ],
    ),
    // The last block of a name counts, and what stands in lists and variables is known.
    (
        "nats",
        "cert: {node1}/cert.pem\non: true\ntls { cert_fle: a, verify: x }\ntls { cert_file: $cert, key_file: {node1}/key.pem, verify: $on, ca_file: {clients}/bundle.pem }\nleaf { port: $LEAF }\ncluster { routes: [ nats-route://a:1 ] }\n",
        &["not-checked:5", "plain-leafnodes:5", "plain-cluster:6"],
    ),
    (
        "nats",
        "tls {\n cert_file: \"{node1}/cert.pem\"\n key_file: \"{node1}/key.pem\"\n}\nleafnodes {\n port: 7422\n}\ngateway {\n name: a\n listen: \"0.0.0.0:7222\"\n}\nsystem_account: SYS\n",
        &["plain-leafnodes:6", "plain-gateway:10"],
    ),
    (
        "nats",
        "tls {\n cert_file: \"{node1}/cert.pem\"\n key_file: \"{node1}/key.pem\"\n}\nleafnodes {\n port: 7422\n tls {\n cert_file: \"{node1}/cert.pem\"\n key_file: \"{node1}/key.pem\"\n ca_file: \"{clients}/bundle.pem\"\n}\n}\n",
        &["clients-not-asked:10"],
    ),
    (
        "nats",
        "tls {\n cert_file: \"{node1}/cert.pem\"\n key_file: \"{node1}/key.pem\"\n}\nleafnodes {\n port: 7422\n tls {\n cert_file: \"{node1}/cert.pem\"\n key_file: \"{node1}/key.pem\"\n ca_file: \"{clients}/bundle.pem\"\n verify_and_map: true\n}\n}\n",
        &[],
    ),
    (
        "nats",
        "tls {\n cert_file: \"{node1}/cert.pem\"\n key_file: \"{node1}/key.pem\"\n}\nleafnodes {\n port: 7422\n tls {\n cert_file: \"{node1}/cert.pem\"\n key_file: \"{node1}/key.pem\"\n}\n}\ngateway {\n name: a\n port: 7222\n tls {\n cert_file: \"{node1}/cert.pem\"\n key_file: \"{node1}/key.pem\"\n ca_file: \"{node1}/ca.pem\"\n}\n}\n",
        &["incomplete-options:13"],
    ),
];

const MOSQUITTO: &[Broken] = &[
    (
        "mosquitto",
        "port 1883\nbind_address 127.0.0.1\nlistener 8883\nbind_address 0.0.0.0\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\nallow_anonymous false\n",
        &["bad-line:4"],
    ),
    (
        "mosquitto",
        "listener 8883\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\nallow_anonymous false\nconnection a\naddress 10.0.0.9:1883\ntopic # both\nconnection b\naddress 127.0.0.1:1884\ntopic # both\n",
        &["plain-bridge:6"],
    ),
    // Options of plugins are their own.
    (
        "mosquitto",
        "listener 8883\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\nallow_anonymous false\nauth_plugin /a.so\nauth_opt_backends files\nauth_opt_acl_file /a\nplugin_opt_x y\nauth_opq_x y\n",
        &["file-missing:5", "unknown-option:9"],
    ),
    (
        "mosquitto/mosquitto.conf",
        "listener 1883\n",
        &["no-tls:1", "plain-port:1"],
    ),
    (
        "mosquitto",
        "# c\nlistener 1883 127.0.0.1\npersistence true # x\nlistener 8883\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\ncafile {clients}/bundle.pem\nrequire_certificate 1\nuse_identity_as_username true\n",
        &[],
    ),
    (
        "mosquitto",
        "certfile {node1}/cert.pem\nkeyfile {node1}/key.pem\nlistener 8883\n",
        &["misplaced-option:1", "plain-port:3"],
    ),
    (
        "mosquitto",
        "listener 8883\ncafile {clients}/bundle.pem\nrequire_certificate true\n",
        &["tls-switched-off:2"],
    ),
    (
        "mosquitto",
        "listener 8883\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\ncafile {clients}/bundle.pem\nallow_anonymous 1\ntls_version tlsv1.1\nciphers ALL:eNULL\n",
        &[
            "clients-not-asked:4",
            "no-login:5",
            "old-protocol:6",
            "weak-cipher:7",
        ],
    ),
    (
        "mosquitto",
        "per_listener_settings true\nlistener 8883\ncertfile {node1}/cert.pem\nkeyfile {web}/key.pem\nlistener 1883 localhost\nallow_anonymous true\n",
        &["key-mismatch:4"],
    ),
    (
        "mosquitto",
        "listener 8883\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\nlistener 1883 localhost\nallow_anonymous true\n",
        &["no-login:5"],
    ),
    (
        "mosquitto",
        "listener 8883\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\nuse_identity_as_username true\nlistener 8884\ncertfile {node1}/cert.pem\nkeyfile {node1}/key.pem\nrequire_certificate true\n",
        &["nobody-gets-in:4", "client-ca-missing:8"],
    ),
    (
        "mosquitto",
        "listener 8883\n\tcertfile {node1}/cert.pem\n # c\nkeyfile {node1}/key.pem\nallow_anonymous yes\nuse_identity_as_username True\ncertfle x\n",
        &[
            "bad-line:2",
            "bad-line:3",
            "bad-value:5",
            "bad-value:6",
            "unknown-option:7",
        ],
    ),
    (
        "mosquitto/mosquitto.conf",
        "bridge_cafile {node1}/ca.pem\n",
        &["incomplete-options:1", "misplaced-option:1"],
    ),
    (
        "mosquitto",
        "connection a\naddress b:8883\ntopic # both\nbridge_certfile {app}/cert.pem\nbridge_keyfile {app}/key.pem\n",
        &["tls-switched-off:4"],
    ),
    (
        "mosquitto",
        "connection a\naddress b:8883\ntopic # both\nbridge_cafile {node1}/ca.pem\nbridge_insecure true\nbridge_certfile {web}/cert.pem\nbridge_keyfile {web}/key.pem\n",
        &["name-not-checked:5", "missing-eku:6"],
    ),
    (
        "mosquitto",
        "listener 8883\ncertfile {app}/cert.pem\nkeyfile {app}/key.pem\ncafile {clients}/bundle.pem\nrequire_certificate true\ndisable_client_cert_date_checks true\n",
        &["missing-eku:2", "not-verified:6"],
    ),
];

const ETCD: &[Broken] = &[
    (
        "etcd/etcd",
        "ETCD_PEER_CERT_FILE=\"{node1}/cert.pem\"\nETCD_PEER_KEY_FILE=\"{node1}/key.pem\" # its key\nETCD_PEER_TRUSTED_CA_FILE={node1}/ca.pem\nETCD_PEER_CLIENT_CERT_AUTH=true\nETCD_LISTEN_PEER_URLS=https://10.0.0.1:2380\nETCD_INITIAL_ADVERTISE_PEER_URLS=https://node1:2380\nETCD_INITIAL_CLUSTER=default=https://node1:2380\n",
        &["bad-line:2"],
    ),
    (
        "etcd/etcd.yml",
        "name: a\nlisten-peer-urls: https://10.0.0.1:2380\ninitial-advertise-peer-urls: https://node1:2380\ninitial-cluster: a=https://node1:2380,b=http://node2:2380\npeer-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  trusted-ca-file: {node1}/ca.pem\n  client-cert-auth: true\n",
        &["plain-cluster:4"],
    ),
    // What no option of the file is, and what is one in some versions.
    (
        "etcd/etcd.conf.yml",
        "listen-client-urls: https://127.0.0.1:2379\nadvertise-client-urls: https://node1:2379\nclient-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  client-cert-auth: true\n  trusted-ca-file: {clients}/bundle.pem\n  crl-file: /none\n  listen-peer-urls: a\npeer-crl-file: /none\nClientTLSInfo:\n  CRLFile: {clients}/crl.pem\n",
        &["crl-unused:8", "unknown-option:9", "crl-unused:10"],
    ),
    (
        "etcd/etcd.conf.yml",
        "listen-client-urls: https://127.0.0.1:2379\nadvertise-client-urls: https://node1:2379\nclient-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  client-cert-auth: true\n  trusted-ca-file: {clients}/bundle.pem\nclient-crl-file: /none\ncipher-suites: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\nlog-outputs: [stderr]\nlisten-metrics-urls: [http://127.0.0.1:1]\n",
        &["crl-unused:8", "bad-value:9", "bad-value:11"],
    ),
    (
        "etcd/etcd.conf.yml",
        "listen-client-urls: https://127.0.0.1:2379\nadvertise-client-urls: https://node1:2379\nclient-transport-security:\n  cert-file: $HOME/cert.pem\n  key-file: {node1}/key.pem\n",
        &["relative-path:4", "open-to-everybody:4"],
    ),
    (
        "etcd@3.5.13/etcd.conf.yml",
        "listen-peer-urls: https://127.0.0.1:2380\ninitial-advertise-peer-urls: https://node1:2380\npeer-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  client-cert-auth: true\n  trusted-ca-file: {node1}/ca.pem\n  allowed-cn: node1\n",
        &["not-in-version:8"],
    ),
    (
        "etcd@3.5.14/etcd.conf.yml",
        "listen-peer-urls: https://127.0.0.1:2380\ninitial-advertise-peer-urls: https://node1:2380\npeer-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  client-cert-auth: true\n  trusted-ca-file: {node1}/ca.pem\n  allowed-cn: node1\n",
        &[],
    ),
    // As its sample has it.
    (
        "etcd/etcd.conf.yml",
        "name: a\nlisten-client-urls: http://127.0.0.1:2379\npeer-transport-security:\n  cert-file:\n  allowed-cn:\n  allowed-hostname:\n",
        &["no-tls:1"],
    ),
    (
        "etcd/etcd.conf.yml",
        "listen-client-urls: http://0.0.0.0:2379\nclient-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n",
        &["tls-switched-off:1", "open-to-everybody:3"],
    ),
    (
        "etcd/etcd.conf.yml",
        "listen-client-urls: https://0.0.0.0:2379\ncert-file: {node1}/cert.pem\npeer-transport-security:\n  cert-fil: {node1}/cert.pem\n",
        &[
            "no-tls:1",
            "advertised-name:1",
            "no-certificate:1",
            "misplaced-option:2",
            "unknown-option:4",
        ],
    ),
    (
        "etcd",
        "client-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  trusted-ca-file: {node1}/ca.pem\npeer-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  client-cert-auth: true\n",
        &[
            "tls-switched-off:2",
            "tls-switched-off:6",
            "client-ca-missing:8",
        ],
    ),
    (
        "nats",
        "tls {\n  cert_file: {node1}/cert.pem\n  key_file: {node1}/key.pem\n  verify: true\n}\n",
        &["client-ca-missing:4"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    CAFile: {node1}/ca.pem\n    clusterFile: {node1}/node1.pem\n",
        &["no-certificate:3", "users-not-asked:3"],
    ),
    (
        "emqx",
        "rpc.protocol = ssl\nrpc.certfile = {node1}/cert.pem\nrpc.keyfile = {node1}/key.pem\nrpc.insecure_fallback = false\ncluster.proto_dist = inet_tls\n",
        &["client-ca-missing:2"],
    ),
    (
        "kafka",
        "listeners=SSL://:9093\nlistener.name.ssl.ssl.truststore.type=PEM\nlistener.name.ssl.ssl.truststore.location={node1}/ca.pem\n",
        &["no-certificate:1", "incomplete-options:1"],
    ),
    (
        "kafka",
        "ssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\nssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\n",
        &["tls-switched-off:2"],
    ),
    (
        "mariadb",
        "[mariadbd]\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\nssl-ca = {node1}/ca.pem\nrequire-secure-transport =\n",
        &["bad-value:5", "plain-port:5"],
    ),
    (
        "mariadb",
        "[mariadbd]\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\nssl-ca = {node1}/ca.pem\nrequire-secure-transport\n",
        &[],
    ),
    (
        "rabbitmq",
        "listeners.ssl.default 5671\n = none\nlisteners.tcp = none\nlisteners.ssl.other = localhost:5671\nlisteners.ssl.third =\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\n",
        &[
            "unknown-option:1",
            "unknown-option:2",
            "bad-value:4",
            "bad-line:5",
        ],
    ),
    (
        "nats",
        "tls {\n  cert_file: {node1}/cert.pem\n  key_file: {node1}/key.pem\n  ca_certs_match: [\"root\"]\n  verify: true\n}\n",
        &[],
    ),
    (
        "etcd",
        "name: a\ndata-dir:\ninitial-cluster:\nlisten-metrics-urls:\nlog-output: stderr\nlisten-client-urls: https://127.0.0.1:2379\nclient-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  trusted-ca-file: {node1}/ca.pem\n",
        &[],
    ),
    (
        "etcd",
        "ETCD_NAME=a\nETCD_UNSUPPORTED_ARCH=arm64\nETCD_LISTEN_CLIENT_URLS=https://127.0.0.1:2379\nETCD_CERT_FILE={node1}/cert.pem\nETCD_KEY_FILE={node1}/key.pem\nETCD_TRUSTED_CA_FILE={node1}/ca.pem\n",
        &["incomplete-options:3"],
    ),
    (
        "etcd",
        "initial-cluster: node2=https://node2:2380\nlisten-peer-urls: https://0.0.0.0:2380\npeer-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  trusted-ca-file: {node1}/ca.pem\n  client-cert-auth: true\n",
        &["not-a-member:1"],
    ),
    (
        "etcd",
        "listen-peer-urls: HTTPS://0.0.0.0:2380\nClient-Transport-Security: &own\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  client-cert-auth: 'true'\npeer_transport_security:\n  <<: *own\nname: 7\nlisten-client-urls: https://node1:2379\n",
        &[
            "no-peer-certificate:1",
            "unknown-option:3",
            "unknown-option:4",
            "bad-value:5",
            "unknown-option:5",
            "client-ca-missing:5",
            "bad-value:8",
            "bad-value:9",
            "advertised-name:9",
        ],
    ),
    (
        "etcd/etcd.conf.yml",
        "client-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {node1}/key.pem\n  client-cert-auth: true\npeer-transport-security:\n  cert-file: {node1}/cert.pem\n  key-file: {web}/key.pem\n",
        &[
            "tls-switched-off:2",
            "client-ca-missing:4",
            "tls-switched-off:6",
            "nodes-without-certificates:6",
            "key-mismatch:7",
        ],
    ),
    (
        "etcd/etcd.conf.yml",
        "name: 'a' # c\nlisten-peer-urls: https://0.0.0.0:2380\ncors: '*'\npeer-transport-security: {cert-file: {node1}/cert.pem, key-file: {node1}/key.pem, trusted-ca-file: {node1}/ca.pem, client-cert-auth: true}\n",
        &[],
    ),
    (
        "etcd/etcd",
        "ETCD_NAME=a\nETCD_CERT_FILE={node1}/cert.pem\nETCD_KEY_FILE={node1}/key.pem\nETCD_LISTEN_CLIENT_URLS=https://0.0.0.0:2379,http://10.0.0.1:2378\nETCD_PEER_AUTO_TLS=true\nETCD_CLIENT_CERT_AUTH=1\nETCD_TLS_MIN_VERSION=TLS1.1\nETCD_LISTEN_PEER_URLS=http://0.0.0.0:2380\nETCD_LISTEN_METRICS_URLS=http://0.0.0.0:2381\n",
        &[
            "incomplete-options:4",
            "plain-port:4",
            "not-verified:5",
            "client-ca-missing:6",
            "bad-value:7",
            "plain-cluster:8",
            "plain-monitoring:9",
        ],
    ),
    (
        "etcd/etcd",
        "ETCD_CERT_FILE={web}/cert.pem\nETCD_KEY_FILE={web}/key.pem\nETCD_TRUSTED_CA_FILE={clients}/bundle.pem\nETCD_LISTEN_CLIENT_URLS=https://0.0.0.0:2379,http://127.0.0.1:2378\nETCD_LISTEN_PEER_URLS=http://localhost:2380\n",
        &["missing-eku:1", "incomplete-options:4"],
    ),
    (
        "etcd/etcd",
        "ETCD_PEER_CERT_FILE={node1}/cert.pem\nETCD_PEER_KEY_FILE={node1}/key.pem\nETCD_PEER_TRUSTED_CA_FILE={node1}/ca.pem\nETCD_LISTEN_PEER_URLS=https://0.0.0.0:2380\nETCD_INITIAL_ADVERTISE_PEER_URLS=https://0.0.0.0:2380\n",
        &["advertised-name:5", "unroutable-address:5"],
    ),
    (
        "etcd",
        "etcd --name a --cert-file={node1}/cert.pem --key-file {node1}/key.pem --client-cert-auth --trusted-ca-file {clients}/bundle.pem --listen-client-urls https://0.0.0.0:2379 --peer-skip-client-san-verification --cipher-suites TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        &[
            "incomplete-options:1",
            "name-not-checked:1",
            "weak-cipher:1",
        ],
    ),
];

const MARIADB: &[Broken] = &[
    (
        "mariadb/my.cnf",
        "[mysqld]\nport=3306\n[client]\nport=3306\n",
        &["no-tls:1"],
    ),
    (
        "mariadb/my.cnf",
        "# c\n[mysqld]\nssl_cert=\"{node1}/cert.pem\" # c\n[mariadb]\nSSL-KEY='{node1}/key.pem'\nrequire_secure_transport\n[client]\nssl-ca={node1}/ca.pem\nssl-verify-server-cert\n[mysqldump]\nquick\n",
        &[],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld]\nssl-cert={node1}/cert.pem\nssl-key={web}/key.pem\nssl-ca={clients}/bundle.pem\ntls_version=TLSv1.1,TLSv1.2\nssl-cipher=ALL:eNULL\nssl-nonsense=1\n",
        &[
            "plain-port:2",
            "key-mismatch:3",
            "old-protocol:5",
            "weak-cipher:6",
            "unknown-option:7",
        ],
    ),
    (
        "mariadb/my.cnf",
        "[galera]\nwsrep-on=ON\nwsrep-provider-options=\"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\nwsrep-sst-method=mariabackup\n[sst]\ntca={node1}/ca.pem\ntcert={node1}/cert.pem\ntkey={node1}/key.pem\n",
        &["plain-cluster:4"],
    ),
    (
        "mariadb/my.cnf",
        "[galera]\nwsrep-on=ON\nwsrep-provider-options=\"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\nwsrep-sst-method=mariabackup\n[sst]\nencrypt=0\nssl-mode=disabled\ntca={node1}/ca.pem\ntcert={node1}/cert.pem\ntkey={node1}/key.pem\n",
        &["plain-cluster:4"],
    ),
    (
        "mariadb/my.cnf",
        "[galera]\nwsrep-on=ON\nwsrep-provider-options=\"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\nwsrep-sst-method=mariabackup\n[sst]\nssl-mode=VERIFY_CA\ntca={node1}/ca.pem\ntcert={node1}/cert.pem\ntkey={node1}/key.pem\n",
        &[],
    ),
    (
        "mariadb/my.cnf",
        "[galera]\nwsrep-on=ON\nwsrep-provider-options=\"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\nwsrep-sst-method=mariabackup\n[sst]\nencrypt=4\nssl-ca={node1}/ca.pem\nssl-cert=/nowhere/a\nssl-key={node1}/key.pem\n",
        &["file-missing:8"],
    ),
    (
        "mariadb/my.cnf",
        "[galera]\nwsrep-on=ON\nwsrep-provider-options=\"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\n",
        &["plain-cluster:3"],
    ),
    (
        "mariadb/my.cnf",
        "[galera]\nwsrep-on=ON\nwsrep-provider-options=\"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\n[sst]\nssl-mode=DISABLED\ntca={node1}/ca.pem\ntcert={node1}/cert.pem\ntkey={node1}/key.pem\n",
        &["plain-cluster:3"],
    ),
    (
        "mariadb/my.cnf",
        "[galera]\nwsrep-on=ON\nwsrep-provider-options=\"socket.ssl_cert={node1}/cert.pem;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\n[sst]\nssl-client-cert={web}/cert.pem\nssl-client-key={web}/key.pem\ntca={node1}/ca.pem\ntcert={node1}/cert.pem\ntkey={node1}/key.pem\n",
        &["missing-eku:5"],
    ),
    (
        "mariadb/my.cnf",
        "[sst]\ntca={node1}/ca.pem\ntcert=/nowhere/cert.pem\ntkey={node1}/key.pem\n",
        &["file-missing:3"],
    ),
    (
        "mariadb/my.cnf",
        "[sst]\ncompressor=\"gzip\"\ndecompressor=\"gzip -dc\"\nrebuild=ON\ncompact=ON\nencrypt=3\ntkey={node1}/key.pem\ntcert={node1}/cert.pem\n",
        &[],
    ),
    (
        "mariadb/my.cnf",
        "ssl-cert={node1}/cert.pem\n[mysqld\n[mariadbd]\nssl-cert={node1}/cert.pem\nssl-key={node1}/key.pem\nssl=0\nrequire-secure-transport=ON\n",
        &["bad-line:1", "bad-line:2", "tls-switched-off:6"],
    ),
    (
        "mariadb/my.cnf",
        "[client]\nssl-cert={web}/cert.pem\nssl-key={web}/key.pem\nssl-ca={node1}/ca.pem\nskip-ssl-verify-server-cert\n",
        &["missing-eku:2", "not-verified:5"],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld]\nssl-cert={node1}/cert.pem\nssl-key={node1}/key.pem\nrequire-secure-transport=ON\nwsrep-on=ON\n",
        &["plain-cluster:5"],
    ),
    // As mysys/my_getopt.c reads names.
    (
        "mariadb/my.cnf",
        "[mysqld]\nssl_ce={node1}/cert.pem\nssl-k={node1}/key.pem\nrequire=ON\n",
        &[],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld]\nloose-ssl_cert={node1}/cert.pem\nSSL_key={node1}/key.pem\nloose_skip-require_secure_transport\n",
        &["plain-port:4"],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld]\nssl-cert={node1}/cert.pem\nssl-key={node1}/key.pem\nskip-require_secure_transport=0\nloose-foo=1\n",
        &[],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld]\nssl-cert={node1}/cert.pem\nssl-key={node1}/key.pem\nrequire_secure_transport=yes\n",
        &["bad-value:4", "plain-port:4"],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld]\nskip-ssl\nssl-cert={node1}/cert.pem\nssl-key={node1}/key.pem\nrequire_secure_transport\n",
        &[],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld]\nssl-cert={node1}/cert.pem\nssl-key={node1}/key.pem\nrequire_secure_transport\nenable-ssl=0\n",
        &["tls-switched-off:5"],
    ),
    (
        "mariadb",
        "mariadbd --ssl-ce={node1}/cert.pem --ssl-key={node1}/key.pem --require-secure-transport \\\n  --skip-ssl\n",
        &["tls-switched-off:2"],
    ),
    (
        "mariadb/my.cnf",
        "[client]\nssl-ca={node1}/ca.pem\nskip-ssl\n",
        &["tls-switched-off:3"],
    ),
    (
        "mariadb/my.cnf",
        "[mysqld]\nssl-cert={node1}/cert.pem\nssl-key={node1}/key.pem\nrequire_secure_transport\nssl-c=/a\nloose-ssl-crt=/a\n",
        &["unknown-option:5", "unknown-option:6"],
    ),
    (
        "mariadb/my.cnf",
        "[galera]\nwsrep_on = ON\nwsrep_provider_o = \"socket.ssl_cert=/none;socket.ssl_key={node1}/key.pem;socket.ssl_ca={node1}/ca.pem\"\n",
        &["plain-cluster:3", "file-missing:3"],
    ),
];

/// Signs that nobody sees.
const UNSEEN: &[Broken] = &[
    (
        "nginx/nginx.conf",
        "\u{feff}server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n}\n",
        &["bad-line:1"],
    ),
    (
        "haproxy",
        "\u{feff}# c\nfrontend a\n bind :443 ssl crt {node1}/node1.pem\n",
        &["bad-line:1"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem",
        &["bad-line:2"],
    ),
    (
        "stunnel",
        "\u{feff}[x]\naccept = 1\nconnect = 2\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\n",
        &[],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nclient_tls_sslmode = require\nclient_tls_cert_file =\u{a0}{node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\n",
        &["relative-path:3"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file\u{a0}{node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n",
        &[
            "incomplete-options:2",
            "unknown-option:3",
            "incomplete-options:4",
        ],
    ),
];

/// Groups that one version reads.
const GROUPS: &[Broken] = &[
    (
        "mariadb/my.cnf",
        "[mariadb-10.6]\nssl-cert={node1}/cert.pem\nssl-key={web}/key.pem\nrequire-secure-transport=ON\n",
        &["not-checked:1", "key-mismatch:3"],
    ),
    (
        "mariadb@10.6.18/my.cnf",
        "[mariadb-10.6]\nssl-cert={node1}/cert.pem\nssl-key={web}/key.pem\nrequire-secure-transport=ON\n",
        &["key-mismatch:3"],
    ),
    (
        "mariadb@10.11.6/my.cnf",
        "[mariadb-10.6]\nssl-cert={node1}/cert.pem\nssl-key={web}/key.pem\nrequire-secure-transport=ON\n[mariadbd-10.11]\nport=3306\n",
        &["no-tls:1"],
    ),
];

const MEMCACHED: &[Broken] = &[
    (
        "memcached/memcached.conf",
        "# c\n-d\nlogfile /var/log/memcached.log\n-m 64\n-p 11211\n-u memcache\n-l 127.0.0.1\n-P /run/memcached.pid\n",
        &["no-tls:1"],
    ),
    (
        "memcached/memcached.conf",
        "-m 64\n-Z\n-o ssl_chain_cert={node1}/cert.pem,ssl_key={node1}/key.pem\n-o ssl_ca_cert={clients}/bundle.pem,ssl_verify_mode=2\n",
        &[],
    ),
    (
        "memcached/memcached.conf",
        "-o ssl_chain_cert={node1}/cert.pem,ssl_key={node1}/key.pem\n",
        &["tls-switched-off:1"],
    ),
    (
        "memcached",
        "memcached -Z -o ssl_chain_cert={node1}/cert.pem,ssl_key={web}/key.pem,ssl_ca_cert={clients}/bundle.pem,ssl_verify_mode=1,ssl_min_version=1\n",
        &["clients-not-asked:1", "old-protocol:1", "key-mismatch:1"],
    ),
    (
        "memcached",
        "memcached --enable-ssl \\\n -U 11211 \\\n -l notls:10.0.0.1:11212 \\\n --extended=ssl_chain_cert={node1}/cert.pem,ssl_key={node1}/key.pem,ssl_verify_mode=2,ssl_nonsense=1\n",
        &[
            "plain-port:2",
            "plain-port:3",
            "unknown-option:4",
            "client-ca-missing:4",
        ],
    ),
    (
        "memcached",
        "memcached -vZp11211 -l= \\\n -ossl_chain_cert={node1}/cert.pem,,ssl_key={node1}/key.pem,ssl_ca_cert={clients}/bundle.pem,ssl_verify_mode=2\n",
        &["bad-value:2"],
    ),
    (
        "memcached",
        "memcached -Z --listen= \\\n -o ssl_chain_cert={node1}/cert.pem,ssl_key={node1}/key.pem,ssl_keyformat=2,ssl_ciphers=FOO,ssl_ca_cert={clients}/bundle.pem,ssl_verify_mode=4\n",
        &[
            "no-listener:1",
            "bad-value:2",
            "bad-value:2",
            "clients-not-asked:2",
            "wrong-store:2",
        ],
    ),
    (
        "memcached",
        "memcached --enable-ssl\n --port11211 \\\n -port=11211 \\\n --extended=ssl_chain_cert={node1}/cert.pem\n",
        &["incomplete-options:1", "no-tls:1", "bad-line:2"],
    ),
    (
        "memcached/memcached.conf",
        "-Z# a note\n-p 11211\nlogfile /a --nonsense\n--listen127.0.0.1\n-o ssl_chain_cert={node1}/cert.pem,ssl_key={node1}/key.pem,ssl_ca_cert={clients}/bundle.pem,ssl_verify_mode=2\n-u 'memcache\n",
        &["unknown-option:4", "bad-line:6"],
    ),
    (
        "memcached",
        "memcached --enable-ssl on ---port=1 --extended=ssl_chain_cert={node1}/cert.pem,ssl_key={node1}/key.pem,ssl_ca_cert={clients}/bundle.pem,ssl_verify_mode=2\n",
        &["bad-line:1", "unknown-option:1"],
    ),
    (
        "postgresql",
        "postgres -c ssl=on -cssl_cert_file={node1}/cert.pem \\\n -c ssl_key_file={web}/key.pem -p5432\n",
        &["key-mismatch:2"],
    ),
    (
        "mariadb",
        "mariadbd --ssl-cert={node1}/cert.pem --require-secure-transport \\\n -ssl-key={node1}/key.pem -P3306\n",
        &["incomplete-options:1", "not-checked:2"],
    ),
];

/// Numbers with units, and values without anything in them.
const MEASURES: &[Broken] = &[
    (
        "nginx",
        "http {\n server {\n  listen 443 ssl;\n  ssl_certificate {node1}/cert.pem;\n  ssl_certificate_key {node1}/key.pem;\n  ssl_session_timeout 1h30m;\n  ssl_buffer_size 4k;\n  ssl_session_cache builtin:1000 shared:SSL:10m;\n }\n}\n",
        &[],
    ),
    (
        "nginx",
        "http {\n server {\n  listen 443 ssl;\n  ssl_certificate {node1}/cert.pem;\n  ssl_certificate_key {node1}/key.pem;\n  ssl_session_cache shared;\n }\n}\n",
        &["bad-value:6"],
    ),
    (
        "nginx",
        "http {\n server {\n  listen 443 ssl;\n  ssl_certificate {node1}/cert.pem;\n  ssl_certificate_key {node1}/key.pem;\n  ssl_session_timeout 10ms;\n  ssl_buffer_size 1.5;\n  ssl_session_cache on;\n  ssl_verify_depth \"\";\n }\n}\n",
        &["bad-value:6", "bad-value:7", "bad-value:8", "bad-value:9"],
    ),
    (
        "redis",
        "port 0\ntls-port 6379\ntls-cert-file \"\"\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {clients}/bundle.pem\ntls-ciphers \"\"\n",
        &["incomplete-options:2", "incomplete-options:4"],
    ),
];

const KAFKA: &[Broken] = &[
    // What brokers have, clients do not read.
    (
        "kafka/client.properties",
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\nssl.client.auth=required\n",
        &["misplaced-option:4"],
    ),
    (
        "kafka",
        "process.roles=broker\nlisteners=A://:1,B://:2\nlistener.security.protocol.map=A:SSL,B:SSL,C:SSL\ninter.broker.listener.name=C\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\ncontroller.listener.names=C\n",
        &["incomplete-options:4"],
    ),
    (
        "kafka",
        "process.roles=broker\nlisteners=A://:1,B://:2\nlistener.security.protocol.map=A:SSL,B:SSL,D:SSL\ninter.broker.listener.name=b\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\ncontroller.listener.names=D\n",
        &[],
    ),
    (
        "kafka",
        "process.roles=broker,controller\nlisteners=A://:1\nlistener.security.protocol.map=A:SSL,C:SSL\ninter.broker.listener.name=A\ncontroller.listener.names=C\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\n",
        &["incomplete-options:5"],
    ),
    (
        "kafka",
        "process.roles=broker\nlisteners=A://:1\nlistener.security.protocol.map=A:SSL\ninter.broker.listener.name=A\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\n",
        &["incomplete-options:1"],
    ),
    (
        "kafka",
        "process.roles=broker,client\nlisteners=A://:1,C://:2\nlistener.security.protocol.map=A:SSL,C:SSL\ninter.broker.listener.name=A\ncontroller.listener.names=C\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\nssl.principal.mapping.rules=DEFAULT # c\n",
        &["bad-value:1", "bad-value:8"],
    ),
    (
        "kafka",
        "process.roles=broker\nlisteners=A://:1\nlistener.security.protocol.map=A:SSL,C:SSL\ninter.broker.listener.name=A\ncontroller.listener.names=C\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\nlistener.name.c.ssl.truststore.type=PEM\nlistener.name.c.ssl.truststore.location={node1}/none.pem\n",
        &["file-missing:9"],
    ),
    (
        "kafka",
        "process.roles=broker, client\nlisteners=A://:1 C://:2\nlistener.security.protocol.map=A:SSL\ninter.broker.listener.name=A\ncontroller.listener.names=D\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\n",
        &["bad-value:1", "bad-value:2", "incomplete-options:5"],
    ),
    (
        "kafka/app.properties",
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={node1}/none.pem\n",
        &["file-missing:3"],
    ),
    (
        "kafka/server.properties",
        "! c\nlisteners=PLAINTEXT://:9092\n",
        &["no-tls:1"],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nclient_tls_sslmode = require\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\nserver_tls_ca_file = {node1}/ca.pem\n",
        &["not-verified:5"],
    ),
    (
        "openbao",
        "listener \"tcp\" {\n address = \"0.0.0.0:8200\"\n tls_cert_file = \"{node1}/cert.pem\"\n tls_key_file = \"{node1}/key.pem\"\n tls_min_version = tls12\n}\n",
        &["bad-line:5"],
    ),
    (
        "kafka",
        "listeners=A://:1\nlistener.security.protocol.map=A:SSL,C:SSL\ncontroller.listener.names=C\nlistener.name.c.ssl.keystore.type=PEM\nlistener.name.c.ssl.keystore.location={node1}/node1.pem\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\n",
        &["incomplete-options:1"],
    ),
    (
        "kafka",
        "listeners=A://:1,B://:2\nlistener.security.protocol.map=A:SSL\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\n",
        &["incomplete-options:1", "incomplete-options:2"],
    ),
    (
        "kafka",
        "listeners=A://:1,SSL://:2\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\n",
        &["incomplete-options:1", "incomplete-options:1"],
    ),
    (
        "kafka",
        "listeners=SSL://:1,C://:2\ncontroller.listener.names=C\nssl.keystore.type=PEM\nssl.keystore.location={node1}/node1.pem\n",
        &["incomplete-options:1"],
    ),
    (
        "kafka",
        "listeners = INT://:9094, \\\n  EXT://:9092\nlistener.security.protocol.map: INT:SSL,EXT:SSL\ninter.broker.listener.name INT\nssl.keystore.type=PEM\nssl.keystore.location={node1}/both.pem\nssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\nlistener.name.ext.ssl.truststore.location={clients}/bundle.pem\nssl.client.auth=required\n",
        &[],
    ),
    (
        "kafka",
        "listeners=INT://:9094,SSL://:9092,PLAIN://127.0.0.1:9090,OPEN://:9091\nlistener.security.protocol.map=INT:SSL,SSL:SSL,PLAIN:PLAINTEXT,OPEN:PLAINTEXT\ninter.broker.listener.name=INT\nssl.keystore.type=PEM\nssl.keystore.location={web}/both.pem\nssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\nlistener.name.ssl.ssl.client.auth=requested\nlistener.name.int.ssl.client.auth=required\nssl.endpoint.identification.algorithm=\n",
        &[
            "plain-port:2",
            "missing-eku:5",
            "clients-without-certificates:8",
            "name-not-checked:10",
        ],
    ),
    (
        "kafka",
        "listeners=SSL://:9092\nssl.keystore.type=PEM\nssl.keystore.location={node1}/both.pem\nssl.client.auth=required\nssl.enabled.protocols=TLSv1.2,TLSv1\nssl.keystore.lokation=/x\nssl.keystore.password=x\n",
        &[
            "incomplete-options:1",
            "client-ca-missing:4",
            "old-protocol:5",
            "unknown-option:6",
            "store-password:7",
        ],
    ),
    (
        "kafka",
        "listeners=SSL://:9092\nssl.keystore.location={node1}/both.pem\nssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\nssl.client.auth=none\n",
        &["incomplete-options:1", "wrong-store:3"],
    ),
    (
        "kafka",
        "listeners=SSL://:9092\nssl.keystore.type=PEM\nssl.keystore.location={node1}/both.pem\nssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\n",
        &["incomplete-options:1", "clients-not-asked:5"],
    ),
    (
        "kafka/server.properties",
        "listeners=SSL://:9092\nssl.keystore.type=PEM\nssl.keystore.key=-----BEGIN\nssl.keystore.certificate.chain=-----BEGIN\n",
        &["incomplete-options:1"],
    ),
    (
        "kafka",
        "listeners=SSL://:9092\nssl.keystore.location=/etc/kafka/node1.jks\nssl.keystore.password=x\nssl.truststore.location=/etc/kafka/roots.p12\nssl.truststore.type=PKCS12\nssl.client.auth=required\n",
        &["incomplete-options:1", "keystore-not-read:2"],
    ),
    (
        "kafka/client.properties",
        "ssl.truststore.type=PEM\nssl.truststore.location={node1}/ca.pem\nssl.keystore.type=PEM\nssl.keystore.location={app}/none.pem\n",
        &["tls-switched-off:4", "file-missing:4"],
    ),
    (
        "kafka/client.properties",
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={node1}/\\u006_\n",
        &["system-roots:1", "bad-line:3"],
    ),
];

const CASSANDRA: &[Broken] = &[
    (
        "cassandra/cassandra.yaml",
        "cluster_name: t\n",
        &["no-tls:1"],
    ),
    (
        "cassandra",
        "server_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\nclient_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n",
        &[],
    ),
    (
        "cassandra",
        "cluster_name: t\nseed_provider:\n  - class_name: a\nmemtable:\n  configurations:\n    x:\n      class_name: y\nserver_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\nclient_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n",
        &[],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: false\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\nserver_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\nclient_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: Yes\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n",
        &[],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: false\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\nserver_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: none\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["tls-switched-off:5", "tls-switched-off:12"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n  optional: true\nserver_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n  optional: true\n",
        &["plain-port:8", "plain-cluster:17"],
    ),
    // The name of a class alone is as good as a block with it; one of one's own is not known.
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory: PEMBasedSslContextFactory\n  keystore: /missing\n  enabled: true\nserver_encryption_options:\n  ssl_context_factory:\n    class_name: com.example.Factory\n  keystore: /none\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["file-missing:3"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory: PemBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\nserver_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactori\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["bad-value:2", "bad-value:7"],
    ),
    (
        "cassandra",
        "listen_address: 10.0.0.1\nclient_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n",
        &["plain-cluster:1"],
    ),
    (
        "cassandra",
        "listen_address: 127.0.0.1\nrpc_address: 10.0.0.1\nserver_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["plain-port:2"],
    ),
    (
        "cassandra",
        "server_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: dc\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["plain-cluster:5"],
    ),
    (
        "cassandra",
        "server_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: ALL\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["bad-value:5", "tls-switched-off:5"],
    ),
    (
        "cassandra",
        "server_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: false\n  require_endpoint_verification: no\n",
        &["nodes-without-certificates:7", "name-not-checked:8"],
    ),
    (
        "cassandra",
        "listen_address: 10.9.9.9\nserver_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["address-not-named:1"],
    ),
    (
        "cassandra",
        "server_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/none.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n  keystor: /a\n",
        &["file-missing:4", "unknown-option:9"],
    ),
    (
        "cassandra",
        "server_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["incomplete-options:3"],
    ),
    (
        "cassandra",
        "server_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  internode_encryption: all\n  require_client_auth: true\n  require_endpoint_verification: true\n",
        &["trust-missing:4"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  require_client_auth: true\nbogus: 1\n",
        &["client-ca-missing:6", "unknown-option:7"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: false\n",
        &["clients-not-asked:7"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {ed}/ed.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n",
        &["unread-key:4"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  require_client_auth: false\nauthenticator:\n  class_name: MutualTlsAuthenticator\n  parameters:\n    validator_class_name: x\n",
        &["clients-not-asked:8"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n  keystore_password: x\n",
        &["store-password:8"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n",
        &["incomplete-options:2"],
    ),
    (
        "cassandra@4.0.17",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\nserver_encryption_options:\n  enable_legacy_ssl_storage_port: true\n  legacy_ssl_storage_port_enabled: true\n",
        &["not-in-version:3", "not-in-version:10"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  keystore: /a/k.jks\n  enabled: true\n  truststore: /a/t.jks\n  require_client_auth: true\n  keystore_password: x\n",
        &["keystore-not-read:2"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n  accepted_protocols: [TLSv1.2, TLSv1.1]\n  cipher_suites: [SSL_RSA_WITH_3DES_EDE_CBC_SHA]\n",
        &["old-protocol:8", "weak-cipher:9"],
    ),
    (
        "cassandra",
        "client_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {node1}/node1.pem\n  enabled: true\n  truststore: {clients}/bundle.pem\n  require_client_auth: true\n  accepted_protocols: [TLSv1.4]\n  protocol: SSL\n",
        &["bad-value:8", "bad-value:9"],
    ),
    (
        "cassandra",
        "server_encryption_options:\n  ssl_context_factory:\n    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory\n  keystore: {web}/web.pem\n  internode_encryption: all\n  truststore: {node1}/ca.pem\n  require_client_auth: true\n  require_endpoint_verification: true\n  outbound_keystore: {node1}/node1.pem\n",
        &["address-not-named:4"],
    ),
    (
        "cassandra/cqlshrc",
        "[connection]\nssl = true\n[ssl]\ncertfile = {node1}/ca.pem\n",
        &["not-verified:4"],
    ),
    (
        "cassandra/cqlshrc",
        "[connection]\nssl = true\n[ssl]\ncertfile = {node1}/ca.pem\nusercert = {app}/cert.pem\nuserkey = {web}/key.pem\nvalidate = false\n[certfiles]\n10.0.0.1 = /a\n",
        &["key-mismatch:6", "not-verified:7"],
    ),
];

const OPENSEARCH: &[Broken] = &[
    // It reads no key twice.
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: CN=node1\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.nodes_dn: CN=node1\n",
        &["bad-line:8"],
    ),
    (
        "opensearch/opensearch.yml",
        "cluster.name: t\n",
        &["no-tls:1"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\n",
        &[],
    ),
    (
        "opensearch",
        "plugins:\n  security:\n    nodes_dn: CN=node1\n    ssl:\n      transport:\n        pemcert_filepath: {node1}/cert.pem\n        pemkey_filepath: {node1}/key.pem\n        pemtrustedcas_filepath: {node1}/ca.pem\n      http:\n        enabled: TRUE\n        pemcert_filepath: {node1}/cert.pem\n        pemkey_filepath: {node1}/none.pem\n        clientauth_mode: none\n",
        &["file-missing:12"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\n",
        &["nodes-not-named:1"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\ndiscovery.type: single-node\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\n",
        &[],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: \"*\"\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\n",
        &["any-node:4"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nnetwork.host: 10.0.0.1\n",
        &["plain-port:5"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nnetwork.host: 127.0.0.1\n",
        &[],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nplugins.security.ssl.http.enabled: false\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\n",
        &["tls-switched-off:5"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\nplugins.security_config.ssl_dual_mode_enabled: true\nplugins.security.allow_unsafe_democertificates: true\nplugins.security.ssl.transport.enforce_hostname_verification: false\n",
        &["plain-cluster:10", "known-key:11", "name-not-checked:12"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\nplugins.security.disabled: true\n",
        &["security-off:10"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\n",
        &["incomplete-options:1", "incomplete-options:7"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\nplugins.security.ssl_cert_reload_enabled: true\nplugins.security.ssl.certificates_hot_reload.enabled: true\n",
        &["contradiction:10"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: CN=node1\nplugins.security.authcz.admin_dn: CN=node1\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\n",
        &["admin-is-node:5"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: REQUIRE\nplugins.security.ssl.http.enabled_protocols: [TLSv1.1]\nplugins.security.ssl.http.pemcrt_filepath: x\nplugins.security.audit.type: noop\nfoo.bar: x\n",
        &["old-protocol:10", "unknown-option:11"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {node1}/ca.pem\nplugins.security.nodes_dn: [\"CN=node1\", \"CN=node2\"]\nplugins.security.ssl.http.enabled: true\nplugins.security.ssl.http.pemcert_filepath: {node1}/cert.pem\nplugins.security.ssl.http.pemkey_filepath: {node1}/key.pem\nplugins.security.ssl.http.pemtrustedcas_filepath: {clients}/bundle.pem\nplugins.security.ssl.http.clientauth_mode: maybe\n",
        &["bad-value:9"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {member}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {member}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {member}/ca.pem\nplugins.security.nodes_dn: [\"CN=member\", \"CN=node2,OU=rs0\"]\n",
        &["self-not-named:4"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {member}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {member}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {member}/ca.pem\nplugins.security.nodes_dn: \"cn=MEM?er,ou=*\"\n",
        &[],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {member}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {member}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {member}/ca.pem\nplugins.security.nodes_dn: \"/CN=.*/\"\n",
        &[],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {member}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {member}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {member}/ca.pem\nplugins.security.nodes_dn: \"CN=member, OU=rs0\"\n",
        &["self-not-named:4"],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {member}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {member}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {member}/ca.pem\nplugins.security.nodes_dn: CN=a\ndiscovery.type: single-node\n",
        &[],
    ),
    (
        "opensearch",
        "plugins.security.ssl.transport.pemcert_filepath: {member}/cert.pem\nplugins.security.ssl.transport.pemkey_filepath: {member}/key.pem\nplugins.security.ssl.transport.pemtrustedcas_filepath: {member}/ca.pem\nplugins.security.nodes_dn:\n- CN=member,OU=rs0\n- \"*\"\nplugins.security.authcz.admin_dn: [CN=a, \"CN=member,OU=rs0\"]\n",
        &["any-node:4", "admin-is-node:7"],
    ),
];

const MONGODB: &[Broken] = &[
    // All blocks count, and no value twice.
    (
        "mongodb",
        "net:\n  port: 27017\nnet:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\nsecurity:\n  clusterAuthMode: x509\n",
        &[],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\nnet:\n  tls:\n    mode: requireTLS\n",
        &["bad-line:11"],
    ),
    (
        "mongodb/mongod.conf",
        "storage:\n  dbPath: /var/lib/mongodb\nnet:\n  port: 27017\n  bindIp: 127.0.0.1\n",
        &["no-tls:1"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &[],
    ),
    (
        "mongodb",
        "net:\n  ssl:\n    mode: requireSSL\n    PEMKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &[],
    ),
    (
        "mongodb",
        "net.tls.mode: requireTLS\nnet.tls.certificateKeyFile: {member}/member.pem\nnet.tls.CAFile: {member}/ca.pem\nsecurity.clusterAuthMode: x509\n",
        &[],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {node1}/node1.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &["no-membership:4"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {node1}/node1.pem\n    CAFile: {member}/ca.pem\n    clusterAuthX509:\n      attributes: CN=node1\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &[],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {node1}/node1.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  keyFile: /etc/mongodb/secret\n",
        &["file-missing:7"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\n    clusterFile: {node1}/node1.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &["members-differ:6"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\n    clusterCAFile: {clients}/bundle.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\nreplication:\n  replSetName: rs0\n",
        &["members-refused:6"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\n    clusterCAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &[],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &["incomplete-options:3"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\nsetParameter:\n  tlsUseSystemCA: true\n",
        &[],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: preferTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\n    allowInvalidCertificates: true\n    allowInvalidHostnames: true\n    disabledProtocols: TLS1_0\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &[
            "plain-port:3",
            "not-verified:6",
            "name-not-checked:7",
            "old-protocol:8",
        ],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: allowTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &["contradiction:3", "plain-port:3"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\n  ssl:\n    mode: requireSSL\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &["contradiction:7"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  clusterAuthMode: sendX509\n  keyFile: /etc/mongodb/secret\n",
        &["members-by-secret:7", "file-missing:8"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\n",
        &["users-not-asked:3"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: disabled\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &["tls-switched-off:3", "contradiction:3"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireTLS\n    certificateKeyFile: {member}/cert.pem\n    CAFile: {member}/ca.pem\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &["file-missing:4"],
    ),
    (
        "mongodb",
        "net:\n  tls:\n    mode: requireSSL\n    certificateKeyFile: {member}/member.pem\n    CAFile: {member}/ca.pem\n    allowInvalidHostnames: yes\n    CAfile: x\nsecurity:\n  authorization: enabled\n  clusterAuthMode: x509\n",
        &["bad-value:3", "bad-value:6", "unknown-option:7"],
    ),
];

const OPENBAO: &[Broken] = &[
    (
        "openbao/openbao.hcl",
        "ui = true\nstorage \"file\" { path = \"/data\" }\n",
        &["no-tls:1"],
    ),
    (
        "openbao",
        "/* c */ ui = true\nlistener \"tcp\" {\n  address = \"127.0.0.1:8200\"\n  tls_disable = \"true\"\n}\nlistener \"tcp\" {\n  tls_cert_file = \"{node1}/cert.pem\"\n  tls_key_file = \"{node1}/key.pem\"\n  tls_client_ca_file = \"{clients}/bundle.pem\"\n  tls_require_and_verify_client_cert = true\n}\n",
        &[],
    ),
    (
        "openbao",
        "listener \"tcp\" {\n  tls_cert_file = \"{node1}/cert.pem\"\n  tls_key_file = \"{web}/key.pem\"\n  tls_client_ca_file = \"{clients}/bundle.pem\"\n  tls_min_version = \"tls10\"\n}\nlistener \"tcp\" {\n  tls_cert_file = \"{node1}/cert.pem\"\n  tls_keyfile = \"{node1}/key.pem\"\n  tls_require_and_verify_client_cert = true\n  tls_disable_client_certs = 1\n}\nlistener \"tcp\" { tls_disable = 1 }\n",
        &[
            "key-mismatch:3",
            "clients-not-asked:4",
            "old-protocol:5",
            "incomplete-options:8",
            "unknown-option:9",
            "client-ca-missing:10",
            "contradiction:11",
            "plain-port:13",
        ],
    ),
    (
        "openbao",
        "storage \"raft\" {\n  retry_join {\n    leader_api_addr = \"http://node2:8200\"\n    leader_client_cert_file = \"{web}/cert.pem\"\n    leader_client_key_file = \"{web}/key.pem\"\n  }\n  retry_join {\n    leader_client_cert_file = \"{app}/cert.pem\"\n    leader_client_key_file = \"{app}/key.pem\"\n  }\n}\n",
        &["joins-in-plain-text:3", "missing-eku:4"],
    ),
    (
        "openbao/openbao.hcl",
        "listener \"tcp\" {\n  tls_cert_file = '{node1}/cert.pem'\n",
        &["no-tls:1", "bad-line:2"],
    ),
];

const PATRONI: &[Broken] = &[
    (
        "patroni/patroni.yml",
        "scope: main\nname: a\nrestapi:\n  listen: 0.0.0.0:8008\n  certfile: {node1}/cert.pem\n  keyfile: {web}/key.pem\n  verify_client: required\nctl:\n  insecure: true\netcd3:\n  hosts: [etcd1:2379, etcd2:2379]\n",
        &[
            "key-mismatch:6",
            "client-ca-missing:7",
            "members-refused:7",
            "not-verified:9",
            "plain-cluster:11",
        ],
    ),
    // As long as nobody has to show one, nothing is asked for.
    (
        "patroni",
        "restapi:\n  listen: 0.0.0.0:8008\n  certfile: {node1}/cert.pem\n  keyfile: {node1}/key.pem\n  cafile: {node1}/ca.pem\n  verify_client: None\n  ciphers: RC4\nctl: {insecure: true, cacert: '{node1}/ca.pem', certfile: '{node1}/both.pem'}\n",
        &[
            "clients-not-asked:5",
            "open-to-everybody:6",
            "weak-cipher:7",
            "name-not-checked:8",
        ],
    ),
    (
        "patroni/patroni.yml",
        "restapi:\n  listen: node1:8008\n  connect_address: 0.0.0.0:8008\n  verify_client: optional\n  authentication: {username: a, password: b}\n  certfil: /x\n",
        &[
            "no-tls:1",
            "plain-port:2",
            "unroutable-address:3",
            "clients-not-asked:4",
            "unknown-option:6",
        ],
    ),
    (
        "patroni",
        "restapi:\n  listen: 0.0.0.0:8008\n  connect_address: other:8008\n  certfile: {node1}/cert.pem\n  keyfile: {node1}/key.pem\n  verify_client: verify\n  allowlist: [10.0.0.0/8]\n",
        &["advertised-name:3", "system-roots:4", "bad-value:6"],
    ),
    // A member that shows patronictl's requests nothing.
    (
        "patroni",
        "restapi: {listen: '0.0.0.0:8008', certfile: '{node1}/both.pem', cafile: '{node1}/ca.pem', verify_client: optional}\n",
        &["members-refused:1"],
    ),
    // Certificates for etcd, and no word of TLS.
    (
        "patroni",
        "etcd:\n  host: etcd1:2379\n  cacert: {node1}/ca.pem\n  cert: {web}/cert.pem\n  key: {web}/key.pem\n",
        &["missing-eku:4", "tls-switched-off:4"],
    ),
    (
        "patroni",
        "etcd3:\n  url: https://etcd1:2379\n  cert: {app}/cert.pem\n  key: {app}/key.pem\nconsul:\n  url: https://consul:8501\n  verify: false\n  cert: {app}/cert.pem\n  key: {app}/key.pem\n",
        &["system-roots:2", "not-verified:7"],
    ),
    (
        "patroni",
        "zookeeper:\n  hosts: [zk1:2181]\n  use_ssl: false\n  cert: {app}/cert.pem\n  key: {node1}/key.pem\n",
        &["tls-switched-off:3", "key-mismatch:5"],
    ),
    // What the cluster is told at first counts too.
    (
        "patroni",
        "bootstrap:\n  dcs:\n    postgresql:\n      parameters:\n        ssl: on\n        ssl_min_protocol_version: TLSv1.1\n        ssl_cert_file: {node1}/cert.pem\n        ssl_key_file: {node1}/open.pem\n        ssl_crl_file: {folder}/none.pem\n  pg_hba:\n  - host  all all 0.0.0.0/0 md5\n  - hostssl\tall all 0.0.0.0/0 trust\n  - host all all samehost cert\npostgresql:\n  connect_address: other:5432\n",
        &[
            "old-protocol:6",
            "key-mode:8",
            "crl-unused:9",
            "file-missing:9",
            "plain-port:10",
            "no-login:10",
            "misplaced-option:10",
            "advertised-name:15",
        ],
    ),
    // Who is told that it is not TLS is not let in.
    (
        "patroni",
        "postgresql:\n  parameters: {ssl: 'true', ssl_cert_file: '{node1}/cert.pem', ssl_key_file: '{node1}/key.pem', ssl_max_protocol_version: TLSv1.2, ssl_min_protocol_version: TLSv1.3}\n  pg_hba:\n  - hostnossl all all all reject\n  - host all all all scram-sha-256\n  - host all all 127.0.0.1/32 trust\n",
        &["no-protocol:2"],
    ),
    (
        "patroni",
        "postgresql:\n  data_dir: {node1}\n  parameters:\n    ssl_cert_file: cert.pem\n    ssl_key_file: key.pem\n  authentication:\n    superuser: {username: postgres, password: x}\n    replication:\n      username: replicator\n      sslmode: verify-ca\n      sslcert: {web}/cert.pem\n      sslkey: {web}/key.pem\n    rewind: {username: rewind, sslmode: prefer, sslrootcert: '{node1}/ca.pem'}\n",
        &[
            "tls-switched-off:4",
            "name-not-checked:10",
            "client-ca-missing:10",
            "missing-eku:11",
            "not-verified:13",
        ],
    ),
    (
        "patroni",
        "restapi: &own\n  listen: 0.0.0.0:8008\n  certfile: {node1}/cert.pem\n  keyfile: {node1}/key.pem\n  cafile: {node1}/ca.pem\n  verify_client: REQUIRED\nctl: {certfile: '{node1}/cert.pem', keyfile: '{node1}/key.pem'}\netcd3: {hosts: 'localhost:2379'}\n",
        &[],
    ),
];

const PGBOUNCER: &[Broken] = &[
    // All of one name are one, wherever they stand.
    (
        "pgbouncer",
        "[pgbouncer]\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\n[databases]\n* = host=db1\n[pgbouncer]\nclient_tls_sslmode = verify-full\nclient_tls_ca_file = {clients}/bundle.pem\nauth_type = cert\nserver_tls_sslmode = verify-full\nserver_tls_ca_file = {node1}/ca.pem\n",
        &[],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nclient_tls_sslmode = verify-full\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_ca_file = {clients}/bundle.pem\nauth_type = cert\nserver_tls_sslmode = verify-full\nserver_tls_ca_file = {node1}/ca.pem\n[databases]\n[pgbouncer]\nclient_tls_key_file = {web}/key.pem\n",
        &["key-mismatch:10"],
    ),
    (
        "pgbouncer/pgbouncer.ini",
        "[databases]\nclient_tls_ca_file = host=db1\n[pgbouncer]\nlisten_port = 6432\nauth_type = md5\n",
        &["no-tls:1"],
    ),
    (
        "pgbouncer",
        "[databases]\n* = host=db1\n[pgbouncer]\nlisten_port = 6432\nclient_tls_sslmode = verify-full\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\nclient_tls_ca_file = {clients}/bundle.pem\nauth_type = cert\nserver_tls_sslmode = verify-full\nserver_tls_ca_file = {node1}/ca.pem\n",
        &[],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nlisten_addr = *\nclient_tls_sslmode = require\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {web}/key.pem\nclient_tls_ca_file = {clients}/bundle.pem\nauth_type = any\nserver_tls_sslmode = require\nserver_tls_protocols = tlsv1.2, tlsv1.1\nclient_tls_certfile = /x\n",
        &[
            "clients-not-asked:3",
            "key-mismatch:5",
            "no-login:7",
            "not-verified:8",
            "old-protocol:9",
            "unknown-option:10",
        ],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nclient_tls_sslmode = verify-ca\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\nauth_type = cert\nserver_tls_sslmode = verify-ca\n",
        &[
            "client-ca-missing:2",
            "contradiction:5",
            "name-not-checked:6",
            "system-roots:6",
        ],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\nserver_tls_cert_file = {web}/cert.pem\nserver_tls_key_file = {web}/key.pem\n",
        &["tls-switched-off:2", "missing-eku:4", "not-verified:4"],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nclient_tls_sslmode = allow\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\nauth_type = scram-sha-256\nauth_file = {node1}/cert.pem\n%include /none=1.ini\n",
        &["plain-port:2", "include-missing:7"],
    ),
];

const RABBITMQ: &[Broken] = &[
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl.default = 5671\nssl_options.cacertfile = {clients}/bundle.pem\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\nssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true\nmqtt.listeners.tcp.default = 1883\nstomp.listeners.ssl.1 = 61614\nstream.listeners.tcp.1 = 127.0.0.1:5552\nweb_mqtt.tcp.port = 15675\nweb_stomp.tcp.port = 15674\nprometheus.tcp.port = 15692\ncluster_formation.peer_discovery_backend = classic_config\n",
        &[
            "plain-port:8",
            "plain-port:9",
            "plain-port:11",
            "plain-port:12",
            "plain-monitoring:13",
            "clear-distribution:14",
        ],
    ),
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl.default = 5671\nssl_options.cacertfile = {clients}/bundle.pem\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\nssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true\nmqtt.listeners.tcp = none\nweb_mqtt.tcp.port = 15675\nweb_mqtt.tcp.ip = 127.0.0.1\nprometheus.tcp.port = 15692\nprometheus.tcp.ip = ::1\n",
        &[],
    ),
    // Variables, in both spellings.
    (
        "rabbitmq/rabbitmq-env.conf",
        "RABBITMQ_NODE_NAME=a\nUSE_LONGNAME=tue\nSERVER_ADDITIONAL_ERL_ARGS=\"-proto_dist inet_tls -ssl_dist_optfile /a\"\nCTL_ERL_ARGS=\"-proto_dist inet_tsl -ssl_dist_optfile /a\"\nMY_OWN=1\n",
        &[
            "unknown-option:1",
            "bad-value:2",
            "plain-cluster:3",
            "bad-value:4",
        ],
    ),
    (
        "rabbitmq/rabbitmq-env.conf",
        "SERVER_ADDITIONAL_ERL_ARGS=\"-kernel a 1 -proto_dist  inet_tlss -ssl_dist_optfile /a\"\nRABBITMQ_CTL_ERL_ARGS=\"-proto_dist inet_tls -ssl_dist_optfile /a\"\nRABBITMQ_USE_LONGNAME=Yes\n",
        &["tls-switched-off:1", "bad-value:1"],
    ),
    (
        "rabbitmq/inter_node_tls.config",
        "[{server, [{cacerts, [<<1, 2>>]},\n  {certfile, \"{node1}/cert.pem\"}, {keyfile, \"{node1}/key.pem\"},\n  {verify, verify_peer}, {fail_if_no_peer_cert, true}]},\n {client, [{cacertfile, \"{node1}/ca.pem\"},\n  {certs_keys, [#{certfile => \"/a\", keyfile => \"/b\"}]}, {verify, verify_peer}]}].\n",
        &["not-checked:1", "not-checked:5"],
    ),
    (
        "rabbitmq/rabbitmq.conf",
        "# c\nlisteners.tcp.default = 5672\n",
        &["no-tls:1"],
    ),
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl.default = 5671\nssl_options.certfile = {node1}/cert.pem # c\nssl_options.keyfile = {node1}/key.pem\nssl_options.cacertfile = {clients}/bundle.pem\nssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true\n",
        &[],
    ),
    (
        "rabbitmq",
        "ssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {web}/key.pem\nssl_options.verify = verify_peer\nmanagement.tcp.port = 15672\nssl_options.versions.1 = tlsv1\n",
        &[
            "tls-switched-off:1",
            "plain-port:1",
            "key-mismatch:2",
            "client-ca-missing:3",
            "clients-without-certificates:3",
            "open-administration:4",
            "old-protocol:5",
        ],
    ),
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl.default = 5671\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\nssl_options.cacertfile = {clients}/bundle.pem\nssl_options.verify = yes\nssl_options.verfy = verify_peer\n",
        &["bad-value:6", "clients-not-asked:6", "unknown-option:7"],
    ),
    // Lists, each value with a name of one's own; and what plugins have.
    (
        "rabbitmq",
        "listeners.tcp.local = 127.0.0.1:5672\nlisteners.ssl.7 = 5671\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\nssl_options.versions.old = tlsv1.1\nssl_options.versions.3 = tlsv1.2\nssl_options.versions.4 = tlsv9\nssl_options.ciphers.14 = ECDHE-ECDSA-AES256-GCM-SHA384\nauth_backends.9 = internal\nauth_mechanism.9 = PLAIN\nmanagement.ssl.port = 15671\nmanagement.ssl.certfile = {node1}/cert.pem\nmanagement.ssl.keyfile = {node1}/key.pem\nmanagement.ssl.cacertfile = {clients}/bundle.pem\nmanagement.ssl.cipher.2 = A\nmanagement.tcp.port = 15672\nmanagement.tcp.ip = 127.0.0.1\nweb_mqtt.ssl.certfile = {node1}/cert.pem\nweb_mqtt.ssl.keyfile = {web}/key.pem\n",
        &[
            "old-protocol:5",
            "bad-value:7",
            "unknown-option:10",
            "clients-not-asked:14",
            "unknown-option:15",
            "key-mismatch:19",
        ],
    ),
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl.default = 5671\nssl_options.cacertfile = {clients}/bundle.pem\nssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true\nmanagement.ssl.port = 15671\nprometheus.ssl.port = 15691\nweb_mqtt.ssl.port = 15676\nweb_stomp.ssl.port = 15673\n",
        &[
            "no-certificate:2",
            "no-certificate:6",
            "no-certificate:7",
            "no-certificate:8",
            "no-certificate:9",
        ],
    ),
    // Erlang takes no others beside tlsv1.3 where tlsv1.2 is not among them, and not the same twice.
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl.default = 5671\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\nssl_options.versions.1 = tlsv1.3\nssl_options.versions.2 = tlsv1.1\nmanagement.ssl.certfile = {node1}/cert.pem\nmanagement.ssl.keyfile = {node1}/key.pem\nmanagement.ssl.versions.1 = tlsv1.3\nmanagement.ssl.versions.2 = tlsv1.3\nprometheus.ssl.versions.1 = tlsv1.3\nprometheus.ssl.versions.2 = tlsv1\nweb_mqtt.ssl.versions.1 = tlsv1.3\nweb_mqtt.ssl.versions.2 = tlsv1\nweb_stomp.ssl.versions.1 = tlsv1.3\nweb_stomp.ssl.versions.2 = tlsv1\n",
        &[
            "bad-value:6",
            "old-protocol:6",
            "bad-value:10",
            "bad-value:12",
            "old-protocol:12",
            "bad-value:14",
            "old-protocol:14",
            "bad-value:16",
            "old-protocol:16",
        ],
    ),
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl = none\nlisteners.ssl.default = 5671\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\n",
        &["tls-switched-off:2"],
    ),
    (
        "rabbitmq",
        "listeners.tcp = none\nlisteners.ssl = none\nmqtt.listeners.ssl.default = 8883\nssl_options.certfile = {node1}/cert.pem\nssl_options.keyfile = {node1}/key.pem\n",
        &["plain-port:3"],
    ),
    (
        "rabbitmq/inter_node_tls.config",
        "[{server, [{certfile, \"{node1}/cert.pem\"}, {keyfile, \"{node1}/key.pem\"},\n{cacertfile, \"{node1}/ca.pem\"}, {verify, verify_peer}]},\n{client, [{certfile, \"{node1}/cert.pem\"}, {keyfile, \"{node1}/key.pem\"}, {cacertfile, \"{node1}/ca.pem\"}]}].\n",
        &["nodes-without-certificates:2", "not-verified:3"],
    ),
];

/// What the front ends take and refuse, as `haproxy -c`, `nginx -t` and `apachectl configtest` say.
const FRONTS: &[Broken] = &[
    (
        "haproxy/haproxy.cfg",
        "global\n stats socket /run/a.sock mode 600 level admin\n stats socket ipv4@10.0.0.1:9999 level admin\n stats socket [::1]:9998\n stats timeout 30s\nfrontend f\n stats enable\n stats admin if TRUE\n",
        &["no-tls:1", "open-administration:3"],
    ),
    // Checks speak TLS, and what passes is PostgreSQL's own.
    (
        "haproxy",
        "backend b\n mode tcp\n default-server check check-ssl verify required ca-file {node1}/ca.pem\n server x 10.0.0.1:5432 port 8008\n",
        &[],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem\npeers p\n bind :1 ssl crt {node1}/node1.pem\n server me\n server x 10.0.0.1:1\n",
        &[],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem\nbackend b\n server x\n",
        &["bad-line:4"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem\nmailers m\n timeout mail 20s\nresolvers r\n timeout retry 1s\nring r\n timeout connect 1s\n",
        &[],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem\n timeout mail 20s\nmailers m\n timeout client 1s\nresolvers r\n timeout mail 1s\n",
        &["bad-value:3", "bad-value:5", "bad-value:7"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem\npeers p\n timeout client 1s\n",
        &["misplaced-option:4"],
    ),
    (
        "haproxy",
        " timeout retry 1s\n bind :443 ssl crt {node1}/node1.pem\n",
        &[],
    ),
    // A file that nobody gives a version for may be that of a later one than is known.
    (
        "haproxy@2.6.12",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ktls on\nbackend b\n server x 127.0.0.1:1 send-proxy-v2 set-proxy-v2-tlv-fmt(0x20) %[fc_rtt] check\n",
        &["not-in-version:2", "not-in-version:4"],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem ktls on\nbackend b\n server x 127.0.0.1:1 send-proxy-v2 set-proxy-v2-tlv-fmt(0x20) %[fc_rtt] check\n",
        &[],
    ),
    (
        "haproxy",
        "frontend a\n bind :443 ssl crt {node1}/node1.pem generate-certificates\n",
        &["incomplete-options:2"],
    ),
    (
        "haproxy",
        "global\n tune.ssl.default-dh-param 512\nfrontend a\n bind :443 ssl crt {node1}/node1.pem\n",
        &["bad-value:2"],
    ),
    (
        "nginx",
        "http {\n init_by_lua_block { print(\"brace {\") -- it's\n }\nserver {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n location / { content_by_lua_block { ngx.say([[ } ]], '}') } }\n ssl_verify_depth x;\n}\n}\n",
        &["bad-value:7"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n location / { return 200 \"<html>\n<body>\n</html>\"; }\n ssl_verify_depth x;\n}\n",
        &["bad-value:6"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_session_cache shared:SSL:10;\n}\n",
        &["bad-value:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_session_cache shared:10m;\n}\n",
        &["bad-value:3"],
    ),
    (
        "nginx",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n ssl_session_cache builtin:1000 shared:SSL:32k;\n}\n",
        &[],
    ),
    (
        "nginx@1.22.1",
        "server {\n listen 1 ssl; ssl_certificate {node1}/cert.pem; ssl_certificate_key {node1}/key.pem;\n listen 1 quic; http2 on;\n}\n",
        &["bad-line:3", "not-in-version:3", "not-in-version:3"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLOptions +StdEnvVars -FakeBasicAuth\nSSLOptions +Bogus\n</VirtualHost>\n",
        &["bad-value:6"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLRequireSSL\nSSLRandomSeed startup builtin\nSSLRenegBufferSize 1\n<Location />\nSSLRequireSSL\n</Location>\n</VirtualHost>\n",
        &[
            "misplaced-option:5",
            "misplaced-option:6",
            "misplaced-option:7",
        ],
    ),
    (
        "apache",
        "SSLRequireSSL\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &["misplaced-option:1"],
    ),
    (
        "apache",
        "<Location />\nSSLRequireSSL\nSSLOptions +StrictRequire\n</Location>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n",
        &[],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLVerifyDepth -1\n</VirtualHost>\n",
        &["bad-value:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLVerifyDepth two\n</VirtualHost>\n",
        &["bad-value:5"],
    ),
    (
        "apache",
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLOCSPEnable maybe\nSSLUserName a b\n</VirtualHost>\n",
        &["bad-value:5", "bad-line:6"],
    ),
    (
        "apache",
        "SSLSessionCache shmcb:/run/a(512000)\nSSLRandomSeed connect file:/dev/urandom 512\nSSLPassPhraseDialog builtin\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &[],
    ),
    (
        "apache",
        "SSLSessionCache shmcb:/run/a(512)\nSSLRandomSeed always builtin\nSSLPassPhraseDialog ask\nSSLStaplingCache none\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &["bad-value:1", "bad-value:2", "bad-value:3", "bad-value:4"],
    ),
    (
        "apache",
        "ServerRoot /etc\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n<VirtualHost *:444>\nSSLEngine on\n</VirtualHost>\n",
        &["incomplete-options:8"],
    ),
    (
        "apache",
        "ServerRoot /etc\nSSLEngine on\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &["incomplete-options:2"],
    ),
    (
        "apache",
        "ServerRoot /etc\nSSLEngine on\nSSLCertificateFile {node1}/cert.pem\n<VirtualHost *:443>\nSSLCertificateKeyFile {node1}/key.pem\n</VirtualHost>\n",
        &["incomplete-options:5"],
    ),
    (
        "apache",
        "SSLEngine \\\n on\nSSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\nSSLHonorCipherOrder o\\\nn\n",
        &[],
    ),
    (
        "stunnel",
        "[a]\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\naccept = 1\n",
        &["incomplete-options:4"],
    ),
    (
        "stunnel",
        "[a]\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\naccept = 1\nconnect = 2\nexec = /bin/sh\n",
        &["incomplete-options:6"],
    ),
    (
        "stunnel",
        "[a]\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\naccept = 1\nexec = /bin/sh\n",
        &[],
    ),
    (
        "stunnel",
        "[a]\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\naccept = 1\nprotocol = socks\n",
        &[],
    ),
    (
        "stunnel",
        "[a]\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\naccept = 1\ntransparent = destination\n",
        &[],
    ),
    (
        "stunnel",
        "[a]\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\naccept = 1\nconnect = 2\n[b]\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\nsni = a:node1\nconnect = 3\n",
        &[],
    ),
    (
        "stunnel",
        "connect = 2\n[a]\ncert = {node1}/cert.pem\nkey = {node1}/key.pem\naccept = 1\nprovider = legacy\n",
        &["misplaced-option:6"],
    ),
    (
        "rqlite",
        "rqlited \\\n -http-cert {node1}/cert.pem \\\n -http-key {node1}/key.pem \\\n -http-ca-cert {node1}/ca.pem \\\n -http-verify-client \\\n -http-addr 127.0.0.:4001 data\n",
        &["bad-value:6"],
    ),
    (
        "rqlite",
        "rqlited \\\n -http-cert {node1}/cert.pem \\\n -http-key {node1}/key.pem \\\n -http-ca-cert {node1}/ca.pem \\\n -http-verify-client \\\n -http-addr 127.0.0.1:4001 -raft-addr 1270.0.1:4002 data\n",
        &["bad-value:6"],
    ),
    (
        "rqlite",
        "rqlited \\\n -http-cert {node1}/cert.pem \\\n -http-key {node1}/key.pem \\\n -http-ca-cert {node1}/ca.pem \\\n -http-verify-client \\\n -http-addrlocalhost:4001 data\n",
        &["unknown-option:6"],
    ),
    (
        "mariadb",
        "[mariadbd]\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\ntls-version = TLSv1.2,TSv1.3\nrequire-secure-transport = ON\n",
        &["bad-value:4"],
    ),
    (
        "mariadb",
        "[mariadbd]\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\ntls-version = tlsv1.2,TLSv1.3\nrequire-secure-transport = ON\n",
        &[],
    ),
    (
        "mariadb",
        "[mariadbd]\nssl-cert = {node1}/cert.pem\nssl-key = {node1}/key.pem\n= TLSv1.2\nrequire-secure-transport = ON\n",
        &["unknown-option:4"],
    ),
    (
        "pgbouncer",
        "[pgbouncer]\nauth_type = CERT\nclient_tls_sslmode = VERIFY-FULL\nclient_tls_ca_file = {node1}/ca.pem\nclient_tls_cert_file = {node1}/cert.pem\nclient_tls_key_file = {node1}/key.pem\n",
        &[],
    ),
    (
        "postgresql/pg_hba.conf",
        "hostssl all all / cert\n,hostssl all all 10.0.0.0/33 cert\n,hostssl all all 10.1/16 cert\n",
        &["bad-line:1", "bad-line:2"],
    ),
];

fn encrypt(from: &Path, to: &Path) {
    let [from, to] = [from, to].map(|path| path.to_str().expect("text"));
    let words = [
        "pkcs8",
        "-topk8",
        "-v2",
        "aes256",
        "-passout",
        "pass:secret",
    ];
    let _ = openssl(&[&words[..], &["-in", from, "-out", to]].concat()).expect_status(0);
    fs::set_permissions(to, Permissions::from_mode(0o600)).expect("changed");
}

const EVERY: &[&[Broken]] = &[
    BROKEN, DIALLING, PINNED, SWITCHES, LINES, PLACES, LOCKED, DEPTHS, LISTENERS, PROTOCOLS, NAMES,
    SHAPES, CONTAINERS, POSTGRESQL, NATS, MOSQUITTO, ETCD, MARIADB, MEMCACHED, KAFKA, CASSANDRA,
    OPENSEARCH, MONGODB, UNSEEN, GROUPS, MEASURES, OPENBAO, PATRONI, PGBOUNCER, RABBITMQ, BESIDES,
    FRONTS, IDLE,
];

#[test]
fn what_is_broken_is_found_in_its_line() {
    let certctl = certctl();
    let node1 = certctl.pki("certs/node1");
    let chain = fs::read_to_string(node1.join("cert.pem")).expect("text");
    let end = "-----END CERTIFICATE-----\n";
    let leaf = chain.split_inclusive(end).next().expect("a certificate");
    fs::write(node1.join("leaf.pem"), leaf).expect("written");
    fs::copy(node1.join("key.pem"), node1.join("open.pem")).expect("copied");
    fs::set_permissions(node1.join("open.pem"), Permissions::from_mode(0o644)).expect("changed");
    fs::copy(node1.join("key.pem"), node1.join("both.pem")).expect("copied");
    let both = fs::read_to_string(node1.join("key.pem")).expect("text") + &chain;
    fs::write(node1.join("both.pem"), both).expect("written");
    let web = certctl.pki("certs/web");
    let of_web = fs::read_to_string(web.join("cert.pem")).expect("text");
    let leaf = of_web.split_inclusive(end).next().expect("a certificate");
    fs::write(web.join("leaf.pem"), leaf).expect("written");
    let pair = ["key.pem", "cert.pem"].map(|name| fs::read(web.join(name)).expect("readable"));
    fs::copy(web.join("key.pem"), web.join("both.pem")).expect("copied");
    fs::write(web.join("both.pem"), pair.concat()).expect("written");
    let folder = certctl.home().join("folder");
    for name in ["certs", "empty", "roots"] {
        fs::create_dir_all(folder.join(name)).expect("made");
    }
    for (name, mode) in [
        ("certs/good.pem", 0o600),
        ("certs/open.pem", 0o644),
        ("open.pem", 0o644),
        ("two.rsa", 0o644),
    ] {
        fs::copy(node1.join("node1.pem"), folder.join(name)).expect("copied");
        fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).expect("changed");
    }
    for name in ["ca.crt", "certs/good.pem.issuer", "roots/0123abcd.0"] {
        fs::copy(node1.join("ca.pem"), folder.join(name)).expect("copied");
    }
    fs::write(folder.join("roots/README"), "none\n").expect("written");
    let list = "# c\nopen.pem [alpn h2] a b\n\nnone.pem\n";
    fs::write(folder.join("list.txt"), list).expect("written");
    for (name, text) in [("pw", "another\nsecret\n"), ("wrong", "another\n")] {
        fs::write(folder.join(name), text).expect("written");
        fs::set_permissions(folder.join(name), Permissions::from_mode(0o600)).expect("changed");
    }
    fs::write(folder.join("open-pw"), "secret\n").expect("written");
    fs::write(folder.join("ticket"), [7; 48]).expect("written");
    encrypt(&node1.join("key.pem"), &folder.join("enc.pem"));
    let folders = [
        ("{folder}", folder),
        ("{node1}", node1),
        ("{web}", web),
        ("{deep}", certctl.pki("certs/deep")),
        ("{ed}", certctl.pki("certs/ed")),
        ("{app}", certctl.pki("certs/app")),
        ("{member}", certctl.pki("certs/member")),
        ("{curve}", certctl.pki("certs/curve")),
        ("{clients}", certctl.pki("ca/clients")),
    ];
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for (server, text, expected) in EVERY.iter().copied().flatten() {
        let whole = folders
            .iter()
            .fold((*text).to_owned(), |text, (short, folder)| {
                text.replace(short, &folder.display().to_string())
            });
        let (server, name) = server.split_once('/').unwrap_or((server, "file"));
        let (server, version) = server.split_once('@').unwrap_or((server, ""));
        fs::write(certctl.home().join(name), whole).expect("written");
        let told = ["--server", server, "--server-version", version];
        let told = if version.is_empty() { &[][..] } else { &told };
        let (found, document) = check(&certctl, &[told, &[name]].concat());
        if found != *expected || document["checked"]["configurations"] != 1 {
            wrong.push(format!(
                "{server}:\n{text}found {found:?}, not {expected:?}"
            ));
        }
        met.extend(
            found
                .iter()
                .map(|it| (server, it.split(':').next().expect("text").to_owned())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    every_rule_is_met(&met);
}

/// Whether each rule for files was found broken: the server and the code of all that were.
fn every_rule_is_met(met: &BTreeSet<(&str, String)>) {
    for server in Catalogue::embedded().servers().expect("they hold together") {
        for rule in server
            .manifest
            .rules
            .iter()
            .filter(|rule| rule.file.is_some())
        {
            // What is taken from another is met there.
            let like = server.manifest.like.as_ref();
            let like = like.map_or(&server.name, |it| it.server.get_ref());
            let mut names = [&server.name, like].into_iter();
            let is_met = names.any(|it| met.contains(&(&**it, rule.code.clone())));
            assert!(is_met, "{}: {} is never found", server.name, rule.code);
        }
    }
}

#[test]
fn what_is_no_option_is_not_repeated() {
    const SECRET: &str = "Xq9SECRETHASH";
    let certctl = certctl();
    let catalogue = Catalogue::embedded();
    let mut count = 0;
    for server in catalogue.servers().expect("they hold together") {
        let readable = server.manifest.formats.iter();
        for format in readable.filter(|format| format.syntax.is_some()) {
            let file = certctl.home().join("file");
            for line in [
                format!("root:$6$SALT${SECRET}:19000:0:99999:7:::"),
                format!("{SECRET}+/x=="),
                format!("verify {SECRET} and more"),
                format!("--tls-{SECRET}$"),
                format!("- --{SECRET}$"),
                format!("A__B__{SECRET}$=1"),
                format!("{{{SECRET}, $}}."),
                format!("{{\"{SECRET}$\": 1}}"),
            ] {
                fs::write(&file, format!("{line}\n")).expect("writable");
                let run = certctl.run(&["check", "file", "--server", &server.name]);
                let told = run.stdout + &run.stderr;
                assert!(
                    !told.contains(SECRET),
                    "{} {}: {line}: {told}",
                    server.name,
                    format.name
                );
                count += 1;
            }
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn included_files_of_others_are_not_repeated() {
    let certctl = certctl();
    let home = certctl.home();
    fs::write(
        home.join("shadow"),
        "root:$6$SALT$SECRETHASH:1:0:99999:7:::\n",
    )
    .expect("writable");
    let path = home.join("shadow");
    for (server, text) in [
        (
            "stunnel",
            format!("include = {}\n[x]\naccept = 1\n", path.display()),
        ),
        ("redis", format!("include {}\ntls-port 1\n", path.display())),
        (
            "nginx",
            format!("include {};\nssl_certificate /a;\n", path.display()),
        ),
        (
            "apache",
            format!("Include {}\nSSLEngine on\n", path.display()),
        ),
    ] {
        fs::write(home.join("file"), text).expect("writable");
        let run = certctl.run(&["check", "file", "--server", server]);
        let told = run.stdout + &run.stderr;
        assert!(!told.contains("SECRETHASH"), "{server}: {told}");
    }
}
