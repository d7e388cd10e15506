//! Fleets: the same question of many volume groups, one after another in bounded memory.
//!
//! A fleet is read from folders, files and lines ([`Sources`]), each pool of it is asked by itself ([`ask_each`]) and gives
//! a row ([`Row`]); what is wrong with a pool is a row, too. Rows come out in the order of the input, whatever the number of
//! threads.

mod item;
mod line;
mod mirror;
mod parquet;
mod place;
mod question;
mod request;
mod row;
mod source;
mod summary;

pub use item::Item;
pub use line::{PoolLine, PoolText, pool_schema};
pub use mirror::LargestMirror;
#[cfg(feature = "parquet")]
pub use parquet::RowTable;
pub use place::{
    HostPlaced, PlaceHost, PlaceQuestion, Placement, RequestPlaced, Then, place, place_hosts,
    placement_schema,
};
pub use question::{Clock, FleetQuestion, Manner, ask_each};
pub use request::{PlaceLine, Spread, read_requests, request_schema};
pub use row::{Row, RowFormat, row_schema};
pub use source::Sources;
pub use summary::Summary;
