//! `certctl-timers(7)`: renewals that nobody has to think of, by systemd or cron.

use super::{section, title, verbatim};

/// A heading, what stands below it, and a file: its path, then its lines.
type Chapter = (&'static str, &'static str, &'static [&'static str]);

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title("certctl-timers", "7", "renew from a timer or from cron");
    section(
        &mut page,
        "DESCRIPTION",
        "Certificates and CRLs end, whether or not somebody thinks of them. Once a day is often enough: a third of a \
         life is left when something is due. Below, the PKI directory is /var/lib/certctl/pki and belongs to the user \
         who runs certctl; nginx stands for whatever serves, and node1 for a node.",
    );
    for (heading, about, lines) in CHAPTERS {
        section(&mut page, heading, about);
        verbatim(&mut page, lines.iter().copied());
    }
    section(
        &mut page,
        "WITHOUT A TERMINAL",
        "Nothing is asked without a terminal: of a passphrase that is missing it is told which CA's it is, and by which \
         option it is given. --quiet prints nothing where nothing is wrong, so that cron sends no mail. Where a CA whose \
         key is elsewhere, or cannot be opened, has to sign, the rest is done and the exit code is 3; --detailed-exitcode gives \
         10 where something changed. Another certctl at work is waited for (--wait), then the exit code is 5. A \
         command that --exec names and that fails is run again the next day.",
    );
    section(
        &mut page,
        "SEE ALSO",
        "certctl-renew(1), certctl-crl(1), certctl-needs-renewal(1), certctl-request(1), certctl-install(1), \
         certctl-offline-root(7), systemd.timer(5), crontab(5)",
    );
    page.to_roff()
}

const CHAPTERS: &[Chapter] = &[
    (
        "WHERE THE CAS ARE",
        "The service renews all that is due, entries, CAs and CRLs, and has what serves them read them again. The \
         passphrase of the CA keys is handed over as a credential; keys without one need neither of the two:",
        &[
            "# /etc/systemd/system/certctl-renew.service",
            "[Unit]",
            "Description=Renew certificates and CRLs that are due",
            "[Service]",
            "Type=oneshot",
            "WorkingDirectory=/var/lib/certctl",
            "LoadCredential=ca:/var/lib/certctl/ca.pass",
            "ExecStart=/usr/local/bin/certctl renew --all --quiet --passphrase-file ${CREDENTIALS_DIRECTORY}/ca --exec 'systemctl reload nginx'",
        ],
    ),
    (
        "ITS TIMER",
        "`systemctl enable --now certctl-renew.timer` starts it:",
        &[
            "# /etc/systemd/system/certctl-renew.timer",
            "[Unit]",
            "Description=Renew certificates and CRLs once a day",
            "[Timer]",
            "OnCalendar=daily",
            "RandomizedDelaySec=1h",
            "Persistent=true",
            "[Install]",
            "WantedBy=timers.target",
        ],
    ),
    (
        "THE SAME FROM CRON",
        "The second line is for where renewals are made by hand, or by `certctl apply`, and only CRLs are to be kept:",
        &[
            "# /etc/cron.d/certctl",
            "PATH=/usr/local/bin:/usr/bin:/bin",
            "17 3 * * * root cd /var/lib/certctl && certctl renew --all --quiet --passphrase-file ca.pass --exec 'systemctl reload nginx'",
            "37 3 * * * root cd /var/lib/certctl && certctl crl --all --if-due --quiet --passphrase-file ca.pass --exec 'systemctl reload nginx'",
        ],
    ),
    (
        "ON A NODE",
        "A node that has no CA makes its next key itself, once its certificate is due and no request waits. What is to \
         be signed is then /var/lib/certctl/pki/certs/node1/request.csr; carry it to where the CA is (a last ExecStart \
         can), and have it signed there with `certctl sign request.csr --name node1 --force`:",
        &[
            "# /etc/systemd/system/certctl-request.service",
            "[Unit]",
            "Description=Ask for the next certificate of node1",
            "ConditionPathExists=!/var/lib/certctl/pki/certs/node1/key.new.pem",
            "[Service]",
            "Type=oneshot",
            "WorkingDirectory=/var/lib/certctl",
            "ExecCondition=/usr/local/bin/certctl needs-renewal node1 --quiet",
            "ExecStart=/usr/local/bin/certctl request node1 --quiet",
        ],
    ),
    (
        "ITS TIMER ON THE NODE",
        "",
        &[
            "# /etc/systemd/system/certctl-request.timer",
            "[Unit]",
            "Description=Ask for the next certificate of node1 in time",
            "[Timer]",
            "OnCalendar=daily",
            "RandomizedDelaySec=1h",
            "Persistent=true",
            "[Install]",
            "WantedBy=timers.target",
        ],
    ),
    (
        "THE ANSWER",
        "Once the signed certificate is put into /var/lib/certctl/node1.pem, key and certificate change together. A root that the node does not trust yet is refused:",
        &[
            "# /etc/systemd/system/certctl-install.service",
            "[Unit]",
            "Description=Install the next certificate of node1",
            "[Service]",
            "Type=oneshot",
            "WorkingDirectory=/var/lib/certctl",
            "ExecStart=/usr/local/bin/certctl install node1 node1.pem --trust pki/certs/node1/ca.pem --quiet",
            "ExecStart=systemctl reload nginx",
        ],
    ),
    (
        "WHEN IT COMES",
        "",
        &[
            "# /etc/systemd/system/certctl-install.path",
            "[Unit]",
            "Description=Wait for the next certificate of node1",
            "[Path]",
            "PathChanged=/var/lib/certctl/node1.pem",
            "[Install]",
            "WantedBy=paths.target",
        ],
    ),
    (
        "A NODE FROM CRON",
        "",
        &[
            "# /etc/cron.d/certctl-node",
            "PATH=/usr/local/bin:/usr/bin:/bin",
            "17 3 * * * root cd /var/lib/certctl && test ! -e pki/certs/node1/key.new.pem && certctl needs-renewal node1 --quiet && certctl request node1 --quiet",
            "*/5 * * * * root cd /var/lib/certctl && test node1.pem -nt pki/certs/node1/cert.pem && certctl install node1 node1.pem --trust pki/certs/node1/ca.pem --quiet && systemctl reload nginx",
        ],
    ),
];
