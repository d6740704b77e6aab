//! Servers with what `certctl config` writes for them: nothing is wrong then. And what is, where it is left out.

use crate::{
    scene::{Scene, local},
    support::{
        postgresql::{init, start},
        process::{Server, free_port},
        program,
    },
};

/// The client's ways: each with what is found before a server that asks nobody, and before one that demands.
const WAYS: [(&[&str], &[&str], &[&str]); 3] = [
    (&["--with", "app"], &["client-certificate-not-asked"], &[]),
    (&[], &[], &[]),
    (
        &["--with", "web"],
        &["client-certificate-not-asked"],
        &["client-certificate-refused"],
    ),
];

/// Runs a server twice, once with `--client-ca`, and looks at it as each client.
fn as_configured(words: &[&str], start: fn(&Scene, &str, u16) -> Server) {
    let scene = Scene::new();
    scene.run(&["issue", "web", "--profile", "server"]);
    for mutual in [false, true] {
        let port = free_port();
        let (listen, backend) = (
            format!("listen=127.0.0.1:{port}"),
            format!("backend=127.0.0.1:{}", crate::hostile::silent()),
        );
        let mut arguments = [
            &["config"],
            words,
            &["node1", "--set", &listen, "--set", &backend],
        ]
        .concat();
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let snippet = scene.run(&arguments);
        let _server = start(&scene, &snippet, port);
        for (options, not_asking, demanding) in WAYS {
            let address = local(port);
            let words = [&[address.as_str(), "--against", "node1"], options].concat();
            let seen = scene.probe(&words);
            let codes = if mutual { demanding } else { not_asking };
            seen.expect(&format!("{words:?}, mutual: {mutual}"), codes);
        }
    }
}

#[test]
fn nginx() {
    as_configured(&["nginx"], |scene, snippet, port| {
        let home = scene.home().display();
        let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {home}/{name};\n"))
            .concat();
        run_nginx(
            scene,
            &format!("http {{\naccess_log off;\n{places}{snippet}}}\n"),
            port,
        )
    });
}

/// It lets everybody shake hands, and closes the connection then.
#[test]
fn nginx_for_any_protocol() {
    as_configured(&["nginx", "--as", "stream"], |scene, snippet, port| {
        let module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n";
        run_nginx(scene, &format!("{module}stream {{\n{snippet}}}\n"), port)
    });
}

fn run_nginx(scene: &Scene, text: &str, port: u16) -> Server {
    let home = scene.home();
    let pid = home.join("nginx.pid");
    let text = format!(
        "daemon off;\nmaster_process off;\npid {};\n{text}events {{}}\n",
        pid.display()
    );
    let mut command = program("nginx");
    command
        .arg("-e")
        .arg(home.join("nginx.log"))
        .arg("-p")
        .arg(home);
    command.arg("-c").arg(scene.file("nginx.conf", &text));
    Server::start(&mut command, port)
}

#[test]
fn haproxy() {
    as_configured(&["haproxy"], |scene, snippet, port| {
        let here = format!("{}/", scene.home().display());
        let snippet = snippet.replace("/etc/haproxy/", &here);
        let export = snippet
            .lines()
            .find_map(|line| line.strip_prefix("#   certctl "));
        let words: Vec<_> = export.expect("it is named").split(' ').collect();
        scene.run(&words);
        let mut command = program("haproxy");
        Server::start(
            command.arg("-f").arg(scene.file("haproxy.cfg", &snippet)),
            port,
        )
    });
}

