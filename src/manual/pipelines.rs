//! `certctl-pipelines(7)`: certctl in pipelines of GitHub and GitLab, and in others.

use super::{section, title, verbatim};

/// A heading, what stands below it, and the lines of a file.
type Chapter = (&'static str, &'static str, &'static [&'static str]);

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title("certctl-pipelines", "7", "certctl in a pipeline");
    section(
        &mut page,
        "DESCRIPTION",
        "A pipeline makes certificates for its own tests, which end with it, or checks those of a deployment. The \
         program is one file that needs nothing of the system. There is no release yet: below, dist is the folder \
         that .ci/release wrote, kept where the pipeline finds it.",
    );
    for (heading, about, lines) in CHAPTERS {
        section(&mut page, heading, about);
        verbatim(&mut page, lines.iter().copied());
    }
    section(
        &mut page,
        "WHAT ENDS A PIPELINE",
        "Lines for a shell and the wheel are run by tests/release; those for GitHub and GitLab are not. \
         What counts is the exit code: 0 where nothing is wrong, 3 where something was found, 1, 2, 4 and 5 where a command failed, \
         as certctl(1) lists them. `--fail-on error` lets warnings pass. Nothing is asked without a terminal. Keys \
         in artefacts and caches can be read by whoever can read those: make them where they are used.",
    );
    section(
        &mut page,
        "SEE ALSO",
        "certctl-check(1), certctl-issue(1), certctl-probe(1), certctl-findings(7), certctl-timers(7)",
    );
    page.to_roff()
}

const CHAPTERS: &[Chapter] = &[
    (
        "ANY SHELL",
        "The hashes first, then the program; certificates for a day, and what is wrong with what is there:",
        &[
            "(cd dist && sha256sum --check --quiet --ignore-missing SHA256SUMS)",
            "tar -xzf dist/certctl-[0-9]*.tar.gz",
            "PATH=$(echo \"$PWD\"/certctl-*/bin):$PATH",
            "certctl issue node1 node2 --init --days 1",
            "certctl check --fail-on error",
        ],
    ),
    (
        "FROM THE WHEEL",
        "Where there is Python or uv; an index of one's own instead of the folder does as well:",
        &[
            "uvx --no-index --find-links dist certctl issue node3 --init",
            "pip install --no-index --find-links dist certctl",
        ],
    ),
    (
        "GITHUB ACTIONS",
        "What `check` finds is shown beside the lines of the files:",
        &[
            "# .github/workflows/tls.yml",
            "on: push",
            "jobs:",
            "  tls:",
            "    runs-on: ubuntu-latest",
            "    permissions:",
            "      security-events: write",
            "    steps:",
            "      - uses: actions/checkout@v4",
            "      - run: pip install --no-index --find-links dist certctl",
            "      - run: certctl check redis.conf -o sarif > tls.sarif",
            "      - uses: github/codeql-action/upload-sarif@v3",
            "        if: always()",
            "        with:",
            "          sarif_file: tls.sarif",
        ],
    ),
    (
        "GITLAB CI",
        "The same as a report of tests:",
        &[
            "# .gitlab-ci.yml",
            "tls:",
            "  image: python:3-slim",
            "  script:",
            "    - pip install --no-index --find-links dist certctl",
            "    - certctl check redis.conf -o junit > tls.xml",
            "  artifacts:",
            "    when: always",
            "    reports:",
            "      junit: tls.xml",
        ],
    ),
    (
        "FROM THE IMAGE",
        "It holds the program alone and works in /data. The tests unpack it with \
         umoci and run it there; no engine was tried:",
        &[
            "skopeo copy oci-archive:dist/certctl-0.1.0-linux-amd64.oci.tar containers-storage:certctl:0.1.0",
            "podman run --rm --volume .:/data certctl:0.1.0 issue node1 --init",
        ],
    ),
];
