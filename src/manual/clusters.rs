//! `certctl-clusters(7)`: from nothing to a cluster, for each server.

use clap_mangen::roff::{Roff, roman};

use super::{section, title, verbatim};
use crate::emit::Server;

/// Writes the page in roff.
pub(super) fn page(servers: &[Server]) -> String {
    let mut page = title(
        "certctl-clusters",
        "7",
        "from no TLS to a cluster that speaks it, for each server",
    );
    section(
        &mut page,
        "DESCRIPTION",
        "Each section begins where there is no PKI, and is for whoever reaches the nodes, 10.0.0.1 to 10.0.0.3, as \
         root by SSH: first what makes certificates and configuration, copies them and starts the servers; then \
         what shows that it works; last what a stranger tries, and in vain. Where files lie and services are called as \
         in Debian's packages, the lines do as they stand. pki/ stays where it is made: whoever has its keys can join \
         the cluster.",
    );
    page.control("PP", []);
    page.text([roman(
        "The tests type what stands here; ssh, scp and systemctl are stand-ins there. The files that come to lie on a \
         node are judged by `certctl check`, and the programs run with just these files and are looked at as it stands, \
         but where a section says that the tests run no server. What else there is to know about one, `certctl config` \
         says as it writes.",
    )]);
    for server in servers {
        walk(&mut page, server);
    }
    section(
        &mut page,
        "SEE ALSO",
        "certctl-config(1), certctl-deploy(7), certctl-issue(1), certctl-probe(1), certctl-servers(7), \
         certctl-setup(1), certctl-timers(7)",
    );
    page.to_roff()
}

/// The section of a server.
fn walk(page: &mut Roff, server: &Server) {
    let steps = server.walk();
    if steps.is_empty() {
        return;
    }
    page.control("SH", [&*server.name.to_uppercase()]);
    for step in steps {
        page.control("PP", []);
        page.text([roman(step.about)]);
        verbatim(page, step.commands.lines());
    }
}
