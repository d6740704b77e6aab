//! `certctl check FILE` on configuration files that include others: what is found there, and whether the
//! real server takes the same files.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use support::{Certctl, Run, program};

mod support;

/// Files of one server. The first is its main file.
struct Case {
    server: Server,
    name: &'static str,
    /// Names and texts, where `{node1}` stands for the folder of an entry, `{home}` for that of the files,
    /// and `-> NAME` for a symlink
    files: &'static [(&'static str, &'static str)],
    /// The file that is checked
    checked: &'static str,
    /// `CODE FILE:LINE`
    found: &'static [&'static str],
    /// Whether the server finds all its files, and nothing wrong in them
    starts: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Server {
    Apache,
    /// It is not at hand
    Emqx,
    Nginx,
    Redis,
    Stunnel,
}

const TLS: &str = "ssl_certificate {node1}/cert.pem;\nssl_certificate_key {node1}/key.pem;\n";
const REDIS_TLS: &str = "tls-cert-file {node1}/cert.pem\ntls-key-file {node1}/key.pem\ntls-ca-cert-file {node1}/ca.pem\n";
const APACHE: &str = "ServerRoot {home}\nInclude modules\nServerName a\n";

const CASES: &[Case] = &[
    Case {
        server: Server::Nginx,
        name: "a pattern, in the order of names",
        files: &[
            (
                "nginx.conf",
                "events {}\nhttp {\n  include conf.d/*.conf;\n}\n",
            ),
            (
                "conf.d/b.conf",
                "server { listen 127.0.0.1:8443 ssl;\n  ssl_verify_client on; }\n",
            ),
            ("conf.d/a.conf", TLS),
            ("conf.d/.hidden.conf", "nonsense;\n"),
            ("conf.d/a.conf.bak", "nonsense;\n"),
        ],
        checked: "nginx.conf",
        found: &["client-ca-missing conf.d/b.conf:2"],
        starts: false,
    },
    Case {
        server: Server::Nginx,
        name: "in the middle of a line",
        files: &[
            (
                "nginx.conf",
                "events {} http { include tls.conf; server { listen 127.0.0.1:8443 ssl; } }\n",
            ),
            ("tls.conf", TLS),
        ],
        checked: "nginx.conf",
        found: &[],
        starts: true,
    },
    Case {
        server: Server::Nginx,
        name: "nothing there",
        files: &[("nginx.conf", "events {}\nhttp {\n  include tls.conf;\n}\n")],
        checked: "nginx.conf",
        found: &["include-missing nginx.conf:3"],
        starts: false,
    },
    Case {
        server: Server::Nginx,
        name: "nothing that a pattern means",
        files: &[(
            "nginx.conf",
            "events {}\nhttp {\n  include none/*.conf;\n}\n",
        )],
        checked: "nginx.conf",
        found: &["no-tls nginx.conf:1"],
        starts: true,
    },
    Case {
        server: Server::Nginx,
        name: "a directory",
        files: &[
            ("nginx.conf", "events {}\nhttp {\n  include conf.d;\n}\n"),
            ("conf.d/a.conf", TLS),
        ],
        checked: "nginx.conf",
        found: &["include-unread nginx.conf:3"],
        starts: false,
    },
    Case {
        server: Server::Nginx,
        name: "a symlink to nothing",
        files: &[
            ("nginx.conf", "events {}\nhttp {\n  include sites/*;\n}\n"),
            ("sites/a", "-> ../none"),
        ],
        checked: "nginx.conf",
        found: &["include-missing nginx.conf:3"],
        starts: false,
    },
    Case {
        server: Server::Nginx,
        name: "a part, which includes from where the main file is",
        files: &[
            (
                "nginx.conf",
                "events {}\nhttp { include sites-enabled/*; }\n",
            ),
            ("sites-enabled/a", "-> ../sites-available/a"),
            (
                "sites-available/a",
                "server {\n  listen 127.0.0.1:8443 ssl;\n  include snippets/tls.conf;\n}\n",
            ),
            (
                "snippets/tls.conf",
                "ssl_certificate {node1}/cert.pem;\nssl_certificate_key {node1}/key.pem;\nssl_protocols TLSv1;\n",
            ),
        ],
        checked: "sites-enabled/a",
        found: &["old-protocol snippets/tls.conf:3"],
        starts: true,
    },
    Case {
        server: Server::Redis,
        name: "relative, where nobody knows the start",
        files: &[
            ("redis.conf", "port 0\ntls-port 6379\ninclude tls.conf\n"),
            ("tls.conf", REDIS_TLS),
        ],
        checked: "redis.conf",
        found: &["relative-path redis.conf:3"],
        starts: true,
    },
    Case {
        server: Server::Redis,
        name: "relative, and not there",
        files: &[("redis.conf", "port 0\ntls-port 6379\ninclude tls.conf\n")],
        checked: "redis.conf",
        found: &["relative-path redis.conf:3"],
        starts: false,
    },
    Case {
        server: Server::Redis,
        name: "in the directory that an option has said, and the last counts",
        files: &[
            (
                "redis.conf",
                "port 0\ntls-port 6379\ntls-auth-clients yes\ndir \"{home}/data\"\nInclude tls.conf\n",
            ),
            (
                "data/tls.conf",
                "include {home}/files.conf\ntls-auth-clients no\n",
            ),
            ("files.conf", REDIS_TLS),
        ],
        checked: "redis.conf",
        found: &["no-login data/tls.conf:2"],
        starts: true,
    },
    Case {
        server: Server::Redis,
        name: "an instance, whose rest is elsewhere",
        files: &[
            (
                "a.conf",
                "include {home}/common*.conf\ninclude {home}/none*.conf\nport 0\n",
            ),
            ("common-1.conf", "tls-port 6379\n"),
            ("common-2.conf", REDIS_TLS),
        ],
        checked: "a.conf",
        found: &[],
        starts: true,
    },
    Case {
        server: Server::Redis,
        name: "not there",
        files: &[(
            "redis.conf",
            "port 0\ntls-port 6379\ninclude {home}/none.conf\n",
        )],
        checked: "redis.conf",
        found: &["include-missing redis.conf:3"],
        starts: false,
    },
    Case {
        server: Server::Stunnel,
        name: "all files of a directory, each in the section that is open",
        files: &[
            (
                "stunnel.conf",
                "foreground = yes\ninclude = {home}/conf.d\nCAfile = {node1}/ca.pem\n",
            ),
            (
                "conf.d/.10",
                "[db]\nclient = yes\naccept = 127.0.0.1:6379\nconnect = db:6380\n",
            ),
            ("conf.d/20~", "verify = 2\n"),
            ("conf.d/below/x", "nonsense = 1\n"),
        ],
        checked: "stunnel.conf",
        found: &["name-not-checked conf.d/20~:1"],
        starts: true,
    },
    Case {
        server: Server::Stunnel,
        name: "a file",
        files: &[
            (
                "stunnel.conf",
                "include = {home}/a\n[db]\nclient = yes\nconnect = 1\n",
            ),
            ("a", "foreground = yes\n"),
        ],
        checked: "stunnel.conf",
        found: &["include-unread stunnel.conf:1"],
        starts: false,
    },
    Case {
        server: Server::Apache,
        name: "a directory and what is below",
        files: &[
            ("apache2.conf", APACHE),
            ("modules/10.load", "{modules}"),
            (
                "modules/20/host",
                "<VirtualHost *:443>\nSSLCertificateFile {node1}/cert.pem\nInclude key.conf\n</VirtualHost>\n",
            ),
            (
                "key.conf",
                "SSLCertificateKeyFile {node1}/key.pem\nSSLProtocol TLSv1\n",
            ),
        ],
        checked: "apache2.conf",
        found: &[
            "tls-switched-off modules/20/host:2",
            "old-protocol key.conf:2",
        ],
        starts: true,
    },
    Case {
        server: Server::Apache,
        name: "what need not be there",
        files: &[
            (
                "apache2.conf",
                "ServerRoot {home}\nInclude [m]odules/*.load\nServerName a\nIncludeOptional none\nIncludeOptional none/*.conf\n<IfModule none.c>\nInclude none.conf\n</IfModule>\n<IfModule ssl_module>\nInclude tls.conf\n</IfModule>\nSSLVerifyClient require\n",
            ),
            ("modules/10.load", "{modules}"),
            (
                "tls.conf",
                "SSLCertificateFile {node1}/cert.pem\nSSLCertificateKeyFile {node1}/key.pem\n",
            ),
        ],
        checked: "apache2.conf",
        found: &["client-ca-missing apache2.conf:12"],
        starts: true,
    },
    Case {
        server: Server::Apache,
        name: "nothing there",
        files: &[
            (
                "httpd.conf",
                "ServerRoot {home}\nInclude modules\nServerName a\nInclude none/*.conf\n",
            ),
            ("modules/10.load", "{modules}"),
        ],
        checked: "httpd.conf",
        found: &["include-missing httpd.conf:4"],
        starts: false,
    },
    Case {
        server: Server::Emqx,
        name: "beside the file that includes, in its group",
        files: &[
            (
                "emqx.conf",
                "include \"more/a.conf\"\ninclude \"none.conf\"\ncluster.proto_dist = inet_tls\n",
            ),
            (
                "more/a.conf",
                "rpc {\n  include required(file(\"b.conf\"))\n}\n",
            ),
            (
                "more/b.conf",
                "protocol = ssl\ncertfile = {node1}/cert.pem\nkeyfile = {node1}/key.pem\ncacertfile = {node1}/ca.pem\ninsecure_fallback = true\n",
            ),
        ],
        checked: "emqx.conf",
        found: &["insecure-fallback more/b.conf:5"],
        starts: true,
    },
    Case {
        server: Server::Emqx,
        name: "what must be there",
        files: &[(
            "emqx.conf",
            "node.name = a@b\ninclude required(\"none.conf\")\n",
        )],
        checked: "emqx.conf",
        found: &["include-missing emqx.conf:2"],
        starts: false,
    },
];

