//! certctl-clusters(7), typed as it stands there: from no PKI to files on hosts.
//!
//! Only SSH and what it starts are stand-ins: each host is a directory, and has an address of this machine.

use std::{
    ffi::OsString,
    fs::{self, Permissions},
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use certctl::emit::{Catalogue, Step};

use super::{Certctl, Run, process::free_port, program};

/// Programs that are found before those of the machine, and on a host those in `host`.
const STAND_INS: [(&str, &str); 19] = [
    ("scp", include_str!("scp.sh")),
    ("ssh", include_str!("ssh.sh")),
    ("host/a2enmod", "#!/bin/sh\n"),
    ("host/a2ensite", "#!/bin/sh\n"),
    ("host/chgrp", "#!/bin/sh\ntest -e \"$3\"\n"),
    // A user that is known here is given what a server of its opens here; where there is none, nothing runs as that.
    (
        "host/chown",
        "#!/bin/sh\n/bin/chown \"$@\" 2>/dev/null || test -e \"$3\"\n",
    ),
    ("host/emqx", "#!/bin/sh\ntest \"$1 $2\" = 'ctl cluster'\n"),
    ("host/galera_new_cluster", "#!/bin/sh\n"),
    (
        "host/kafka-storage.sh",
        "#!/bin/sh\ntest $1 = random-uuid && echo 4L6g3nShT-eMCtK--X86sw || test -f $5\n",
    ),
    ("host/mongosh", "#!/bin/sh\n"),
    ("host/supervisorctl", "#!/bin/sh\n"),
    ("host/mariadb", "#!/bin/sh\ntest -s /dev/stdin\n"),
    ("host/nginx", "#!/bin/sh\n"),
    ("host/rabbitmq-plugins", "#!/bin/sh\n"),
    ("host/rabbitmqctl", "#!/bin/sh\n"),
    ("host/su", "#!/bin/sh\n"),
    ("host/sudo", "#!/bin/sh\n"),
    ("host/systemctl", "#!/bin/sh\n"),
    ("host/useradd", "#!/bin/sh\n"),
];

/// What packages make on each host.
const FOLDERS: [(&str, &[&str]); 24] = [
    ("apache", &["etc/apache2/sites-available"]),
    ("cassandra", &["etc/cassandra"]),
    ("emqx", &["etc/emqx"]),
    ("etcd", &["etc/default"]),
    ("haproxy", &["etc/haproxy"]),
    ("kafka", &["etc/kafka", "var/lib/kafka"]),
    ("mariadb", &["etc/mysql/mariadb.conf.d"]),
    ("memcached", &["etc"]),
    ("mongodb", &["etc", "var/lib/mongodb"]),
    ("mosquitto", &["etc/mosquitto/conf.d"]),
    ("nats", &["etc"]),
    ("nginx", &["etc/nginx/conf.d"]),
    ("openbao", &["etc/openbao", "var/lib/openbao"]),
    ("opensearch", &["etc/opensearch"]),
    (
        "patroni",
        &["etc/patroni", "var/lib/postgresql", "var/run/postgresql"],
    ),
    ("pgbouncer", &["etc/pgbouncer"]),
    (
        "postgresql",
        &["etc/postgresql/15/main/conf.d", "var/lib/postgresql/15"],
    ),
    ("rabbitmq", &["etc/rabbitmq", "var/lib/rabbitmq"]),
    ("redis", &["etc/redis", "var/lib/redis"]),
    ("redis-enterprise", &["etc/opt/redislabs"]),
    ("rethinkdb", &["etc/rethinkdb/instances.d"]),
    ("rqlite", &["etc"]),
    ("stunnel", &["etc/stunnel"]),
    ("valkey", &["etc/valkey", "var/lib/valkey"]),
];

/// A way to a cluster, and the hosts that it leads to.
pub struct Walk {
    pub certctl: Certctl,
    steps: Vec<Step>,
    /// The first three octets of the hosts' addresses
    network: [u8; 3],
}

impl Walk {
    /// The way that the manual shows for a server.
    pub fn of(server: &str) -> Self {
        let manual = Catalogue::embedded();
        let steps = manual.server(server).expect("it is built in").walk();
        let folders = FOLDERS.iter().find(|(name, _)| *name == server);
        let (_, folders) = folders.unwrap_or_else(|| panic!("{server}: what its package makes"));
        Self::new(steps, folders)
    }

    /// These steps, on hosts with these folders.
    pub fn new(mut steps: Vec<Step>, folders: &[&str]) -> Self {
        let certctl = Certctl::new();
        // Nobody else's, so that servers may have their usual ports.
        let [high, low] = free_port().to_be_bytes();
        let network = [127, high, low];
        for step in &mut steps {
            // From one of these addresses to another all connections come from the machine's first, which is called so.
            let all = "--san 10.0.0.$i --san 127.0.0.1 --san localhost";
            step.commands = step.commands.replace("--san 10.0.0.$i", all);
        }
        let walk = Self {
            certctl,
            steps,
            network,
        };
        for folder in folders {
            let numbered = (1..=3).map(|number| walk.address(number).to_string());
            let named = (1..=3).map(|number| format!("node{number}"));
            for host in numbered.chain(named) {
                fs::create_dir_all(walk.host(&host).join(folder)).expect("writable");
            }
        }
        fs::create_dir_all(walk.stand_ins().join("host")).expect("writable");
        for (name, script) in STAND_INS {
            let path = walk.stand_ins().join(name);
            fs::write(&path, script).expect("writable");
            fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our own");
        }
        walk
    }

    /// Where a server of this host listens.
    pub fn at(&self, number: u8, port: u16) -> SocketAddr {
        (self.address(number), port).into()
    }

    pub fn address(&self, number: u8) -> Ipv4Addr {
        let [first, second, third] = self.network;
        Ipv4Addr::new(first, second, third, number)
    }

    /// The directory that stands for a host of this name.
    pub fn host(&self, name: &str) -> PathBuf {
        self.certctl.home().join("hosts").join(name)
    }

    /// The same by its number.
    pub fn numbered(&self, number: u8) -> PathBuf {
        self.host(&self.address(number).to_string())
    }

    /// Lets those that run as others to what lies on hosts; of the rest they see nothing.
    pub fn open(&self) {
        let mode = Permissions::from_mode(0o711);
        fs::set_permissions(self.certctl.home(), mode).expect("our own");
    }

    fn stand_ins(&self) -> PathBuf {
        self.certctl.home().join("bin")
    }

    /// Lays all files, and has those on hosts name each other where they lie now.
    pub fn lay(&self) {
        let first = self.steps.first().expect("there is a way");
        let _ = self.run(&first.commands).expect_status(0);
        for (host, file) in self.laid() {
            // What a command on the host has written says so already.
            let place = |path: &str| format!("{}{path}", host.display());
            let text = fs::read_to_string(&file).expect("it is text");
            let text = ["/etc/", "/var/"].iter().fold(text, |text, path| {
                text.replace(&place(path), path).replace(path, &place(path))
            });
            fs::write(&file, text).expect("our own");
        }
    }

    /// The files on hosts that are no certificates and keys, each with its host's directory.
    pub fn laid(&self) -> Vec<(PathBuf, PathBuf)> {
        let is_text = |(_, file): &(PathBuf, PathBuf)| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.') && file.extension().is_none_or(|it| it != "pem")
        };
        self.files().into_iter().filter(is_text).collect()
    }

    /// The folders on hosts that have an entry's files.
    pub fn entries(&self) -> Vec<PathBuf> {
        let files = self.files().into_iter();
        let certificates = files.filter(|(_, file)| file.ends_with("cert.pem"));
        certificates
            .filter_map(|(_, file)| Some(file.parent()?.to_owned()))
            .collect()
    }

    /// All files on hosts.
    fn files(&self) -> Vec<(PathBuf, PathBuf)> {
        fn visit(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).expect("a host's directory") {
                let path = entry.expect("readable").path();
                if path.is_dir() {
                    visit(&path, found);
                } else {
                    found.push(path);
                }
            }
        }
        let mut all = Vec::new();
        for host in fs::read_dir(self.host("")).expect("there are hosts") {
            let (host, mut found) = (host.expect("readable").path(), Vec::new());
            visit(&host, &mut found);
            all.extend(found.into_iter().map(|file| (host.clone(), file)));
        }
        all.sort();
        all
    }

    /// What shows that it works does so, and a stranger is refused.
    pub fn look(&self) {
        let [_, looks @ .., stranger] = &*self.steps else {
            panic!("nobody looks, or no stranger comes: {:?}", self.steps);
        };
        for look in looks {
            let _ = self.run(&look.commands).expect_status(0);
        }
        let run = self.run(&stranger.commands);
        assert!(
            ![Some(0), Some(124), Some(126), Some(127)].contains(&run.status),
            "a stranger gets in: {run:#?}"
        );
    }

    /// Runs commands as somebody types them who is in the directory with the PKI directory, on the network of the hosts.
    pub fn run(&self, commands: &str) -> Run {
        // Some clients wait for ever for a cluster that does not come about.
        let mut shell = program("timeout");
        let certctl = Path::new(env!("CARGO_BIN_EXE_certctl"));
        let mut path = OsString::from(self.stand_ins());
        let known = shell
            .get_envs()
            .find_map(|(name, value)| value.filter(|_| name == "PATH"));
        for directory in [
            certctl.parent().expect("a directory").as_os_str(),
            known.expect("set"),
        ] {
            path.push(":");
            path.push(directory);
        }
        let [first, second, third] = self.network;
        let commands = commands.replace("10.0.0.", &format!("{first}.{second}.{third}."));
        shell
            .args(["300", "sh", "-euc", &commands])
            .current_dir(self.certctl.home());
        shell
            .env("PATH", path)
            .env("HOSTS", self.certctl.home().join("hosts"))
            .env_remove("CERTCTL_DIR");
        Run::of(&mut shell)
    }
}
