//! The report as a browser, a reader without sight and a validator see it. Pictures of it lie in target/report.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use support::{Certctl, Run, peers, program};

/// A name that somebody chose to break the page with.
const HOSTILE: &str = "<script>alert(1)</script> & \"Co\"";

const NOW: &str = "2030-06-15T12:00:00Z";

/// A cluster in which something of everything is wrong.
fn troubled() -> Certctl {
    let certctl = Certctl::at(NOW);
    let at = |now: &str, arguments: &[&str]| {
        let mut command = certctl.command(arguments);
        drop(Run::of(command.env("CERTCTL_NOW", now)).expect_status(0));
    };
    at("2029-01-01T00:00:00Z", &["init-ca", "--cn", HOSTILE]);
    at("2029-01-01T00:00:00Z", &["init-intermediate", "issuing"]);
    at(
        "2029-01-01T00:00:00Z",
        &[
            "init-intermediate",
            "clients",
            "--cn",
            HOSTILE,
            "--ca",
            "root",
            "--days",
            "900",
        ],
    );
    at(
        "2029-01-01T00:00:00Z",
        &["issue", "web1", "web2", "--ca", "issuing", "--days", "200"],
    );
    at(
        "2030-05-01T00:00:00Z",
        &[
            "issue", "node1", "node2", "node3", "--ca", "issuing", "--days", "50", "--local",
        ],
    );
    at(
        NOW,
        &[
            "issue",
            "app",
            "backup",
            "--ca",
            "clients",
            "--profile",
            "client",
            "--days",
            "90",
        ],
    );
    at(
        NOW,
        &[
            "issue",
            "x",
            "--ca",
            "issuing",
            "--san",
            "URI:urn:x:a&lt;b'c",
        ],
    );
    at("2030-04-20T00:00:00Z", &["crl", "--ca", "issuing"]);
    let chain = certctl.pki("certs/app/cert.pem");
    let text = fs::read_to_string(&chain).expect("issued");
    let end = "-----END CERTIFICATE-----\n";
    fs::write(chain, &text[..text.find(end).expect("PEM") + end.len()]).expect("it is ours");
    certctl
}

fn report(certctl: &Certctl, name: &str) -> PathBuf {
    let folder = peers().with_file_name("report");
    fs::create_dir_all(&folder).expect("the target directory can be written");
    let path = folder.join(name);
    let out = path.display().to_string();
    drop(
        certctl
            .run(&["report", "--force", "--out", &out])
            .expect_status(0),
    );
    path
}

/// The browser, with a home of its own.
fn chromium(home: &Path) -> Command {
    let mut command = program("chromium");
    command.env("HOME", home).args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
    ]);
    command.arg(format!(
        "--user-data-dir={}",
        home.join("browser").display()
    ));
    command
}

