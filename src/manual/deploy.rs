//! `certctl-deploy(7)`: from the folders that `certctl setup` lays to the nodes.

use super::{section, title, verbatim};

/// A heading, what stands below it, and lines as they are typed.
type Chapter = (&'static str, &'static str, &'static [&'static str]);

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title(
        "certctl-deploy",
        "7",
        "bring what certctl lays to the nodes",
    );
    section(
        &mut page,
        "DESCRIPTION",
        "`certctl setup` lays a folder for each node below out/: certificate, key (0600), bundles, the configuration \
         of the server, and beside them out/next.md, which has the commands of that very cluster. Here are the same \
         ways in general. redis stands for the server and its user, /etc/redis/tls for the folder on the nodes, and \
         node1 to node3 for the nodes.",
    );
    for (heading, about, lines) in CHAPTERS {
        section(&mut page, heading, about);
        verbatim(&mut page, lines.iter().copied());
    }
    section(
        &mut page,
        "SEE ALSO",
        "certctl-setup(1), certctl-config(1), certctl-timers(7), certctl-servers(7), ansible-playbook(1)",
    );
    page.to_roff()
}

const CHAPTERS: &[Chapter] = &[
    (
        "BY SCP",
        "The folder is made for the owner alone before a key lies in it:",
        &[
            "for node in node1 node2 node3; do",
            "    ssh root@$node 'install -d -m 0700 /etc/redis/tls'",
            "    scp -p out/$node/*.pem root@$node:/etc/redis/tls/",
            "    scp -p out/$node/redis.conf root@$node:/etc/redis/redis.conf",
            "    ssh root@$node 'chown -R redis: /etc/redis/tls && systemctl restart redis-server'",
            "done",
        ],
    ),
    (
        "BY RSYNC",
        "Only what differs is copied, so that the line may run after every renewal:",
        &[
            "for node in node1 node2 node3; do",
            "    rsync -rpt --chmod=D700 --include='*.pem' --exclude='*' out/$node/ root@$node:/etc/redis/tls/",
            "done",
        ],
    ),
    (
        "BY ANSIBLE",
        "`ansible-playbook -i node1,node2,node3, deploy.yaml` restarts only where something is different:",
        &[
            "# deploy.yaml",
            "- hosts: all",
            "  become: true",
            "  serial: 1",
            "  tasks:",
            "    - ansible.builtin.file:",
            "        path: /etc/redis/tls",
            "        state: directory",
            "        owner: redis",
            "        mode: '0700'",
            "    - ansible.builtin.copy:",
            "        src: '{{ item }}'",
            "        dest: /etc/redis/tls/",
            "        owner: redis",
            "        mode: '0600'",
            "      with_fileglob: 'out/{{ inventory_hostname }}/*.pem'",
            "      notify: restart",
            "    - ansible.builtin.copy:",
            "        src: 'out/{{ inventory_hostname }}/redis.conf'",
            "        dest: /etc/redis/redis.conf",
            "      notify: restart",
            "  handlers:",
            "    - name: restart",
            "      ansible.builtin.service:",
            "        name: redis-server",
            "        state: restarted",
        ],
    ),
    (
        "AFTER A RENEWAL",
        "The same answers lay what was renewed in the place of what was there, and say what is the same:",
        &[
            "certctl renew --all --quiet",
            "certctl setup --answers out/answers.toml --yes --force",
        ],
    ),
];
