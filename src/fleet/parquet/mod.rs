//! Fleets and rows in Apache Parquet, as data platforms keep their tables; by the feature `parquet`.

#[cfg(not(feature = "parquet"))]
mod absent;
#[cfg(feature = "parquet")]
mod read;
#[cfg(feature = "parquet")]
mod write;

#[cfg(not(feature = "parquet"))]
pub(crate) use absent::items;
#[cfg(feature = "parquet")]
pub(crate) use read::items;
#[cfg(feature = "parquet")]
pub use write::RowTable;
