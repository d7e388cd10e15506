//! A pool of a fleet before it is read.

use std::sync::Arc;

use crate::ask::Fault;

/// A pool that is still to be read, or what kept it from being read.
#[derive(Debug)]
pub struct Item {
    /// What messages call the file that it is from.
    pub file: Arc<str>,
    /// Its line there, from 1, where the file has a pool on each.
    pub line: Option<u64>,
    /// The host, as the name of the file says it.
    pub host: String,
    /// The text.
    pub text: std::result::Result<String, Fault>,
}

impl Item {
    /// The item as a text, for another process to read.
    #[must_use]
    pub fn packed(&self) -> String {
        let text = self.text.as_ref().map_err(Fault::to_string);
        let parts = (&*self.file, self.line, &self.host, text);
        serde_json::to_string(&parts).expect("texts and numbers")
    }

    /// The item that [`Item::packed`] wrote.
    ///
    /// # Errors
    /// If it did not.
    pub fn unpacked(packed: &str) -> std::result::Result<Item, Fault> {
        type Parts = (
            String,
            Option<u64>,
            String,
            std::result::Result<String, String>,
        );
        let parts = serde_json::from_str::<Parts>(packed);
        let (file, line, host, text) =
            parts.map_err(|error| Fault::of(format!("not an item of a fleet: {error}")))?;
        Ok(Item {
            file: file.into(),
            line,
            host,
            text: text.map_err(Fault::of),
        })
    }
}
