//! A fleet of hosts, each with a volume group whose holes lie where LVM2 leaves them.
//!
//! No states of real fleets are public. Here each host goes through a stream of creates, extends, removes and disks that are
//! added, all placed by LVM2's own allocator, until it is as full as was drawn for it; some are made unsafe at the end.
//! The same numbers give the same hosts on every machine, and a host depends on no other.

mod host;
mod requests;
mod stream;

pub use host::{FleetHost, FleetSettings, host};
pub use requests::{FleetRequest, fleet_requests};