#[test]
fn browsers_and_readers_take_it() {
    let certctl = troubled();
    let page = report(&certctl, "troubled.html");
    let html = fs::read_to_string(&page).expect("it was written");
    for expected in [
        "certctl renew --all",
        "chain-incomplete",
        "&lt;script&gt;alert(1)&lt;&#x2f;script&gt;",
        "web1",
        "2030-09",
        ">CRL 1</span>",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
    for forbidden in ["<script", "<svg/onload", "http://", "https://"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    let mut judge = program(peers().join("node_modules/.bin/html-validate"));
    drop(Run::of(judge.arg(&page)).expect_status(0));
    for (scheme, option) in [("light", None), ("dark", Some("--force-dark-mode"))] {
        for width in [360, 768, 1280] {
            let picture = page.with_file_name(format!("{scheme}-{width}.png"));
            let mut browser = chromium(certctl.home());
            browser
                .args(option)
                .arg(format!("--window-size={width},3000"));
            browser
                .arg(format!("--screenshot={}", picture.display()))
                .arg(&page);
            drop(Run::of(&mut browser).expect_status(0));
            assert!(
                fs::metadata(&picture).expect("it was drawn").len() > 10_000,
                "{picture:?}"
            );
        }
        assert_eq!(violations(&html, certctl.home(), option), "[]", "{scheme}");
    }
}

/// What axe-core finds: a script that the test puts into a copy of the page.
fn violations(html: &str, home: &Path, option: Option<&str>) -> String {
    let axe = fs::read_to_string(peers().join("node_modules/axe-core/axe.min.js"))
        .expect("tests/run installs it");
    let axe = axe.replace("</script", "<\\/script");
    // What does not fit into the width has to be scrolled, which is wrong too.
    let ask = "axe.run(document).then(found => {
        const wide = document.documentElement.scrollWidth > innerWidth ? ['too wide'] : [];
        const wrong = found.violations.map(it => [it.id, it.nodes.map(node => node.html)]).concat(wide);
        document.body.textContent = 'BEGIN' + JSON.stringify(wrong) + 'END';
    })";
    let copy = html.replace(
        "</body>",
        &format!("<script>{axe}</script><script>{ask}</script></body>"),
    );
    let path = home.join("judged.html");
    fs::write(&path, copy).expect("the test's directory can be written");
    let mut browser = chromium(home);
    browser
        .args(option)
        .args([
            "--window-size=360,800",
            "--virtual-time-budget=30000",
            "--dump-dom",
        ])
        .arg(&path);
    let seen = Run::of(&mut browser).expect_status(0).stdout;
    let (_, rest) = seen.rsplit_once("BEGIN").expect("axe-core has run");
    rest.split_once("END").expect("to its end").0.to_owned()
}

/// As large as a page should be, and no slower than what has to be looked at.
#[test]
fn a_thousand_entries_stay_readable() {
    let certctl = Certctl::in_memory();
    let names: Vec<_> = (0..1000)
        .map(|number| format!("node{number}.db.internal"))
        .collect();
    let mut words = vec!["issue", "--init"];
    words.extend(names.iter().map(String::as_str));
    drop(certctl.run(&words).expect_status(0));
    let start = Instant::now();
    let page = report(&certctl, "thousand.html");
    let html = fs::read_to_string(page).expect("it was written");
    assert!(html.len() <= 300_000, "{}", html.len());
    assert!(html.contains("1000 entries") && html.contains("node999.db.internal"));
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn it_is_written_whole_or_not_at_all() {
    let certctl = Certctl::at(NOW);
    drop(certctl.run(&["issue", "node1", "--init"]).expect_status(0));
    let path = certctl.home().join("report.html");
    fs::write(&path, "mine").expect("the test's directory can be written");
    let words = ["report", "--out", "report.html"];
    drop(certctl.run(&words).expect_status(4));
    drop(
        certctl
            .run(&[&words[..], &["--force", "-n"]].concat())
            .expect_status(0),
    );
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "mine");
    drop(
        certctl
            .run(&[&words[..], &["--force"]].concat())
            .expect_status(0),
    );
    assert!(
        fs::read_to_string(&path)
            .expect("it is there")
            .ends_with("</html>\n")
    );
    drop(
        certctl
            .run(&["report", "--out", "no/such/folder/report.html"])
            .expect_status(1),
    );
    // A symlink is replaced, and what it leads to stays.
    fs::remove_file(&path).expect("it is there");
    fs::write(certctl.home().join("target"), "mine").expect("the test's directory can be written");
    std::os::unix::fs::symlink("target", &path).expect("a link can be made");
    drop(
        certctl
            .run(&[&words[..], &["--force"]].concat())
            .expect_status(0),
    );
    assert_eq!(
        fs::read_to_string(certctl.home().join("target")).expect("it is there"),
        "mine"
    );
    let printed = certctl.run(&["report"]).expect_status(0).stdout;
    assert_eq!(printed, fs::read_to_string(&path).expect("it is there"));
}
