//! Where everything durable lives: SQLite in a folder, or PostgreSQL by URL.
//!
//! One set of statements serves both (`$1` placeholders, texts and integers only). Writes
//! on SQLite go through one task that commits many at once; on PostgreSQL each is a
//! transaction of its own.

mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection, Executor};

use crate::http::Refusal;
use writer::Writer;

/// A job over an open transaction.
pub type Job<T> = Box<dyn for<'c> FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, Refusal>> + Send>;

/// The database.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    writes: Writes,
}

#[derive(Clone)]
enum Writes {
    /// All through one task.
    Sqlite(Writer),
    /// Each on its own connection.
    Postgres,
}

impl Store {
    /// Opens the SQLite file in a folder, made where it is missing.
    ///
    /// # Errors
    /// When the file cannot be opened or brought up to date.
    pub async fn sqlite(folder: &Path) -> Result<Self, sqlx::Error> {
        std::fs::create_dir_all(folder)?;
        let url = format!("sqlite://{}?mode=rwc", folder.join("onething.sqlite").display());
        let pool = open(&url, 4, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON").await?;
        migrate(&pool).await?;
        let connection = pool.acquire().await?.detach();
        Ok(Self { pool, writes: Writes::Sqlite(Writer::start(connection)) })
    }

    /// Connects to PostgreSQL, or an engine that speaks its protocol.
    ///
    /// # Errors
    /// When it cannot be reached or brought up to date.
    pub async fn postgres(url: &str) -> Result<Self, sqlx::Error> {
        let pool = open(url, 16, "SET synchronous_commit = on").await?;
        migrate(&pool).await?;
        Ok(Self { pool, writes: Writes::Postgres })
    }

    /// Connections for reading.
    #[must_use]
    pub fn reads(&self) -> &AnyPool {
        &self.pool
    }

    /// Runs a job in a transaction; what it wrote is durable when this returns `Ok`.
    ///
    /// # Errors
    /// The job's own refusal, in which case nothing was written, or a failure of the database.
    pub async fn write<T: Send + 'static>(&self, job: Job<T>) -> Result<T, Refusal> {
        match &self.writes {
            Writes::Sqlite(writer) => {
                let slot = Arc::new(Mutex::new(None));
                let result = Arc::clone(&slot);
                let kept = writer
                    .run(Box::new(move |connection| {
                        Box::pin(async move {
                            let outcome = job(connection).await;
                            let keep = outcome.is_ok();
                            if let Ok(mut slot) = slot.lock() {
                                *slot = Some(outcome);
                            }
                            keep
                        })
                    }))
                    .await;
                let outcome = result.lock().ok().and_then(|mut slot| slot.take());
                match outcome {
                    Some(Ok(value)) if kept => Ok(value),
                    Some(Err(refusal)) => Err(refusal),
                    _ => Err(Refusal::Unavailable),
                }
            }
            Writes::Postgres => {
                let mut connection = self.pool.acquire().await?;
                let mut transaction = connection.begin().await?;
                let value = job(&mut transaction).await?;
                transaction.commit().await?;
                Ok(value)
            }
        }
    }

    /// Keeps others from changing the aggregate with this id until the transaction ends.
    /// SQLite has one writer, so there is nobody to keep out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock(&self, connection: &mut AnyConnection, id: &str) -> Result<(), Refusal> {
        if matches!(self.writes, Writes::Postgres) {
            sqlx::query("SELECT length(pg_advisory_xact_lock(hashtext($1))::text)")
                .bind(id)
                .execute(connection)
                .await?;
        }
        Ok(())
    }
}

async fn open(url: &str, most: u32, prepare: &'static str) -> Result<AnyPool, sqlx::Error> {
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions = url.parse()?;
    AnyPoolOptions::new()
        .max_connections(most)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                for statement in prepare.split(';') {
                    connection.execute(statement.trim()).await?;
                }
                Ok(())
            })
        })
        .connect_with(options)
        .await
}

/// Brings the schema up to date. Every file in `migrations/` runs once, in order, in a transaction.
async fn migrate(pool: &AnyPool) -> Result<(), sqlx::Error> {
    const MIGRATIONS: [(&str, &str); 4] = [
        ("0001_init", include_str!("../../migrations/0001_init.sql")),
        ("0002_one_form", include_str!("../../migrations/0002_one_form.sql")),
        ("0003_materials", include_str!("../../migrations/0003_materials.sql")),
        ("0004_payment", include_str!("../../migrations/0004_payment.sql")),
    ];
    let mut connection = pool.acquire().await?;
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY NOT NULL)").await?;
    for (name, sql) in MIGRATIONS {
        let mut transaction = connection.begin().await?;
        let fresh = sqlx::query("INSERT INTO migrations (name) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(name)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if fresh == 1 {
            let plain: String = sql.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
            for statement in plain.split(';').filter(|statement| !statement.trim().is_empty()) {
                transaction.execute(sqlx::AssertSqlSafe(statement.to_owned())).await?;
            }
        }
        transaction.commit().await?;
    }
    Ok(())
}
