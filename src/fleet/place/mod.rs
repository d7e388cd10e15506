//! Which host for which volume: all requests over all hosts at once, with a bound on the value.
//!
//! What a host can hold is first told by sums over its sources ([`hosts`]): rows that every set of volumes obeys, whatever
//! their layout. With a price on every request each host chooses by itself ([`knapsack`]), so that a round is one pass over
//! all hosts, those in one state asked once; the prices paid and what all hosts choose are together a bound for the fleet
//! (Lagrange; Held and Karp's steps, [`prices`]). A placement is made greedily, then mended host by host ([`choose`]), and
//! every host's layout is planned and checked as any other plan ([`layouts`]); what a host does not hold together is learnt
//! ([`conflict`]), and chosen anew around.

mod answer;
mod book;
mod build;
mod choose;
mod conflict;
mod hosts;
mod knapsack;
mod layouts;
mod names;
mod prices;
mod report;
mod run;
mod told;

pub use answer::{HostPlaced, Placement, RequestPlaced, placement_schema};
pub use book::Then;
pub use hosts::{PlaceHost, place_hosts};
pub use run::{PlaceQuestion, place};
