//! Apache, HAProxy and nginx as TLS fronts of a backend that speaks none.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    thread,
};

use crate::{
    Identity, Material,
    process::{Server, free_port},
    support::{Run, program, walk::Walk},
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

/// A front: words for `certctl config` before the entry's name, and what runs with its output.
struct Front {
    words: &'static [&'static str],
    start: fn(&Material, &str, u16) -> Server,
}

impl Front {
    /// Runs with the certificate of node1, on the port that comes back.
    fn run(&self, material: &Material, backend: &str, more: &[&str]) -> (Server, u16) {
        let port = free_port();
        let listen = format!("listen=127.0.0.1:{port}");
        let behind = format!("backend={backend}");
        let settings = ["node1", "--set", &listen, "--set", &behind];
        let snippet = material.config(&[self.words, &settings, more].concat());
        ((self.start)(material, &snippet, port), port)
    }

    /// Tries it with and without client certificates, one of which is then revoked.
    fn try_clients(&self) {
        let material = Material::new();
        let app = material.identity("app");
        let plain = format!("127.0.0.1:{}", backend());
        let (front, port) = self.run(&material, &plain, &[]);
        let ask = |host, trust: &Path| curl(port, host, trust, None);
        assert_eq!(ask("node1", &app.trust).stdout, "hello");
        assert_eq!(ask("other.test", &app.trust).status, NOT_VERIFIED);
        assert_eq!(
            ask("node1", &material.stranger().trust).status,
            NOT_VERIFIED
        );
        drop(front);

        let mutual = ["--client-ca", "root"];
        let (front, port) = self.run(&material, &plain, &mutual);
        let ask = |identity: Option<&Identity>| curl(port, "node1", &app.trust, identity).stdout;
        let lost = material.copy("lost");
        assert_eq!(ask(Some(&app)), "hello");
        assert_eq!(ask(Some(&lost)), "hello");
        assert_ne!(ask(None), "hello");
        for (name, identity) in material.unwelcome() {
            assert_ne!(ask(Some(&identity)), "hello", "{name}");
        }
        drop(front);

        material.revoke("lost");
        let (_front, port) = self.run(&material, &plain, &mutual);
        let ask = |identity: &Identity| curl(port, "node1", &app.trust, Some(identity)).stdout;
        assert_eq!(ask(&app), "hello");
        assert_ne!(ask(&lost), "hello", "revoked");
    }

    /// Tries it before a TLS backend, whose certificate is then revoked.
    fn try_backend(&self) {
        let material = Material::new();
        let trust = material.identity("app").trust;
        let answers = |identity: &Identity| {
            let port = free_port();
            let _backend = tls_backend(identity, port);
            let backend = format!("localhost:{port}");
            let (_front, port) = self.run(&material, &backend, &["--set", "backend-tls=yes"]);
            let page = curl(port, "node1", &trust, None).stdout;
            page.contains("s_server")
        };
        let revoked = material.copy("node3");
        assert!(answers(&revoked));
        material.revoke("node3");
        assert!(!answers(&revoked), "revoked");
        assert!(answers(&material.identity("node2")));
        assert!(!answers(&material.stranger()), "another root");
    }
}

/// A backend with this certificate, which tells about itself.
pub(crate) fn tls_backend(identity: &Identity, port: u16) -> Server {
    let mut command = program("openssl");
    command.args(["s_server", "-www", "-accept", &port.to_string()]);
    command
        .arg("-cert")
        .arg(&identity.cert)
        .arg("-cert_chain")
        .arg(&identity.cert);
    command.arg("-key").arg(&identity.key);
    Server::start(&mut command, port)
}

#[test]
fn apache() {
    let front = Front {
        words: &["apache"],
        start: start_apache,
    };
    front.try_clients();
    front.try_backend();
}

pub(crate) fn start_apache(material: &Material, snippet: &str, port: u16) -> Server {
    start_apache_at(material.home(), snippet, (Ipv4Addr::LOCALHOST, port).into())
}