#[test]
fn apache() {
    as_configured(&["apache"], |scene, snippet, port| {
        let home = scene.home().display();
        let modules = [
            "mpm_event",
            "alias",
            "authn_core",
            "authz_core",
            "socache_shmcb",
            "ssl",
            "proxy",
            "proxy_http",
            "headers",
        ];
        let load = modules.map(|name| {
            format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n")
        });
        let text = format!(
            "{}ServerName test\nPidFile {home}/apache.pid\nErrorLog {home}/apache.log\nMutex file:{home}\n\
             Listen 127.0.0.1:{port}\n{snippet}",
            load.concat()
        );
        let mut command = program("apache2");
        command
            .arg("-DFOREGROUND")
            .arg("-f")
            .arg(scene.file("apache.conf", &text));
        Server::start(&mut command, port)
    });
}

#[test]
fn redis() {
    let scene = Scene::new();
    scene.run(&["issue", "web", "--profile", "server"]);
    let start = |more: &[&str]| {
        let port = free_port();
        let tls = format!("tls-port={port}");
        let file = scene.file(
            "redis.conf",
            &scene.run(&[
                "config",
                "redis",
                "node1",
                "--set",
                &tls,
                "--set",
                "bind=127.0.0.1",
            ]),
        );
        let mut command = program("redis-server");
        command
            .arg(file)
            .args(["--save", "", "--dir"])
            .arg(scene.home())
            .args(more);
        (Server::start(&mut command, port), local(port))
    };
    let (_demanding, address) = start(&[]);
    for (options, _, codes) in WAYS {
        scene
            .probe(&[&[&address, "--server", "redis.tls"], options].concat())
            .expect("demanding", codes);
    }
    let (_optional, address) = start(&["--tls-auth-clients", "optional"]);
    scene
        .probe(&[&address, "--with", "app"])
        .expect("optional", &["client-certificate-not-required"]);
    let (_old, address) = start(&[
        "--tls-protocols",
        "TLSv1.1 TLSv1.2",
        "--tls-ciphers",
        "ALL@SECLEVEL=0",
    ]);
    scene
        .probe(&[&address, "--with", "app"])
        .expect("old", &["old-protocol"]);
    let (port, mut plain) = (free_port(), program("redis-server"));
    let _plain = Server::start(
        plain.args(["--port", &port.to_string(), "--save", ""]),
        port,
    );
    let seen = scene.probe(&[&local(port)]);
    seen.expect("plain", &["plaintext"]);
    assert!(seen.message("plaintext").ends_with("Redis"), "{:#}", seen.0);
}

/// What is said of certificates is the same where what is behind it is down, and it closes each connection at once.
#[test]
fn stunnel() {
    let scene = Scene::new();
    scene.run(&["issue", "web", "--profile", "server"]);
    for behind in [crate::hostile::silent(), 1] {
        let port = free_port();
        let accept = format!("accept=127.0.0.1:{port}");
        let connect = format!("connect=127.0.0.1:{behind}");
        let snippet = scene.run(&[
            "config",
            "stunnel",
            "node1",
            "--listener",
            "server",
            "--client-ca",
            "root",
            "--set",
            &accept,
            "--set",
            &connect,
        ]);
        let text = format!(
            "foreground = yes\npid =\n{}",
            snippet.replace("foreground = yes\n", "")
        );
        let mut command = program("stunnel4");
        let _server = Server::start(command.arg(scene.file("stunnel.conf", &text)), port);
        for (options, _, codes) in WAYS {
            let what = format!("demanding, before {behind}");
            scene
                .probe(&[&[local(port).as_str()], options].concat())
                .expect(&what, codes);
        }
    }
}

