//! Rows as a Parquet file: the columns of the table in CSV, numbers as numbers, and the commands.

use std::borrow::Cow;
use std::io::Write;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use crate::fleet::row::{Row, numbers};

/// What a column takes from a row; nothing where the row has none of it.
#[derive(Clone, Copy)]
enum Of {
    Text(fn(&Row) -> Option<Cow<'_, str>>),
    Number(fn(&Row) -> Option<u64>),
    /// With six decimals.
    Seconds(fn(&Row) -> Option<Duration>),
}

fn columns() -> [(&'static str, Of); 14] {
    fn words(words: String) -> Option<Cow<'static, str>> {
        (!words.is_empty()).then_some(Cow::Owned(words))
    }
    [
        ("host", Of::Text(|row| Some(row.host.as_str().into()))),
        ("vg", Of::Text(|row| row.group.as_deref().map(Cow::from))),
        ("answer", Of::Text(|row| row.answer.map(Cow::from))),
        ("value", Of::Text(|row| words(numbers(&row.value)))),
        ("bound", Of::Text(|row| words(numbers(&row.bound)))),
        ("extents", Of::Number(|row| row.extents)),
        ("free_extents", Of::Number(|row| row.free_extents)),
        ("extent_bytes", Of::Number(|row| row.extent_bytes)),
        ("error", Of::Text(|row| row.error.as_deref().map(Cow::from))),
        (
            "file",
            Of::Text(|row| row.error.as_ref().and(row.place.as_deref().map(Cow::from))),
        ),
        ("line", Of::Number(|row| row.line)),
        ("column", Of::Number(|row| row.column)),
        ("seconds", Of::Seconds(|row| row.took)),
        ("commands", Of::Text(|row| words(row.commands.join("\n")))),
    ]
}

/// Decimals of seconds, and digits in all.
const DECIMALS: i32 = 6;
const DIGITS: i32 = 18;

/// The schema of such a table.
fn schema() -> Result<Type> {
    let of_column = |(name, of)| {
        let column = |physical| {
            Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL)
        };
        let column = match of {
            Of::Text(_) => {
                column(Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String))
            }
            Of::Number(_) => {
                column(Physical::INT64).with_logical_type(Some(LogicalType::integer(64, false)))
            }
            Of::Seconds(_) => column(Physical::INT64)
                .with_logical_type(Some(LogicalType::decimal(DECIMALS, DIGITS)))
                .with_precision(DIGITS)
                .with_scale(DECIMALS),
        };
        column.build().map(Arc::new)
    };
    let columns = columns().into_iter().map(of_column);
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Type::group_type_builder("row").with_fields(columns).build()
}

/// Rows that are written together, and kept until then.
const GROUP: usize = 1 << 14;

/// A Parquet file that is written as rows come.
pub struct RowTable<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    rows: Vec<Row>,
}

impl<W: Write + Send> RowTable<W> {
    /// An empty table that goes to `out`.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn new(out: W) -> Result<RowTable<W>> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        Ok(RowTable {
            writer: SerializedFileWriter::new(out, Arc::new(schema()?), Arc::new(properties))?,
            rows: Vec::new(),
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// If rows cannot be written.
    pub fn put(&mut self, row: Row) -> Result<()> {
        self.rows.push(row);
        if self.rows.len() == GROUP {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is left, and the list of what is where, without which the file cannot be read.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn finish(mut self) -> Result<()> {
        if !self.rows.is_empty() {
            self.write()?;
        }
        self.writer.close().map(|_| ())
    }

    /// Writes the rows as a group, column by column in the order of the schema.
    fn write(&mut self) -> Result<()> {
        let rows = mem::take(&mut self.rows);
        let mut group = self.writer.next_row_group()?;
        for (_, of) in columns() {
            match of {
                Of::Text(of) => {
                    let text = |text: Cow<'_, str>| ByteArray::from(&*text);
                    write_column::<ByteArrayType>(
                        &mut group,
                        rows.iter().map(|row| of(row).map(text)),
                    )?;
                }
                Of::Number(of) => {
                    let numbers = rows.iter().map(|row| of(row).map(u64::cast_signed));
                    write_column::<Int64Type>(&mut group, numbers)?;
                }
                Of::Seconds(of) => {
                    let micros =
                        |took: Duration| i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
                    write_column::<Int64Type>(
                        &mut group,
                        rows.iter().map(|row| of(row).map(micros)),
                    )?;
                }
            }
        }
        group.close()?;
        Ok(())
    }
}

/// Writes the next column; what is not there is told by the definition levels, as Dremel has them.
fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<()> {
    let values: Vec<Option<T::T>> = values.collect();
    let is_there = values.iter().map(|value| i16::from(value.is_some()));
    let levels: Vec<i16> = is_there.collect();
    let values: Vec<T::T> = values.into_iter().flatten().collect();
    let column = group.next_column()?;
    let mut column = column.expect("as many as the schema has");
    column
        .typed::<T>()
        .write_batch(&values, Some(&levels), None)?;
    column.close()
}
