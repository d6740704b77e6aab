//! NATS and PostgreSQL, of whose clients one root's certificates are asked; PostgreSQL looks at CRLs.

use std::{fs, path::PathBuf};

use super::{
    ALL, Site,
    load::{Endpoint, Speaks},
};
use crate::{
    process::{Server, free_port, until},
    support::{Run, postgresql, program},
};

/// NATS on the first node, PostgreSQL on the second.
pub(super) struct Pair<'s> {
    site: &'s Site,
    _servers: [Server; 2],
    ports: [u16; 2],
    data: PathBuf,
}

impl<'s> Pair<'s> {
    const ROLES: &'static str = "CREATE ROLE guest LOGIN;";

    pub(super) fn start(site: &'s Site) -> Self {
        let ports = [free_port(), free_port()];
        let (nats, (postgresql, data)) =
            (Self::nats(site, ports[0]), Self::postgresql(site, ports[1]));
        Self {
            site,
            _servers: [nats, postgresql],
            ports,
            data,
        }
    }

    /// What `certctl config` writes for a node.
    fn written(site: &Site, server: &str, node: &str, more: &[&str]) -> String {
        let machine = site.machine(node).display().to_string();
        let words = [
            "config",
            server,
            node,
            "--client-ca",
            "root",
            "--target-dir",
            &machine,
        ];
        site.run(&[&words, more].concat())
    }

    fn nats(site: &Site, port: u16) -> Server {
        let home = site.certctl.home();
        let text = Self::written(site, "nats", "node1", &["--set", "host=127.0.0.1"]);
        let (pid, log) = (home.join("nats.pid"), home.join("nats.log"));
        let (pid, log) = (pid.display(), log.display());
        let text = format!("{text}port: {port}\npid_file: '{pid}'\nlog_file: '{log}'\n");
        let file = home.join("nats.conf");
        fs::write(&file, text).expect("it is ours");
        Server::start(program("nats-server").arg("-c").arg(file), port)
    }

    fn postgresql(site: &Site, port: u16) -> (Server, PathBuf) {
        let home = site.machines.path();
        let names = ALL.map(|name| format!("user={name}:guest"));
        let users: Vec<_> = names.iter().flat_map(|it| ["--set", it]).collect();
        let written = |form: &str, more: &[&str]| {
            Self::written(
                site,
                "postgresql",
                "node2",
                &[&["--as", form], more].concat(),
            )
        };
        // The test asks, too.
        let rules = format!("local all postgres trust\n{}", written("hba", &users));
        let settings = written("conf", &[]);
        let has_lists = site.certctl.pki("ca/root/crl.pem").exists();
        assert_eq!(settings.contains("ssl_crl_file"), has_lists, "{settings}");
        let data = postgresql::init(home, "data", Self::ROLES);
        let map = written("ident", &users);
        fs::write(data.join("pg_ident.conf"), map).expect("it is ours");
        (
            postgresql::start(home, &data, port, &settings, &rules),
            data,
        )
    }

    pub(super) fn endpoints(&self) -> [Endpoint; 2] {
        let [nats, postgresql] = self.ports;
        [(nats, Speaks::Nats), (postgresql, Speaks::Postgresql)]
            .map(|(port, speaks)| Endpoint { port, speaks })
    }

    pub(super) fn reload(&self, name: &str) {
        match name {
            "node1" => self.reload_nats(),
            "node2" => self.reload_postgresql(),
            _ => {}
        }
    }

    fn reload_nats(&self) {
        let home = self.site.certctl.home();
        let reloads = || {
            let log = fs::read_to_string(home.join("nats.log")).expect("it has a log");
            log.matches("Reloaded server configuration").count()
        };
        let before = reloads();
        let signal = format!("reload={}", home.join("nats.pid").display());
        let mut reload = program("nats-server");
        drop(Run::of(reload.args(["--signal", &signal])).expect_status(0));
        until("NATS has loaded its files", || reloads() > before);
    }

    fn reload_postgresql(&self) {
        postgresql::hand_over(self.site.machines.path());
        let before = self.loaded();
        let mut reload = postgresql::of_postgresql("pg_ctl");
        let reload = reload.args(["reload", "-D"]).arg(&self.data);
        drop(Run::of(postgresql::as_somebody(reload)).expect_status(0));
        until("PostgreSQL has loaded its files", || self.loaded() > before);
    }

    /// When PostgreSQL has loaded its files.
    fn loaded(&self) -> String {
        let socket = self.site.machines.path().display();
        let words = format!("host={socket} port={} user=postgres", self.ports[1]);
        let mut psql = program("psql");
        psql.args([
            "--no-psqlrc",
            "-At",
            "-c",
            "SELECT pg_conf_load_time()",
            &words,
        ]);
        Run::of(postgresql::as_somebody(&mut psql))
            .expect_status(0)
            .stdout
    }
}
