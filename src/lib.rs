//! Plans where storage goes, and proves that there is no better place.
//!
//! Sources have free extents. Requests want some: so many stripes, copies and parity legs, kept apart
//! in this way, placed under that policy. A plan says for each leg of each request which extents it
//! gets. [`solve::solve`] returns the best plan with a proof, or a plan with a bound, or a reason why
//! there is none.
//!
//! # Example
//!
//! Thirty extents, wherever they fit, from a source whose extents 0-99 and 200-249 are free; within ten seconds:
//!
//! ```
//! use std::time::Duration;
//!
//! use extentplan::core::{Answer, Area, Limits, Policy, Problem, Request, Source};
//! use extentplan::solve::{Strategy, solve};
//!
//! let source = Source {
//!     name: "disk".to_string(),
//!     extents: 250,
//!     free: [Area::new(0, 100), Area::new(200, 50)].into_iter().flatten().collect(),
//!     ..Source::default()
//! };
//! let request = Request {
//!     policy: Policy::Anywhere,
//!     ..Request::linear("data", 30)
//! };
//! let problem = Problem::new(vec![source], vec![request], Vec::new()).expect("no defects");
//!
//! let clock = Limits::within(Duration::from_secs(10));
//! let answer = solve(&problem, &Strategy::default(), &clock.limits())?;
//! let Answer::Best { plan, cost, .. } = answer else { panic!("there is room") };
//! assert_eq!(cost.0, [1, 1]); // one segment, on one source
//! let legs = &plan.allocations[0].as_ref().expect("placed").legs;
//! let segment = legs[0][0];
//! assert!(segment.area.start() == 0 || segment.area.start() == 200);
//! assert_eq!(segment.area.count(), 30);
//! # Ok::<(), extentplan::solve::SolveError>(())
//! ```
//!
//! # Rooms
//!
//! | room | what it does |
//! | --- | --- |
//! | [`core`] | what is asked, answered, right and good; knows no file and no volume manager |
//! | [`greedy`] | the allocator that LVM2 has, step for step |
//! | [`search`] | bounds, candidate layouts in parallel, exact search |
//! | [`ip`] | integer programs: compiled, solved by a backend, written as LP and MPS text |
//! | [`solve`] | asks the three above in turn; checks every plan and every reason before it leaves |
//! | [`capacity`] | questions asked of `solve`: how large, how many, what to add, why not, when |
//! | [`rearrange`] | moving what exists: the least copying that empties or shrinks sources, puts legs apart or makes room |
//! | [`json`] | problems and plans as JSON |
//! | [`lvm`] | LVM2: metadata and commands in, commands out, and how LVM2 itself would do it |
//! | [`scenario`] | what if: a file of changes to a pool, and of growth |
//! | [`show`] | plans for people |
//! | [`fleet`] | the same question of many volume groups, in bounded memory |
//! | [`generate`] | problems made by rule and seed |
//! | [`ask`] | questions about a pool as their users put them: texts in, commands, proofs and JSON out |
//! | [`guide`] | what people want done, and what to type for it |
//! | [`cli`] | the program, one file per subcommand |
//!
//! The rooms are kept apart: which may use which stands in one table, in `tests/architecture/main.rs`. Files
//! import each other in no circle.

pub mod ask;
pub mod capacity;
#[cfg(feature = "cli")]
pub mod cli;
pub mod core;
pub mod fleet;
pub mod generate;
pub mod greedy;
pub mod guide;
pub mod ip;
pub mod json;
pub mod lvm;
pub mod rearrange;
pub mod scenario;
pub mod search;
pub mod show;
pub mod solve;
