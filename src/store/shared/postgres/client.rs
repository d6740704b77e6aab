//! Asking the database, and waiting for its answers, but not for ever.
//!
//! A network may take all that is sent and let no answer through. The database gives up a statement that takes it too
//! long; who has heard nothing a while after that will hear no more.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use futures_core::Stream as _;
use tokio::{
    runtime::{self, Runtime},
    time::timeout,
};
use tokio_postgres::{
    Config, Error, IsolationLevel, Row, Socket, Statement, ToStatement,
    tls::{MakeTlsConnect, TlsConnect},
    types::ToSql,
};

use super::Failure;
use crate::store::shared::SharedError;

/// How long a database may take to hear that nothing more comes.
const PARTING: Duration = Duration::from_secs(1);

/// Which part of the machine's memory an answer may fill: who answers for ever is not waited for until all is full.
const MEMORY_SHARE: usize = 8;

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection, and what is asked by it.
pub(super) struct Client {
    /// It goes first: that nothing more is asked, the connection says as it ends
    asking: tokio_postgres::Client,
    driver: Driver,
}

impl Client {
    /// Connects within so long a time.
    pub(super) fn connect<Tls>(
        config: &Config,
        tls: Tls,
        patience: Duration,
    ) -> Result<Self, Failure>
    where
        Tls: MakeTlsConnect<Socket> + Send + 'static,
        Tls::Stream: Send + 'static,
        Tls::TlsConnect: Send,
        <Tls::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| SharedError::Unreachable(error.to_string()))?;
        let connected = runtime.block_on(async { timeout(patience, config.connect(tls)).await });
        let (asking, connection) = connected.map_err(|_| Failure::Silence(patience))??;
        let driver = Driver {
            runtime,
            connection: Some(Box::pin(connection)),
            patience,
        };
        Ok(Self { asking, driver })
    }

    /// Waits so long for each answer from now on.
    pub(super) fn be_patient(&mut self, patience: Duration) {
        self.driver.patience = patience;
    }

    /// Whether no answer can come any more.
    pub(super) fn is_closed(&self) -> bool {
        self.driver.connection.is_none() || self.asking.is_closed()
    }

    pub(super) fn batch_execute(&mut self, statements: &str) -> Result<(), Failure> {
        self.driver.wait(self.asking.batch_execute(statements))
    }

    pub(super) fn query_one(
        &mut self,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Row, Failure> {
        self.driver.wait(self.asking.query_one(query, parameters))
    }

    pub(super) fn query_opt(
        &mut self,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Option<Row>, Failure> {
        self.driver.wait(self.asking.query_opt(query, parameters))
    }

    /// Begins a transaction, which is taken back unless it is committed.
    pub(super) fn transaction(
        &mut self,
        isolation: IsolationLevel,
    ) -> Result<Transaction<'_>, Failure> {
        let builder = self.asking.build_transaction().isolation_level(isolation);
        let begun = self.driver.wait(builder.start())?;
        Ok(Transaction {
            driver: &mut self.driver,
            begun,
        })
    }
}

/// A transaction of the database.
pub(super) struct Transaction<'a> {
    driver: &'a mut Driver,
    begun: tokio_postgres::Transaction<'a>,
}

impl Transaction<'_> {
    pub(super) fn batch_execute(&mut self, statements: &str) -> Result<(), Failure> {
        self.driver.wait(self.begun.batch_execute(statements))
    }

    pub(super) fn prepare(&mut self, statement: &str) -> Result<Statement, Failure> {
        self.driver.wait(self.begun.prepare(statement))
    }

    pub(super) fn execute<S: ToStatement + ?Sized>(
        &mut self,
        statement: &S,
        parameters: Parameters<'_>,
    ) -> Result<u64, Failure> {
        self.driver.wait(self.begun.execute(statement, parameters))
    }

    pub(super) fn query(
        &mut self,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, Failure> {
        let begun = &self.begun;
        let answer = async {
            let parameters = parameters.iter().map(|it| *it as &dyn ToSql);
            let mut coming = pin!(begun.query_raw(query, parameters).await?);
            let (mut rows, mut room) = (Vec::new(), room());
            while let Some(row) = poll_fn(|context| coming.as_mut().poll_next(context)).await {
                let row = row?;
                let Some(left) = room.checked_sub(row.raw_size_bytes()) else {
                    return Ok(None);
                };
                room = left;
                rows.push(row);
            }
            Ok(Some(rows))
        };
        match self.driver.wait(answer)? {
            Some(rows) => Ok(rows),
            None => {
                self.driver.connection = None;
                let reason = "its answer is longer than what this machine has room for in memory";
                Err(SharedError::Refused(String::from(reason)).into())
            }
        }
    }

    pub(super) fn query_one(
        &mut self,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Row, Failure> {
        self.driver.wait(self.begun.query_one(query, parameters))
    }

    pub(super) fn query_opt(
        &mut self,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Option<Row>, Failure> {
        self.driver.wait(self.begun.query_opt(query, parameters))
    }

    pub(super) fn commit(self) -> Result<(), Failure> {
        self.driver.wait(self.begun.commit())
    }

    /// Gives back at once what it has locked.
    pub(super) fn roll_back(self) {
        // It does so by itself where nobody hears this.
        let _ = self.driver.wait(self.begun.rollback());
    }
}

/// How long an answer may be, in octets.
fn room() -> usize {
    let known = rustix::system::sysinfo();
    let octets = |number: Result<usize, _>| number.unwrap_or(usize::MAX);
    let unit = octets(known.mem_unit.try_into());
    let memory = octets(known.totalram.try_into()).saturating_mul(unit);
    memory / MEMORY_SHARE
}

type Passing = dyn Future<Output = Result<(), Error>> + Send;

/// What passes on what is asked and answered, as long as somebody waits for an answer.
struct Driver {
    runtime: Runtime,
    /// None once it has ended
    connection: Option<Pin<Box<Passing>>>,
    patience: Duration,
}

impl Driver {
    fn wait<T>(&mut self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
        let mut answer = pin!(answer);
        let connection = &mut self.connection;
        let both = poll_fn(|context| {
            let passed = connection.as_mut().map(|it| it.as_mut().poll(context));
            if let Some(Poll::Ready(ended)) = passed {
                // With it goes every answer that has not come.
                *connection = None;
                if let Err(error) = ended {
                    return Poll::Ready(Err(error));
                }
            }
            answer.as_mut().poll(context)
        });
        let patience = self.patience;
        let answered = self
            .runtime
            .block_on(async { timeout(patience, both).await });
        match answered {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                self.connection = None;
                Err(Failure::Silence(patience))
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let parted = async { timeout(PARTING, connection).await };
            let _ = self.runtime.block_on(parted);
        }
    }
}
