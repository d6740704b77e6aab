//! Kafka: clients by certificate and with rights, brokers that meet by TLS, and new files while it runs.

use std::{fs, path::Path, thread};

use crate::{
    Identity, Material,
    process::{free_port, until},
    stranger_beside,
    support::{Run, kafka::Node, program, walk::Walk},
};

/// Does what its second word says, and prints what comes of it; nothing where it is refused.
const ASK: &str = r#"
import os, sys
from confluent_kafka import KafkaException
from confluent_kafka import admin as a
port, what, trust, *own = sys.argv[1:]
reasons = []
settings = {"bootstrap.servers": f"localhost:{port}", "security.protocol": "ssl", "ssl.ca.location": trust,
            "error_cb": reasons.append, "log_level": 0}
if own:
    settings |= {"ssl.certificate.location": own[0], "ssl.key.location": own[1]}
admin = a.AdminClient(settings)
def reloaded(file):
    name = "listener.name.client.ssl.keystore.location"
    entry = a.ConfigEntry(name, file, incremental_operation=a.AlterConfigOpType.SET)
    broker = a.ConfigResource(a.ConfigResource.Type.BROKER, "1", incremental_configs=[entry])
    admin.incremental_alter_configs([broker])[broker].result(30)
    return "done"
while not reasons:
    try:
        brokers = admin.list_topics(timeout=1).brokers
        if what == "brokers":
            print(*sorted(brokers))
        elif what == "make":
            admin.create_topics([a.NewTopic(f"t{os.getpid()}", 1, 1)])[f"t{os.getpid()}"].result(30)
            print("made")
        else:
            print(reloaded(what))
        break
    except KafkaException as error:
        if error.args[0].code() == 29:
            sys.exit("not allowed")
        admin.poll(0)
sys.exit(str(reasons[0]) if reasons else 0)
"#;

fn ask(port: u16, what: &str, trust: &Path, shown: Option<&Identity>) -> Run {
    let mut command = program("timeout");
    command
        .args(["60", "python3", "-c", ASK, &port.to_string(), what])
        .arg(trust);
    if let Some(identity) = shown {
        command.arg(&identity.cert).arg(&identity.key);
    }
    Run::of(&mut command)
}

/// The ports of a node: for clients, for other brokers, and for controllers.
type Ports = [u16; 3];

fn ports() -> Ports {
    [free_port(), free_port(), free_port()]
}

/// Key and chain of an entry in one file.
fn both(material: &Material, directory: &str, name: &str) -> String {
    let file = material.home().join(format!("{directory}-{name}.pem"));
    let file = file.display().to_string();
    let mut words = vec!["export", name, "--format", "pem", "--force", "--out", &file];
    if directory != "pki" {
        words.extend(["--dir", directory]);
    }
    material.run(&words);
    file
}

/// What `certctl config` writes for a node whose controller is the first.
fn written(material: &Material, id: u8, own: Ports, first: Ports, crt: &str) -> String {
    let [clients, brokers, controllers] = own;
    let (mut roles, mut more) = ("broker", String::new());
    if own == first {
        roles = "broker,controller";
        more = format!(",CONTROLLER://127.0.0.1:{controllers}");
    }
    let set = [
        format!("node.id={id}"),
        format!("process.roles={roles}"),
        format!("controller.quorum.voters=1@localhost:{}", first[2]),
        format!("listeners=CLIENT://127.0.0.1:{clients},BROKER://127.0.0.1:{brokers}{more}"),
        format!("advertised.listeners=CLIENT://localhost:{clients},BROKER://localhost:{brokers}"),
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer".to_owned(),
        "super.users=User:node1;User:node2;User:app".to_owned(),
        format!("crt={crt}"),
    ];
    let node = format!("node{id}");
    let mut words = vec!["kafka", &node, "--client-ca", "root"];
    words.extend(set.iter().flat_map(|it| ["--set", it]));
    let text = material.config(&words);
    let file = material.file(&format!("{node}.checked"), &text);
    material.run(&["check", &file.display().to_string(), "--server", "kafka"]);
    text
}

