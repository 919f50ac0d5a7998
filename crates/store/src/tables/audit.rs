//! Every order: who gave it, when, what, to whom, and what came of it. Written before it is carried
//! out, so that one that ended the machine is there too.

use rusqlite::{Connection, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    boot INTEGER NOT NULL REFERENCES boots (id),
    at_ms INTEGER NOT NULL,     -- since boot
    took_ms INTEGER,            -- NULL while it is under way, or when Ira ended before it did
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    application TEXT,
    call TEXT NOT NULL,
    result INTEGER NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (boot, at_ms);";

/// What came of an order, by its stored number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum OrderResult {
    /// It is being carried out, or nobody was left to tell.
    UnderWay = 0,
    /// All of it was done.
    Done = 1,
    /// Some of it was done; the detail says what was not.
    Partly = 2,
    /// It was refused or did not work.
    Failed = 3,
}

impl OrderResult {
    fn from_number(number: u8) -> Self {
        [Self::Done, Self::Partly, Self::Failed]
            .into_iter()
            .find(|result| *result as u8 == number)
            .unwrap_or(Self::UnderWay)
    }
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// When it was given, milliseconds since 1970.
    pub at_ms: i64,
    /// How long it took, milliseconds; `None` until it has ended.
    pub took_ms: Option<u64>,
    /// The user who gave it.
    pub who: String,
    /// What was ordered, for example `stop` or `priority 10`.
    pub action: String,
    /// To whom, as people call it.
    pub target: String,
    /// The application concerned.
    pub application: Option<String>,
    /// The exact call or calls.
    pub call: String,
    /// What came of it.
    pub result: OrderResult,
    /// What the system said.
    pub detail: String,
}

/// Keeps an order; `at_ms` of it is since boot here. Returns its number.
pub(crate) fn insert(connection: &Connection, boot: i64, order: &StoredOrder) -> Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO audit (boot, at_ms, took_ms, who, action, target, application, call, result, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            boot,
            order.at_ms,
            order.took_ms.map(u64::cast_signed),
            &order.who,
            &order.action,
            &order.target,
            &order.application,
            &order.call,
            order.result as u8,
            &order.detail,
        ))?;
    Ok(connection.last_insert_rowid())
}

/// Says what came of an order.
pub(crate) fn end(
    connection: &Connection,
    id: i64,
    took_ms: u64,
    result: OrderResult,
    detail: &str,
) -> Result<()> {
    connection.execute(
        "UPDATE audit SET took_ms = ?2, result = ?3, detail = ?4 WHERE id = ?1",
        (id, took_ms.cast_signed(), result as u8, detail),
    )?;
    Ok(())
}

/// The newest orders, the newest first.
pub(crate) fn newest(connection: &Connection, limit: u32) -> Result<Vec<StoredOrder>> {
    connection
        .prepare_cached(
            "SELECT boots.boot_ms + audit.at_ms, took_ms, who, action, target, application, call, result, detail
             FROM audit JOIN boots ON boots.id = audit.boot ORDER BY audit.id DESC LIMIT ?1",
        )?
        .query_map([limit], of_row)?
        .collect()
}

fn of_row(row: &rusqlite::Row<'_>) -> Result<StoredOrder> {
    Ok(StoredOrder {
        at_ms: row.get(0)?,
        took_ms: row.get::<_, Option<i64>>(1)?.map(|ms| ms.max(0).cast_unsigned()),
        who: row.get(2)?,
        action: row.get(3)?,
        target: row.get(4)?,
        application: row.get(5)?,
        call: row.get(6)?,
        result: OrderResult::from_number(row.get(7)?),
        detail: row.get(8)?,
    })
}

/// Orders of a span of a boot, the newest first; their times are since boot.
pub(crate) fn within(
    connection: &Connection,
    boot: i64,
    (from_ms, to_ms): (i64, i64),
) -> Result<Vec<StoredOrder>> {
    connection
        .prepare_cached(
            "SELECT at_ms, took_ms, who, action, target, application, call, result, detail
             FROM audit WHERE boot = ?1 AND at_ms BETWEEN ?2 AND ?3
             ORDER BY at_ms DESC, id DESC LIMIT 500",
        )?
        .query_map((boot, from_ms, to_ms), of_row)?
        .collect()
}

/// Removes the oldest orders that are older than a moment, so many at most.
pub(crate) fn remove_before(
    connection: &Connection,
    before_ms: i64,
    at_most: u32,
) -> Result<usize> {
    connection.execute(
        "DELETE FROM audit WHERE id IN (
            SELECT audit.id FROM (SELECT id, boot, at_ms FROM audit ORDER BY id LIMIT ?2) AS audit
            JOIN boots ON boots.id = audit.boot WHERE boots.boot_ms + audit.at_ms < ?1)",
        (before_ms, at_most),
    )
}