/// What would otherwise be written below /var.
const QUIET: &str = "access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; \
                     uwsgi_temp_path u; scgi_temp_path s;";

fn write(certctl: &Certctl, home: &Path, files: &[(&str, &str)]) {
    let node1 = certctl.pki("certs/node1").display().to_string();
    let modules = ["mpm_event", "authz_core", "socache_shmcb", "ssl"]
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let modules = modules.concat() + "PidFile {home}/pid\nErrorLog {home}/log\n";
    for (name, text) in files {
        let path = home.join(name);
        fs::create_dir_all(path.parent().expect("it is below")).expect("made");
        if let Some(target) = text.strip_prefix("-> ") {
            symlink(target, path).expect("linked");
            continue;
        }
        let text = text
            .replace("{modules}", &modules)
            .replace("http {", &format!("http {{ {QUIET}"));
        let text = text.replace("{node1}", &node1);
        let text = text.replace("{home}", &home.display().to_string());
        fs::write(path, text).expect("written");
    }
}

/// `CODE FILE:LINE` of every finding.
fn check(certctl: &Certctl, home: &Path, file: &str) -> Vec<String> {
    let file = home.join(file).display().to_string();
    let run = certctl.run(&["check", "--json", &file]);
    let document: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{file}: {}", run.stderr));
    assert_eq!(
        document["checked"]["configurations"], 1,
        "{file}: {document:#}"
    );
    let findings = document["findings"].as_array().expect("a list");
    let shown = |finding: &Value| {
        let place = Path::new(finding["place"].as_str().expect("text"));
        let place = place.strip_prefix(home).expect("below");
        let code = finding["code"].as_str().expect("text");
        format!("{code} {}", place.display())
    };
    findings.iter().map(shown).collect()
}

