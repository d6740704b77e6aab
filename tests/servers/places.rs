//! What the manifests say of places, asked of the programs: options that they do not take in a section, and options that
//! are written above all.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
};

use certctl::emit::{Catalogue, Place, Server};

use crate::{
    Material,
    process::free_port,
    support::{Run, program},
};

/// What a program says of an option that must not stand where it stands.
const REFUSALS: [&str; 7] = [
    "not allowed here",
    "not allowed in",
    "cannot occur within",
    "Specified option name is not valid here",
    "unknown keyword",
    "ignored because",
    "not allowed because",
];

/// Begins and ends a section of this kind, with what must be around it.
fn section(server: &str, head: &str) -> (String, &'static str) {
    let (begin, end) = match (server, head) {
        ("nginx", "events") => ("events {", "}"),
        ("nginx", "http") => ("events {} http {", "}"),
        ("nginx", "server") => ("events {} http { server {", "}}"),
        ("nginx", "stream") => ("events {} stream {", "}"),
        ("nginx", "upstream") => ("events {} http { upstream a {", "}}"),
        ("nginx", "location") => ("events {} http { server { location / {", "}}}"),
        ("nginx", "if") => ("events {} http { server { if ($host) {", "}}}"),
        ("nginx", "limit_except") => (
            "events {} http { server { location / { limit_except GET {",
            "}}}}",
        ),
        ("apache", "VirtualHost") => ("<VirtualHost *:1>\n", "\n</VirtualHost>"),
        ("apache", "Proxy") => ("<Proxy *>\n", "\n</Proxy>"),
        ("apache", "ProxyMatch") => ("<ProxyMatch x>\n", "\n</ProxyMatch>"),
        ("apache", "Directory") => ("<Directory /x>\n", "\n</Directory>"),
        ("apache", "DirectoryMatch") => ("<DirectoryMatch x>\n", "\n</DirectoryMatch>"),
        ("apache", "Files") => ("<Files x>\n", "\n</Files>"),
        ("apache", "FilesMatch") => ("<FilesMatch x>\n", "\n</FilesMatch>"),
        ("apache", "Location") => ("<Location /x>\n", "\n</Location>"),
        ("apache", "LocationMatch") => ("<LocationMatch x>\n", "\n</LocationMatch>"),
        ("stunnel", "*") => ("foreground = yes\npid =\n[a]\n", ""),
        ("haproxy", "global" | "defaults") => return (format!("{head}\n "), ""),
        ("haproxy", _) => return (format!("{head} a\n "), ""),
        _ => panic!("{server}: no section `{head}` is known here"),
    };
    (begin.to_owned(), end)
}

/// What is beside a section of this kind, at the top of a file.
fn beside(server: &str, head: &str) -> (String, &'static str) {
    let (begin, end) = section(server, head);
    (format!("{begin} {end}\n"), "")
}

/// The option, with as many words as it wants.
fn statement(server: &str, option: &str) -> String {
    let values = match option {
        "SSLRandomSeed" => "startup builtin",
        "SSLOpenSSLConfCmd" => "Options -SessionTicket",
        "SSLVHostSNIPolicy" => "secure",
        "SSLFIPS" | "ProxyRequests" => "off",
        "bind" => ":1",
        "server" => "a 127.0.0.1:1",
        "ssl-default-server-options" | "ssl-default-bind-options" => "ssl-min-ver TLSv1.2",
        _ => "a",
    };
    match server {
        "nginx" if option == "location" => String::from("location / {}"),
        "stunnel" => format!("{option} = {values}"),
        "nginx" => format!("{option} {values};"),
        _ => format!("{option} {values}"),
    }
}

/// What the program says of a file.
fn said(material: &Material, server: &str, text: &str) -> String {
    let home = material.home().display();
    let modules = "/usr/lib/apache2/modules";
    let before = match server {
        "apache" => [
            "mpm_event",
            "authz_core",
            "socache_shmcb",
            "ssl",
            "proxy",
            "proxy_http",
        ]
        .map(|name| format!("LoadModule {name}_module {modules}/mod_{name}.so\n"))
        .concat(),
        // proxy_ssl is the stream module's.
        "nginx" => String::from("load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n"),
        _ => String::new(),
    };
    let file = material.file("placed.conf", &format!("{before}{text}\n"));
    let mut command = match server {
        "apache" => program("apache2"),
        "stunnel" => program("stunnel4"),
        other => program(other),
    };
    match server {
        "apache" => command
            .arg("-t")
            .arg("-f")
            .arg(&file)
            .args(["-C", "ServerName test"])
            .args(["-C", &format!("DefaultRuntimeDir {home}")]),
        "nginx" => command
            .args(["-t", "-p", &home.to_string(), "-c"])
            .arg(&file),
        "haproxy" => command.args(["-c", "-f"]).arg(&file),
        _ => command.arg(&file),
    };
    let run = Run::of(&mut command);
    run.stderr + &run.stdout
}

