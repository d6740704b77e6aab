//! Servers with what is wrong in their own configuration languages. Each takes one file or command line.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    cases::Refuser,
    material::{Material, Options},
    stacks::{Program, Stack},
    support::program,
};

pub(crate) static ALL: &[Stack] = &[
    Stack::server("nginx", nginx, &["cipher"]),
    Stack::server("haproxy", haproxy, &[]),
    Stack::server("apache", apache, &[]),
    Stack::server("stunnel", stunnel, &[]),
    Stack::server("redis", redis, &["crl"]),
    Stack::client("redis-cli", redis_cli, &["version", "crl", "name"]),
    Stack::client("valkey-cli", valkey_cli, &["version", "crl", "name"]),
];

/// A file of this server alone.
fn file(material: &Material, port: u16, name: &str, text: &str) -> PathBuf {
    let path = material.home().join(format!("{port}-{name}"));
    fs::write(&path, text).expect("the test's directory can be written");
    path
}

/// A line for each option that is set; `{}` stands for its value.
fn lines(options: &Options, lines: &[(&str, &str)]) -> String {
    let line = |(key, line): &(&str, &str)| Some(line.replace("{}", options.get(key)?) + "\n");
    lines.iter().filter_map(line).collect()
}

fn nginx(material: &Material, _: Refuser, port: u16, options: &Options) -> Command {
    let home = material.home().join(format!("{port}-nginx"));
    fs::create_dir_all(&home).expect("the test's directory can be written");
    let home = home.display();
    let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {home}/{name};\n"))
        .concat();
    let tls = lines(
        options,
        &[
            ("cert", "ssl_certificate {};"),
            ("key", "ssl_certificate_key {};"),
            ("ca", "ssl_client_certificate {};"),
            ("clients", "ssl_verify_client on;\nssl_verify_depth 3;"),
            ("crl", "ssl_crl {};"),
            ("version", "ssl_protocols TLSv{};"),
        ],
    );
    let text = format!(
        "daemon off;\nmaster_process off;\npid {home}/pid;\nerror_log stderr info;\nevents {{}}\nhttp {{\n\
         access_log off;\n{places}server {{\nlisten 127.0.0.1:{port} ssl;\n{tls}location / {{ return 200 ok; }}\n}}\n}}\n"
    );
    let mut command = program("nginx");
    command
        .args(["-e", "stderr", "-c"])
        .arg(file(material, port, "nginx.conf", &text));
    command
}

fn haproxy(material: &Material, _: Refuser, port: u16, options: &Options) -> Command {
    let read = |key: &str| fs::read_to_string(&options[key]).unwrap_or_default();
    // It reads certificate and key from one file, and asks for a file of each CA's CRL.
    let pem = match PathBuf::from(&options["cert"]).exists() {
        true => file(
            material,
            port,
            "haproxy.pem",
            &(read("cert") + &read("key")),
        ),
        false => PathBuf::from(&options["cert"]),
    };
    let tls = lines(
        options,
        &[
            ("clients", " verify required"),
            ("crl", " crl-file {}"),
            ("version", " ssl-min-ver TLSv{} ssl-max-ver TLSv{}"),
            ("cipher", " ciphers {} ssl-max-ver TLSv1.2"),
        ],
    );
    let text = format!(
        "global\nlog stdout format raw local0\ndefaults\nmode http\noption httplog\nlog global\ntimeout client 5s\ntimeout server 5s\n\
         timeout connect 5s\nfrontend f\nbind 127.0.0.1:{port} ssl crt {} ca-file {}{}\nhttp-request return status 200\n",
        pem.display(),
        options["ca"],
        tls.replace('\n', "")
    );
    let mut command = program("haproxy");
    command
        .arg("-f")
        .arg(file(material, port, "haproxy.cfg", &text));
    command
}

