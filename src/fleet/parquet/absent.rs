//! What is said where a file is in Parquet and the program is built without.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::ask::Fault;
use crate::fleet::item::Item;

pub(crate) fn items(
    _file: File,
    shown: &Arc<str>,
    _host: String,
    _read: Arc<AtomicU64>,
) -> Result<Box<dyn Iterator<Item = Item> + Send>, Fault> {
    Err(Fault::of(format!(
        "{shown} is in Parquet, which this program is built without; expected a program that is built with \
         `--features parquet`, or lines of JSON"
    )))
}
