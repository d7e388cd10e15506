//! The pools of a Parquet file, a row each: columns `host`, `tags`, and `metadata` or `pool`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use parquet::basic::{LogicalType, Type as Physical};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::{Type, TypePtr};
use serde_json::value::RawValue;

use crate::ask::Fault;
use crate::fleet::item::Item;
use crate::fleet::line::PoolLine;

/// The columns that are read; a table may have others beside them.
const COLUMNS: [&str; 4] = ["host", "tags", "metadata", "pool"];

/// Rows that are decoded together: metadata of a volume group may have some MiB.
const BATCH: usize = 16;

/// The pools of a file that begins as Parquet does, in the order of its rows. What messages call it is `shown`; where a row
/// has no host, its host is that of the file with the number of the row. Bytes read are counted in `read`.
///
/// # Errors
/// If it is not Parquet, or has no column with pools.
pub(crate) fn items(
    file: File,
    shown: &Arc<str>,
    host: String,
    read: Arc<AtomicU64>,
) -> std::result::Result<Box<dyn Iterator<Item = Item> + Send>, Fault> {
    let wrong = |words: String| Fault::of(format!("{shown}: {words}"));
    let damaged = |error| wrong(format!("cannot be read as Parquet: {error}"));
    let reader = quietly(|| SerializedFileReader::new(Counted { file, read }))
        .unwrap_or_else(|| Err(general("its list of columns is damaged")))
        .map_err(damaged)?;
    let schema = reader.metadata().file_metadata().schema();
    let columns = schema.get_fields().to_vec();
    let wanted = columns
        .iter()
        .filter(|column| COLUMNS.contains(&column.name()));
    // Of a column that holds nothing nobody knows what it would hold.
    let is_known = |column: &&TypePtr| {
        column.get_basic_info().logical_type_ref() != Some(&LogicalType::Unknown)
    };
    let wanted: Vec<_> = wanted.filter(is_known).cloned().collect();
    if !wanted
        .iter()
        .any(|column| ["metadata", "pool"].contains(&column.name()))
    {
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        let found = match names.is_empty() {
            true => "no column".to_string(),
            false => format!("the columns {}", names.join(", ")),
        };
        return Err(wrong(format!(
            "found {found}; expected `metadata` with the text of a volume group, or `pool`"
        )));
    }
    for column in &wanted {
        let is_list = column.name() == "tags";
        if !holds_texts(column, is_list) {
            let expected = if is_list { "a list of texts" } else { "a text" };
            let found = match &**column {
                Type::PrimitiveType { physical_type, .. } => physical_type.to_string(),
                Type::GroupType { .. } => "a group".to_string(),
            };
            return Err(wrong(format!(
                "column `{}` holds {found}, expected {expected}",
                column.name()
            )));
        }
    }
    let projection = Type::group_type_builder(schema.name())
        .with_fields(wanted)
        .build();
    let rows = RowIter::from_file_into(Box::new(reader));
    let rows = projection
        .and_then(|projection| rows.project(Some(projection)))
        .map_err(damaged)?;
    Ok(Box::new(Items {
        file: Arc::clone(shown),
        host,
        rows: Some(rows.with_batch_size(BATCH)),
        number: 0,
    }))
}

/// Whether a column is a text, or, where that is asked for, a list of texts as the standard has it (three levels).
fn holds_texts(column: &Type, is_list: bool) -> bool {
    let is_text =
        |column: &Type| column.is_primitive() && column.get_physical_type() == Physical::BYTE_ARRAY;
    if !is_list {
        return is_text(column);
    }
    let inner = |column: &Type| match column {
        Type::GroupType { fields, .. } => match fields.as_slice() {
            [only] => Some(Arc::clone(only)),
            _ => None,
        },
        Type::PrimitiveType { .. } => None,
    };
    let element = inner(column).and_then(|repeated| inner(&repeated));
    element.is_some_and(|element| is_text(&element))
}

fn general(words: &str) -> ParquetError {
    ParquetError::General(words.to_string())
}

/// What comes of some work; nothing where it panics, of which nobody hears.
fn quietly<R>(work: impl FnOnce() -> R) -> Option<R> {
    /// Who hears of panics is the same for all threads.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let told = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(told);
    done.ok()
}

/// The rows of a file as pools.
struct Items {
    file: Arc<str>,
    host: String,
    /// `None` behind the last, and behind what cannot be read.
    rows: Option<RowIter<'static>>,
    number: u64,
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let rows = self.rows.as_mut()?;
        // What decodes pages gives up on some that are damaged by a panic.
        let row = quietly(|| rows.next());
        let row = row.unwrap_or_else(|| Some(Err(general("a page is damaged"))));
        let Some(row) = row else {
            self.rows = None;
            return None;
        };
        self.number += 1;
        let number = self.number;
        let place = |fault: String| Fault::of(format!("{}: row {number}: {fault}", self.file));
        let text = match row {
            Ok(row) => line(&row).map_err(place),
            // Nothing behind it can be read either.
            Err(error) => {
                self.rows = None;
                Err(place(format!("cannot be read: {error}")))
            }
        };
        Some(Item {
            file: Arc::clone(&self.file),
            line: Some(number),
            host: format!("{}:{number}", self.host),
            text,
        })
    }
}

/// A row as the line that a file with a pool on each line would have.
fn line(row: &Row) -> std::result::Result<String, String> {
    let (mut host, mut metadata, mut pool) = (None, None, None);
    let mut tags = BTreeSet::new();
    for (name, field) in row.get_column_iter() {
        let texts = |field| text(field).map_err(|error| format!("column `{name}`: {error}"));
        match (name.as_str(), field) {
            ("host", field) => host = texts(field)?,
            ("metadata", field) => metadata = texts(field)?,
            ("pool", field) => {
                let raw = texts(field)?.map(|text| RawValue::from_string(text.into_owned()));
                pool = raw
                    .transpose()
                    .map_err(|error| format!("column `pool`: {error}"))?;
            }
            ("tags", Field::ListInternal(list)) => {
                for tag in list.elements() {
                    tags.extend(texts(tag)?.map(Cow::into_owned));
                }
            }
            _ => {}
        }
    }
    let line = PoolLine {
        host,
        tags,
        metadata,
        pool: pool.as_deref(),
    };
    serde_json::to_string(&line).map_err(|error| error.to_string())
}

fn text(field: &Field) -> std::result::Result<Option<Cow<'_, str>>, String> {
    match field {
        Field::Null => Ok(None),
        Field::Str(text) => Ok(Some(text.into())),
        // What says nothing of what its bytes are.
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Ok(Some(text.into())),
            Err(error) => Err(format!("byte {} is not UTF-8 text", error.valid_up_to())),
        },
        other => Err(format!("found {other}, expected a text")),
    }
}

/// A file that counts what is read of it.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Length for Counted {
    fn len(&self) -> u64 {
        self.file.len()
    }
}

impl ChunkReader for Counted {
    type T = CountedRead;

    fn get_read(&self, start: u64) -> Result<CountedRead> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(CountedRead {
            file: BufReader::new(file),
            read: Arc::clone(&self.read),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes> {
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        self.file.get_bytes(start, length)
    }
}

struct CountedRead {
    file: BufReader<File>,
    read: Arc<AtomicU64>,
}

impl Read for CountedRead {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(bytes)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
