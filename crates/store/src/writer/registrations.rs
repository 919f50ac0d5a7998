//! Applications that the user keeps, and the end of what is kept of one.

use super::Writer;
use crate::{
    StoreError,
    chunk::Chunk,
    tables::{applications, events, registrations, series},
};

impl Writer {
    /// Keeps applications, or what is new of those that are kept: identifier and definition of each, all
    /// or nothing.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn register(&self, each: &[(String, String)], now_ms: i64) -> Result<(), StoreError> {
        self.at_once(|connection| {
            for (application, definition) in each {
                registrations::put(connection, application, definition, now_ms)?;
            }
            Ok(())
        })
    }

    /// Keeps an application no more; says whether it was kept.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn unregister(&self, application: &str) -> Result<bool, StoreError> {
        self.at_once(|connection| registrations::remove(connection, application))
    }

    /// Marks that Ira starts an application by itself in this boot; says whether it had not done so.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn claim_start(&self, application: &str, boot_id: &str) -> Result<bool, StoreError> {
        self.at_once(|connection| registrations::claim_start(connection, application, boot_id))
    }

    /// Drops the events of an application, its figures, and that it was ever seen. Processes at past
    /// seconds are kept for all together: they stay as long as those of others, and when the past is
    /// derived anew from them after a correction, what they tell comes back.
    ///
    /// # Errors
    /// When the database refuses it, or a chunk of figures is damaged.
    pub fn drop_history(&self, application: &str) -> Result<(), StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        let transaction = self.connection.unchecked_transaction().map_err(fail)?;
        events::drop_application(&transaction, application).map_err(fail)?;
        applications::forget(&transaction, application, true).map_err(fail)?;
        for window in series::all_windows(&transaction).map_err(fail)? {
            let packed = series::applications_of(&transaction, window).map_err(fail)?;
            let mut is_there = false;
            let rest = Chunk::decode(&packed, |id| {
                is_there |= id == application;
                id != application
            })?;
            if is_there {
                let (tier, boot, start_ms) = window;
                let rest = rest.encode()?;
                series::replace_applications(&transaction, tier, boot, start_ms, &rest)
                    .map_err(fail)?;
            }
        }
        transaction.commit().map_err(fail)
    }

    fn at_once<T>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        let transaction = self.connection.unchecked_transaction().map_err(fail)?;
        let done = work(&transaction).map_err(fail)?;
        transaction.commit().map_err(fail)?;
        Ok(done)
    }
}