fn refused(material: &Material, server: &Server, place: &Place) -> Vec<String> {
    let mut taken = Vec::new();
    let sections = place.never.iter().map(|head| section(&server.name, head));
    let beside = place.beside.iter().map(|head| beside(&server.name, head));
    for (begin, end) in sections.chain(beside) {
        for option in &place.options {
            let statement = statement(&server.name, option.get_ref());
            let said = said(
                material,
                &server.name,
                &format!("{begin}{statement}\n{end}"),
            );
            if !REFUSALS.iter().any(|words| said.contains(words)) {
                taken.push(format!("{}: {statement} in {begin}: {said}", server.name));
            }
        }
    }
    taken
}

/// No manifest calls a place wrong that the program takes.
#[test]
fn what_is_called_misplaced_is_refused() {
    let material = Material::new();
    let mut taken = Vec::new();
    for server in Catalogue::embedded().servers().expect("they hold together") {
        for place in &server.manifest.places {
            taken.extend(refused(&material, &server, place));
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}

/// A value that stunnel takes on any machine, whoever runs it.
fn value(material: &Material, option: &str, port: u16) -> String {
    let home = material.home().display();
    let identity = material.identity("app");
    let path = match option {
        "CAfile" => Some(&identity.trust),
        "cert" => Some(&identity.cert),
        "key" => Some(&identity.key),
        _ => None,
    };
    match option {
        _ if path.is_some() => path.expect("just seen").display().to_string(),
        "CApath" => format!("{home}"),
        "CRLfile" => material.pki("ca/root/crl-bundle.pem").display().to_string(),
        "accept" => format!("127.0.0.1:{port}"),
        "checkHost" => "node1".into(),
        "checkIP" => "127.0.0.1".into(),
        "chroot" => "/".into(),
        "ciphers" => "HIGH".into(),
        "ciphersuites" => "TLS_AES_256_GCM_SHA384".into(),
        "connect" => "127.0.0.1:1".into(),
        "curves" => "P-256".into(),
        "debug" => "6".into(),
        "output" => format!("{home}/stunnel.log"),
        "pid" => format!("{home}/stunnel.pid"),
        "setgid" | "setuid" => "root".into(),
        "sslVersionMax" => "TLSv1.3".into(),
        "sslVersionMin" => "TLSv1.2".into(),
        "securityLevel" | "verify" => "2".into(),
        _ => "yes".into(),
    }
}

/// Starts stunnel, and says whether it took its file.
fn is_taken(material: &Material, text: &str) -> Result<(), String> {
    let mut command = program("stunnel4");
    command
        .arg(material.file("taken.conf", text))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = Ended(command.spawn().expect("tests/run installs stunnel4"));
    let said = BufReader::new(child.0.stderr.take().expect("it is piped"));
    let mut all = String::new();
    for line in said.lines().map_while(Result::ok) {
        all.push_str(&line);
        all.push('\n');
        if line.contains("Configuration successful") {
            return Ok(());
        }
    }
    Err(all)
}

/// A program that ends with this value.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Each option once, in the listener that it is for, and no name twice in what is written.
#[test]
fn stunnel_takes_every_option_that_can_be_set() {
    let material = Material::new();
    material.run(&["crl", "--all"]);
    let stunnel = Catalogue::embedded()
        .server("stunnel")
        .expect("it is known");
    for listener in ["client", "server"] {
        for option in stunnel.manifest.options.keys() {
            let set = format!("{option}={}", value(&material, option, free_port()));
            let accept = format!("accept=127.0.0.1:{}", free_port());
            let mut arguments = vec!["stunnel", "app", "--listener", listener, "--set", &set];
            if listener == "server" {
                arguments.extend(["--client-ca", "root"]);
            }
            for (name, usual) in [("connect", "connect=127.0.0.1:1"), ("accept", &accept)] {
                if option != name {
                    arguments.extend(["--set", usual]);
                }
            }
            let text = material.config(&arguments);
            let names = text.lines().filter_map(|line| line.split_once(" ="));
            let written = names.filter(|(name, _)| name == option);
            assert_eq!(written.count(), 1, "{set}:\n{text}");
            if let Err(said) = is_taken(&material, &text) {
                panic!("{set}:\n{text}\n{said}");
            }
        }
    }
}
