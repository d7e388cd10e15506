//! Questions about a pool as their users put them, and the answers as they are told: texts in, texts out, with no file,
//! clock or terminal.
//!
//! This is what the program and the bindings of other languages share, and the one place above `lvm` that knows of a
//! volume manager: a pool is recognised by its content ([`Pool::read`]), requests become a problem ([`Parts::of`]),
//! answers get commands ([`plan`]), and what is wrong is said with its place ([`Fault`]).

mod apart;
mod audit;
mod built;
mod capacity;
mod check;
mod fault;
mod faults;
mod lvm2_layout;
mod outcome;
mod parts;
mod pictures;
mod plan;
mod planned;
mod pool;
mod rearrange;
mod redundant;
mod reports;
mod schema;
mod settings;
mod short;
mod sizes;
mod task;
mod text;
mod unpack;
mod verdict;
mod volume_json;
mod volume_tree;
mod with_commands;

pub use apart::safest;
pub use audit::{audit, audit_json, audit_outcome, audit_text};
pub use capacity::{
    Capacity, CapacityAnswer, CapacityQuestion, GroupModel, Outlook, Survival, outlook, survive,
};
pub use check::{Verdict, check};
pub use fault::Fault;
pub use outcome::Outcome;
pub use parts::{Parts, Rest};
pub use plan::{plan, plan_part};
pub use planned::{AllPlanned, Planned};
pub use pool::{InOrder, Pool, Settled};
pub use rearrange::{Rearrange, RearrangeQuestion, Told};
pub(crate) use reports::facts;
pub use reports::{Made, audit_report, compare_report, pool_report, unanswered};
pub use schema::{audit_schema, capacity_schema, moves_schema, volumes_schema};
pub use settings::SettingsQuestion;
pub use short::Short;
pub use sizes::rate;
pub use task::{GroupTask, NotMade, Requests, Task, Typed};
pub use text::{pool_text, text};
pub use unpack::unpacking;
pub use verdict::{outcome, verdict};
pub use volume_json::volumes_json;
pub use volume_tree::volume_tree;
