//! Questions asked of `solve`: how large, how many, what to add, why not, what if, when.
//!
//! Every answer says what is proven and what is only a bound. This room knows sources and requests;
//! where what goes along with a request depends on its size, the caller says how ([`Model`]).

mod add;
mod ask;
mod bounds;
mod buy;
mod conflict;
mod edit;
mod forecast;
mod largest;
mod many;
mod model;
mod remedy;
mod smallest;
mod survive;
mod why;

pub use add::what_to_add;
pub use ask::{Layout, Refusal};
pub use buy::Purchase;
pub use conflict::{MinimalConflict, Part, Rule, minimal_conflict, restricted};
pub use edit::{Edit, EditError, edited};
pub use forecast::{Failing, Forecast, MONTHS_BOUGHT, Month, forecast};
pub use largest::{Largest, Simpler, largest};
pub use many::{More, Prefer, how_many, which_fit};
pub use model::{Change, Fixed, Model};
pub use remedy::{Remedy, Repair, rank};
pub use survive::{Aftermath, Failure, Group, Redundant, enough_for_each, survive};
pub use why::{Fit, Held, WhyNot, why_not};