#[test]
fn clients_need_a_certificate_and_rights_and_new_files_are_read_while_it_runs() {
    let material = Material::new();
    let ports = ports();
    let crt = both(&material, "pki", "node1");
    let text = written(&material, 1, ports, ports, &crt);
    let _broker = Node::new(material.home(), "node1", &text).start(ports[0]);
    let make = |trust: &Path, shown: Option<&Identity>| ask(ports[0], "make", trust, shown);
    let app = material.identity("app");
    let run = make(&app.trust, Some(&app));
    assert_eq!(run.stdout, "made\n", "{run:?}");
    for (name, identity) in material.unwelcome() {
        let run = make(&identity.trust, Some(&identity));
        assert!(
            ![Some(0), Some(124)].contains(&run.status),
            "{name}: {run:?}"
        );
    }
    let run = make(&app.trust, None);
    assert!(![Some(0), Some(124)].contains(&run.status), "{run:?}");
    let run = make(&material.stranger().trust, Some(&app));
    assert!(run.stderr.contains("certificate verify failed"), "{run:?}");
    let lost = material.identity("lost");
    let run = make(&lost.trust, Some(&lost));
    assert!(run.stderr.contains("not allowed"), "{run:?}");

    let shown = || {
        let mut client = program("openssl");
        let address = format!("localhost:{}", ports[0]);
        client.args(["s_client", "-connect", &address]);
        let run = Run::with_input(&mut client, "");
        let begin = run
            .stdout
            .find("-----BEGIN")
            .expect("it shows a certificate");
        run.stdout[begin..].lines().take(20).collect::<String>()
    };
    let old = shown();
    material.run(&["renew", "node1", "--force"]);
    both(&material, "pki", "node1");
    assert_eq!(shown(), old, "nothing has told it");
    let run = ask(ports[0], &crt, &app.trust, Some(&app));
    assert_eq!(run.stdout, "done\n", "{run:?}");
    until("the new certificate is shown", || shown() != old);
    let run = make(&app.trust, Some(&app));
    assert_eq!(run.stdout, "made\n", "{run:?}");
}

#[test]
fn brokers_meet_and_a_stranger_does_not_join() {
    let walk = Walk::of("kafka");
    walk.lay();
    let laid = |number: u8| {
        let file = walk.numbered(number).join("etc/kafka/server.properties");
        fs::read_to_string(file).expect("it is laid")
    };
    let home = walk.certctl.home();
    let start = &|number: u8| {
        let node = Node::new(home, &format!("node{number}"), &laid(number));
        node.start_at(walk.at(number, 9092))
    };
    // None answers before two can elect a controller.
    let _nodes = thread::scope(|scope| {
        [1, 2, 3]
            .map(|number| scope.spawn(move || start(number)))
            .map(|it| it.join().expect("it starts"))
    });
    let brokers = || {
        walk.run("certctl client kafka python app --host 10.0.0.2 --out all.py --force && python3 all.py")
    };
    until("all three are there", || {
        brokers().stdout.lines().count() == 3
    });
    walk.look();

    // A broker that trusts the cluster, and shows what another root has signed.
    let stranger = stranger_beside(&walk);
    let [own, strange] = [1, 4].map(|number| walk.address(number).to_string());
    let both = home.join("stranger.pem");
    let read = |file| fs::read_to_string(file).expect("issued");
    fs::write(&both, read(stranger.key) + &read(stranger.cert)).expect("our own");
    let pem = walk.numbered(1).join("etc/kafka/tls/node1.pem");
    let line = |line: &str| match line.split_once('=') {
        Some(("node.id", _)) => "node.id=4".to_owned(),
        Some(("process.roles", _)) => "process.roles=broker".to_owned(),
        Some(("listeners", all)) => {
            let (all, _) = all.split_once(",CONTROLLER").expect("the last");
            format!("listeners={}", all.replace(&own, &strange))
        }
        Some(("advertised.listeners", _)) => line.replace(&own, &strange),
        _ => line.replace(&pem.display().to_string(), &both.display().to_string()),
    };
    let lines: Vec<_> = laid(1).lines().map(line).collect();
    let patience = "\ninitial.broker.registration.timeout.ms=5000\n";
    let four = Node::new(home, "node4", &(lines.join("\n") + patience));
    let run = Run::of(&mut four.command());
    assert_ne!(run.status, Some(0), "{run:?}");
    assert_eq!(brokers().stdout.lines().count(), 3);
}
