//! The parts of `certctl`, from the ground up. `tests/layers.rs` holds the source to this map: a part names
//! those on its line and no others.
//!
//! | part | what it is | names |
//! |---|---|---|
//! | severity | How bad something is | |
//! | nearest | What somebody who mistyped may have meant | |
//! | diagnostic | What is wrong in a text, and where | |
//! | explained | What is told of a rule | severity |
//! | pki | Certificates, keys, CRLs, chains | explained, severity |
//! | signer | What is said to programs that have keys, and what they say | pki |
//! | newer | What shows that a ledger is not the newest | pki |
//! | extfile | OpenSSL's extfiles | diagnostic, nearest, pki |
//! | fleet | Fleet files | diagnostic, nearest, pki |
//! | import | Other tools' PKIs, as they are taken over | pki |
//! | export | Other programs' containers | pki |
//! | emit | What servers and clients are configured with, written and read | explained, nearest, pki, severity |
//! | check | The rules of what is there | emit, explained, nearest, newer, pki, severity |
//! | store | The PKI directory, its ledger, its transactions | newer, pki |
//! | issuance | From a request to files, in the order of effects | explained, extfile, import, newer, pki, severity, store |
//! | reconcile | A PKI directory made what a fleet file says | diagnostic, extfile, fleet, issuance, pki, store |
//! | wire | What is served at an address, and what is wrong with it | check, emit, explained, pki, severity |
//! | proof | Which entries can connect, and who refuses whom | check, emit, pki, severity, wire |
//! | messages | What programs say of TLS, and who refuses whom | emit |
//! | rulebook | Every code of a finding | check, emit, explained, issuance, pki, proof, wire |
//! | overview | A PKI at a glance, as a page of HTML | severity |
//! | formats | What commands find, as other programs read it | check, pki, rulebook, severity, wire |
//! | setup | What a cluster is to be, from answers to texts | diagnostic, emit, pki |
//! | survey | What lies on the disk, as facts for `check` | check, emit, newer, pki, store |
//! | inspection | From paths to findings | check, emit, pki, severity, survey |
//! | host | What the process meets outside of the PKI directory | extfile, import, pki, signer, store |
//! | supply | What configuration is written from | emit, host, issuance, pki, store |
//! | kit | A cluster's folders, ready to copy | emit, fleet, pki, setup, store, supply |
//! | terminal | What people and programs see of a command | check, diagnostic, emit, formats, inspection, issuance, kit, pki, proof, reconcile, rulebook, store, supply, wire |
//! | manual | The pages of man/ | emit, fleet, host, pki, rulebook, terminal |
//! | documents | What commands print: a type for each document, in JSON and in words | check, emit, export, fleet, host, import, inspection, issuance, manual, messages, pki, proof, rulebook, severity, store, terminal, wire |
//! | session | A command at work: what it opens, is given, and says as all do | check, documents, emit, export, extfile, fleet, formats, host, import, inspection, issuance, kit, nearest, newer, overview, pki, proof, reconcile, rulebook, setup, severity, signer, store, supply, survey, terminal, wire |
//! | completion | What the last word of a command line may become | documents, emit, host, pki, rulebook, session, store, terminal |
//! | explanation | What a code or an error message says, and what decides why | check, documents, emit, host, inspection, messages, nearest, pki, rulebook, session, survey, terminal |
//! | rotation | A CA's rotation at work: whom to ask, what was seen, what is left to do | documents, emit, host, issuance, pki, session, store, supply, terminal, wire |
//! | cli | The command line: one file a subcommand | everything |

pub mod check;
pub mod cli;
pub mod completion;
pub mod diagnostic;
pub mod documents;
pub mod emit;
pub mod explained;
pub mod explanation;
pub mod export;
pub mod extfile;
pub mod fleet;
pub mod formats;
pub mod host;
pub mod import;
pub mod inspection;
pub mod issuance;
pub mod kit;
pub mod manual;
pub mod messages;
pub mod nearest;
pub mod newer;
pub mod overview;
pub mod pki;
pub mod proof;
pub mod reconcile;
pub mod rotation;
pub mod rulebook;
pub mod session;
pub mod setup;
pub mod severity;
pub mod signer;
pub mod store;
pub mod supply;
pub mod survey;
pub mod terminal;
pub mod wire;
