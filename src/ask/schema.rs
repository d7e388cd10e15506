//! The JSON Schemas of what is told.

use crate::ask::audit::Report;
use crate::ask::capacity::raw::RawAnswers;
use crate::ask::rearrange::answer_json::RawMoves;
use crate::ask::volume_json::RawVolumes;
use crate::json::written_schema_text;

/// Of an audit.
#[must_use]
pub fn audit_schema() -> String {
    written_schema_text::<Report>("extentplan/audit/1")
}

/// Of answers about capacity.
#[must_use]
pub fn capacity_schema() -> String {
    written_schema_text::<RawAnswers>("extentplan/capacity/1")
}

/// Of answers about moves.
#[must_use]
pub fn moves_schema() -> String {
    written_schema_text::<RawMoves>("extentplan/moves/1")
}

/// Of the logical volumes of a group.
#[must_use]
pub fn volumes_schema() -> String {
    written_schema_text::<RawVolumes>("extentplan/volumes/1")
}