fn apache(material: &Material, _: Refuser, port: u16, options: &Options) -> Command {
    let home = material.home().display();
    let modules = [
        "mpm_event",
        "authn_core",
        "authz_core",
        "socache_shmcb",
        "ssl",
    ];
    let load = modules
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let tls = lines(
        options,
        &[
            ("cert", "SSLCertificateFile {}"),
            ("key", "SSLCertificateKeyFile {}"),
            ("ca", "SSLCACertificateFile {}"),
            ("clients", "SSLVerifyClient require\nSSLVerifyDepth 3"),
            ("crl", "SSLCARevocationFile {}\nSSLCARevocationCheck chain"),
            ("version", "SSLProtocol -all +TLSv{}"),
            ("cipher", "SSLProtocol -all +TLSv1.2\nSSLCipherSuite {}"),
        ],
    );
    let text = format!(
        "{}ServerName localhost\nPidFile {home}/{port}.pid\nErrorLog /dev/stderr\nLogLevel info\nMutex file:{home}\n\
         SSLPassPhraseDialog builtin\nListen 127.0.0.1:{port}\n<VirtualHost *:{port}>\nSSLEngine on\n{tls}</VirtualHost>\n",
        load.concat()
    );
    let mut command = program("apache2");
    command
        .arg("-DFOREGROUND")
        .arg("-f")
        .arg(file(material, port, "apache.conf", &text));
    command
}

fn stunnel(material: &Material, _: Refuser, port: u16, options: &Options) -> Command {
    let tls = lines(
        options,
        &[
            ("cert", "cert = {}"),
            ("key", "key = {}"),
            ("ca", "CAfile = {}"),
            ("clients", "verifyChain = yes\nrequireCert = yes"),
            ("crl", "CRLfile = {}"),
            ("version", "sslVersionMin = TLSv{}\nsslVersionMax = TLSv{}"),
            ("cipher", "ciphers = {}\nsslVersionMax = TLSv1.2"),
        ],
    );
    // What stands behind is never reached.
    let text = format!(
        "foreground = yes\npid =\ndebug = info\n[s]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:1\n{tls}"
    );
    let mut command = program("stunnel4");
    command.arg(file(material, port, "stunnel.conf", &text));
    command
}

fn redis(material: &Material, _: Refuser, port: u16, options: &Options) -> Command {
    let mut command = program("redis-server");
    command.args([
        "--port",
        "0",
        "--save",
        "",
        "--bind",
        "127.0.0.1",
        "--tls-port",
        &port.to_string(),
        "--dir",
    ]);
    command.arg(material.home());
    command.args([
        "--tls-auth-clients",
        if options.contains_key("clients") {
            "yes"
        } else {
            "no"
        },
    ]);
    for (key, option) in [
        ("cert", "--tls-cert-file"),
        ("key", "--tls-key-file"),
        ("ca", "--tls-ca-cert-file"),
        ("cipher", "--tls-ciphers"),
    ] {
        if let Some(value) = options.get(key) {
            command.args([option, value]);
        }
    }
    match (options.get("version"), options.contains_key("cipher")) {
        (Some(version), _) => {
            command.args(["--tls-protocols", &format!("TLSv{version}")]);
        }
        (None, true) => {
            command.args(["--tls-protocols", "TLSv1.2"]);
        }
        (None, false) => {}
    }
    command
}

fn redis_cli(_: &Material, _: Refuser, port: u16, options: &Options) -> Command {
    ping("redis-cli", port, options)
}

fn valkey_cli(_: &Material, _: Refuser, port: u16, options: &Options) -> Command {
    ping("valkey-cli", port, options)
}

fn ping(shell: &str, port: u16, options: &Options) -> Command {
    let mut command = program(shell);
    let name = options.get("name").map_or("localhost", String::as_str);
    command.args([
        "--tls",
        "-h",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "--sni",
        name,
    ]);
    for (key, option) in [
        ("cert", "--cert"),
        ("key", "--key"),
        ("ca", "--cacert"),
        ("cipher", "--tls-ciphers"),
    ] {
        if let Some(value) = options.get(key) {
            command.args([option, value]);
        }
    }
    command.arg("ping");
    command
}

/// The way that all of them are run.
impl Stack {
    const fn server(
        name: &'static str,
        run: fn(&Material, Refuser, u16, &Options) -> Command,
        lacks: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            programs: ["", name],
            run: Program::Command(run),
            lacks,
        }
    }

    const fn client(
        name: &'static str,
        run: fn(&Material, Refuser, u16, &Options) -> Command,
        lacks: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            programs: [name, ""],
            run: Program::Command(run),
            lacks,
        }
    }
}