fn start_apache_at(home: &Path, snippet: &str, at: SocketAddr) -> Server {
    let file = home.join("apache.conf");
    let home = home.display();
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
         Mutex file:{home}\nListen {at}\n{snippet}"
    );
    fs::write(&file, text).expect("the test's directory can be written");
    let mut command = program("apache2");
    command.arg("-DFOREGROUND").arg("-f").arg(file);
    Server::start_at(&mut command, at)
}

#[test]
fn haproxy() {
    let front = Front {
        words: &["haproxy"],
        start: start_haproxy,
    };
    front.try_clients();
    front.try_backend();
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
    let front = Front {
        words: &["nginx"],
        start: start_nginx,
    };
    front.try_clients();
    front.try_backend();
}

#[test]
fn nginx_for_any_protocol() {
    let front = Front {
        words: &["nginx", "--as", "stream"],
        start: start_nginx_stream,
    };
    front.try_clients();
    front.try_backend();
}

pub(crate) fn start_nginx(material: &Material, snippet: &str, port: u16) -> Server {
    start_nginx_at(material.home(), snippet, (Ipv4Addr::LOCALHOST, port).into())
}

fn start_nginx_at(folder: &Path, snippet: &str, at: SocketAddr) -> Server {
    let home = folder.display();
    let http = format!(
        "http {{\naccess_log off;\nclient_body_temp_path {home}/b;\nproxy_temp_path {home}/p;\n\
         fastcgi_temp_path {home}/f;\nuwsgi_temp_path {home}/u;\nscgi_temp_path {home}/s;\n{snippet}}}\n"
    );
    run_nginx(folder, &http, at)
}

fn start_nginx_stream(material: &Material, snippet: &str, port: u16) -> Server {
    let module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n";
    let at = (Ipv4Addr::LOCALHOST, port).into();
    let text = format!("{module}stream {{\n{snippet}}}\n");
    run_nginx(material.home(), &text, at)
}

fn run_nginx(home: &Path, text: &str, at: SocketAddr) -> Server {
    let file = home.join("nginx.conf");
    // A module is loaded before anything else.
    let text = format!(
        "daemon off;\nmaster_process off;\npid {}/nginx.pid;\n{text}events {{}}\n",
        home.display()
    );
    let mut command = program("nginx");
    command.arg("-e").arg(home.join("nginx.log"));
    command.arg("-p").arg(home);
    fs::write(&file, text).expect("the test's directory can be written");
    Server::start_at(command.arg("-c").arg(file), at)
}

/// The manual's walk to a front: what its file says is started so, before a backend.
fn try_walk(walk: &Walk, file: &str, start: impl Fn(&Path, &str, SocketAddr) -> Server) {
    walk.lay();
    let laid = fs::read_to_string(walk.numbered(1).join(file)).expect("it is laid");
    let own = format!("127.0.0.1:{}", backend());
    let snippet = laid.replace("127.0.0.1:8080", &own);
    assert_ne!(snippet, laid);
    let _front = start(walk.certctl.home(), &snippet, walk.at(1, 443));
    walk.look();
}

#[test]
fn the_walks_to_fronts_end_at_what_lets_in_by_certificate() {
    let walk = Walk::of("apache");
    try_walk(
        &walk,
        "etc/apache2/sites-available/node1.conf",
        start_apache_at,
    );
    let walk = Walk::of("nginx");
    try_walk(&walk, "etc/nginx/conf.d/node1.conf", start_nginx_at);
    let walk = Walk::of("haproxy");
    try_walk(&walk, "etc/haproxy/haproxy.cfg", |home, text, at| {
        let file = home.join("haproxy.cfg");
        fs::write(&file, text).expect("the test's directory can be written");
        Server::start_at(program("haproxy").arg("-f").arg(file), at)
    });
    let walk = Walk::of("stunnel");
    walk.lay();
    let file = walk.numbered(1).join("etc/stunnel/node1.conf");
    let laid = fs::read_to_string(&file).expect("it is laid");
    let own = format!("127.0.0.1:{}", backend());
    fs::write(&file, laid.replace("127.0.0.1:6379", &own)).expect("our own");
    let mut stunnel = program("stunnel4");
    stunnel.arg(file);
    let _tunnel = Server::start_at(&mut stunnel, walk.at(1, 6380));
    walk.look();
}