impl Server {
    /// Whether the server takes a file.
    fn takes(self, home: &Path, file: &str) -> bool {
        let main = home.join(file);
        let run = |command: &mut Command| {
            let run = Run::of(command.current_dir(home).stdin(Stdio::null()));
            (run.status, run.stdout + &run.stderr)
        };
        match self {
            Self::Apache => run(program("apache2").arg("-t").arg("-f").arg(main)).0 == Some(0),
            Self::Nginx => {
                let mut nginx = program("nginx");
                nginx
                    .args(["-t", "-e", "stderr", "-g", "pid nginx.pid;", "-p"])
                    .arg(home);
                run(nginx.arg("-c").arg(main)).0 == Some(0)
            }
            // These two have no way to ask. An option that does not exist, read after everything else,
            // keeps them from starting, and shows how far they came.
            Self::Redis => {
                let mut redis = program("redis-server");
                run(redis.arg(main).args(["--none-such", "1"]))
                    .1
                    .contains("none-such")
            }
            Self::Stunnel => {
                let mut text = fs::read_to_string(&main).expect("text");
                text.push_str("none-such = 1\n");
                fs::write(&main, text).expect("written");
                run(program("stunnel").arg(main))
                    .1
                    .contains("none-such = 1\": Specified")
            }
            Self::Emqx => unreachable!("it is not at hand"),
        }
    }
}

#[test]
fn what_is_included_is_checked_in_its_place() {
    let certctl = Certctl::new();
    let _ = certctl
        .run(&["issue", "node1", "--init", "--local", "-q"])
        .expect_status(0);
    let mut wrong = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let home = certctl.home().join(number.to_string());
        write(&certctl, &home, case.files);
        let name = format!("{:?}, {}", case.server, case.name);
        let found = check(&certctl, &home, case.checked);
        if found != case.found {
            wrong.push(format!("{name}: {found:?}, not {:?}", case.found));
        }
        let (main, _) = case.files[0];
        if case.server != Server::Emqx && case.server.takes(&home, main) != case.starts {
            wrong.push(format!("{name}: the server starts: {}", !case.starts));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What would be read without end is told. Servers crash or hang of such files.
#[test]
fn what_has_no_end_is_told() {
    let certctl = Certctl::new();
    let main = ("redis.conf", "port 0\nreplicaof a 1\ninclude {home}/a*\n");
    let chain: Vec<_> = (0..60)
        .map(|level| format!("include {{home}}/b{level}\n"))
        .collect();
    let names: Vec<_> = (0..60).map(|level| format!("b{level}")).collect();
    let mut deep = vec![main, ("a", "include {home}/b0\n")];
    deep.extend(
        names
            .iter()
            .map(String::as_str)
            .zip(chain.iter().skip(1).map(String::as_str)),
    );
    for (name, files, expected) in [
        (
            "mutual",
            &[main, ("a", "\ninclude {home}/redis.conf\n")][..],
            "include-cycle a:2",
        ),
        (
            "itself",
            &[main, ("a1", ""), ("a2", "# c\ninclude {home}/a?\n")],
            "include-cycle a2:2",
        ),
        (
            "device",
            &[main, ("a", "-> /dev/zero")],
            "include-unread redis.conf:3",
        ),
        ("deep", &deep, "include-limit b48:1"),
    ] {
        let home = certctl.home().join(name);
        write(&certctl, &home, files);
        assert_eq!(check(&certctl, &home, "redis.conf"), [expected], "{name}");
    }
}
