//! The single writer of SQLite: many jobs, one commit.
//!
//! With `synchronous = FULL` each commit waits for the disk. Jobs that arrive while one
//! commit is under way share the next; each runs in a savepoint of its own, so that a
//! refused job leaves nothing behind and takes nobody with it.

use futures_util::future::BoxFuture;
use sqlx::{AnyConnection, Executor};
use tokio::sync::{mpsc, oneshot};

/// Most jobs in one commit.
const BATCH: usize = 64;

/// Runs over the open transaction; `true` keeps what it wrote.
pub(super) type Run = Box<dyn for<'c> FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, bool> + Send>;

struct Entry {
    run: Run,
    done: oneshot::Sender<bool>,
}

/// Hands jobs to the writing task.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Entry>,
}

impl Writer {
    pub(super) fn start(connection: AnyConnection) -> Self {
        let (queue, jobs) = mpsc::channel(1024);
        tokio::spawn(work(connection, jobs));
        Self { queue }
    }

    /// Whether the job's writes are durable.
    pub(super) async fn run(&self, run: Run) -> bool {
        let (done, kept) = oneshot::channel();
        if self.queue.send(Entry { run, done }).await.is_err() {
            return false;
        }
        kept.await.unwrap_or(false)
    }
}

async fn work(mut connection: AnyConnection, mut jobs: mpsc::Receiver<Entry>) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.recv_many(&mut batch, BATCH).await > 0 {
        let kept = commit(&mut connection, &mut batch).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a batch of writes failed");
            Vec::new()
        });
        // Senders left in `batch` after a failure are dropped: their jobs were not kept.
        batch.clear();
        for (done, keep) in kept {
            let _ = done.send(keep);
        }
    }
}

async fn commit(
    connection: &mut AnyConnection,
    batch: &mut Vec<Entry>,
) -> Result<Vec<(oneshot::Sender<bool>, bool)>, sqlx::Error> {
    connection.execute("BEGIN IMMEDIATE").await?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for entry in batch.drain(..) {
        let outcome = async {
            connection.execute("SAVEPOINT job").await?;
            let keep = (entry.run)(connection).await;
            if !keep {
                connection.execute("ROLLBACK TO job").await?;
            }
            connection.execute("RELEASE job").await?;
            Ok::<bool, sqlx::Error>(keep)
        }
        .await;
        match outcome {
            Ok(keep) => outcomes.push((entry.done, keep)),
            Err(error) => {
                connection.execute("ROLLBACK").await?;
                return Err(error);
            }
        }
    }
    if let Err(error) = connection.execute("COMMIT").await {
        let _ = connection.execute("ROLLBACK").await;
        return Err(error);
    }
    Ok(outcomes)
}
