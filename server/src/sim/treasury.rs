//! A simulated fiscal e-receipt platform: numbers of its own, in the format of real ones.

use std::sync::Mutex;

use contract::payment::OrderId;
use futures_util::future::BoxFuture;
use sqlx::AnyConnection;

use crate::http::Refusal;
use crate::store::Store;
use crate::till::StoredReceipt;
use crate::treasury::{Behaviour, Income, Registering, Treasury};
use crate::{clock, random};

/// The simulator: a book of its own in the same database.
pub struct SimulatedTreasury {
    /// Where the book lies.
    store: Store,
    /// The first six digits of every code: region, class, kind.
    series: String,
    behaviour: Mutex<Behaviour>,
}

impl SimulatedTreasury {
    /// A platform that issues receipts of a series.
    #[must_use]
    pub fn new(store: Store, series: &str) -> Self {
        Self { store, series: series.to_owned(), behaviour: Mutex::default() }
    }
}

impl Treasury for SimulatedTreasury {
    fn register<'a>(&'a self, income: &'a Income) -> BoxFuture<'a, Result<StoredReceipt, Registering>> {
        let behaviour = self.behaviour.lock().map(|now| *now).unwrap_or_default();
        Box::pin(async move {
            match behaviour {
                Behaviour::Refusing => return Err(Registering::Refused),
                Behaviour::Away => return Err(Registering::Unavailable),
                Behaviour::Open => {}
            }
            let at = clock::stored_now();
            let code = format!("{}{}", self.series, at.get(2..4).unwrap_or_default());
            let order = income.order.to_string();
            let issued = self.store.write(Box::new(move |connection| {
                Box::pin(async move { issue(connection, &order, &code, &at).await })
            }));
            issued.await.map_err(|_| Registering::Unavailable)
        })
    }

    fn reverse<'a>(&'a self, order: &'a OrderId) -> BoxFuture<'a, Result<(), Registering>> {
        let away = self.behaviour.lock().is_ok_and(|now| *now == Behaviour::Away);
        Box::pin(async move {
            if away {
                return Err(Registering::Unavailable);
            }
            let (order, at) = (order.to_string(), clock::stored_now());
            let reversed = self.store.write(Box::new(move |connection| {
                Box::pin(async move {
                    sqlx::query(
                        "UPDATE treasury_receipts SET reversed_at = $1 WHERE order_id = $2 AND reversed_at IS NULL",
                    )
                    .bind(at)
                    .bind(order)
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            }));
            reversed.await.map_err(|_| Registering::Unavailable)
        })
    }

    fn behave(&self, behaviour: Behaviour) {
        if let Ok(mut now) = self.behaviour.lock() {
            *now = behaviour;
        }
    }
}

/// The receipt of an order: the one it has, or a fresh one of its series.
async fn issue(connection: &mut AnyConnection, order: &str, code: &str, at: &str) -> Result<StoredReceipt, Refusal> {
    let number = random::digits(10);
    sqlx::query(
        "INSERT INTO treasury_receipts (order_id, code, number, check_code, at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (order_id) DO NOTHING",
    )
    .bind(order)
    .bind(code)
    .bind(&number)
    .bind(&random::id()[..6])
    .bind(at)
    .execute(&mut *connection)
    .await?;
    let (code, number, check, at): (String, String, String, String) =
        sqlx::query_as("SELECT code, number, check_code, at FROM treasury_receipts WHERE order_id = $1")
            .bind(order)
            .fetch_one(connection)
            .await?;
    Ok(StoredReceipt { code, number, check, at })
}