#[test]
fn postgresql() {
    let scene = Scene::new();
    scene.run(&["issue", "web", "--profile", "server"]);
    let data = init(scene.home(), "data", "");
    let port = free_port();
    let of = |file: &str| scene.of("node1", file).display().to_string();
    let settings = {
        let (cert, key, ca) = (of("cert.pem"), of("key.pem"), of("ca.pem"));
        format!(
            "ssl = on\nssl_cert_file = '{cert}'\nssl_key_file = '{key}'\nssl_ca_file = '{ca}'\n"
        )
    };
    let run = |settings: &str, rule: &str| start(scene.home(), &data, port, settings, rule);
    let address = format!("postgresql://127.0.0.1:{port}");
    {
        let _server = run(&settings, "hostssl all all all cert\n");
        // Whoever shows none is refused later, by the user's name and not by TLS.
        scene
            .probe(&[&address, "--with", "app"])
            .expect("ssl", &["client-certificate-left-to-login"]);
        scene.probe(&[&address, "--with", "web"]).expect(
            "ssl",
            &[
                "client-certificate-left-to-login",
                "client-certificate-refused",
            ],
        );
        let socket = format!("postgresql://{}/.s.PGSQL.{port}", scene.home().display());
        // PostgreSQL has no TLS on sockets in the file system.
        scene.probe(&[&socket]).expect("socket", &["plaintext"]);
        let seen = scene.probe(&[&local(port)]);
        seen.expect("without the words before TLS", &["plaintext"]);
        assert!(
            seen.message("plaintext").ends_with("PostgreSQL"),
            "{:#}",
            seen.0
        );
    }
    let _server = run("", "host all all all trust\n");
    scene.probe(&[&address]).expect("off", &["plaintext"]);
}

#[test]
fn nats() {
    let scene = Scene::new();
    scene.run(&["issue", "web", "--profile", "server"]);
    for mutual in [false, true] {
        let port = free_port();
        let port_setting = format!("port={port}");
        let mut words = vec!["config", "nats", "node1"];
        words.extend(["--set", &port_setting, "--set", "host=127.0.0.1"]);
        if mutual {
            words.extend(["--client-ca", "root"]);
        }
        let file = scene.file("nats.conf", &scene.run(&words));
        let _server = Server::start(program("nats-server").arg("-c").arg(file), port);
        let address = format!("nats://127.0.0.1:{port}");
        for (options, not_asking, demanding) in WAYS {
            let codes = if mutual { demanding } else { not_asking };
            let seen = scene.probe(&[&[address.as_str()], options].concat());
            seen.expect(&format!("{options:?}, mutual: {mutual}"), codes);
        }
        let seen = scene.probe(&[&local(port)]);
        seen.expect("without the words before TLS", &["plaintext"]);
        assert!(seen.message("plaintext").ends_with("NATS"), "{:#}", seen.0);
    }
}

/// It asks everybody for a certificate, and refuses by the user's name only.
#[test]
fn mariadb() {
    let scene = Scene::new();
    scene.run(&["issue", "web", "--profile", "server"]);
    let of = |file: &str| scene.of("node1", file).display().to_string();
    let tls = [("cert", "cert.pem"), ("key", "key.pem"), ("ca", "ca.pem")]
        .map(|(option, file)| format!("--ssl-{option}={}", of(file)));
    for (options, seen_so) in [
        (&tls[..], "client-certificate-left-to-login"),
        (&[], "plaintext"),
    ] {
        let port = free_port();
        let data = scene.home().join(format!("data{port}"));
        std::fs::create_dir(&data).expect("the test's directory can be written");
        let mut command = program("mariadbd");
        command.args([
            "--no-defaults",
            "--skip-grant-tables",
            "--bind-address=127.0.0.1",
        ]);
        // It refuses to run as root by accident.
        if rustix::process::geteuid().is_root() {
            command.arg("--user=root");
        }
        for (option, path) in [("datadir", &data), ("socket", &data.join("socket"))] {
            command.arg(format!("--{option}={}", path.display()));
        }
        let _server = Server::start(command.arg(format!("--port={port}")).args(options), port);
        let address = format!("mysql://127.0.0.1:{port}");
        scene
            .probe(&[&address, "--with", "app"])
            .expect("app", &[seen_so]);
        let seen = scene.probe(&[&local(port)]);
        seen.expect("without the words before TLS", &["plaintext"]);
        assert!(seen.message("plaintext").ends_with("MySQL"), "{:#}", seen.0);
    }
}
