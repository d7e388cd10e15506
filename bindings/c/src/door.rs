//! No panic passes the border to C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` returns, or where it panics, what the panic says.
///
/// What it works with may be left half done: all that is read of it afterwards is whole at each step.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let says = said(panic.as_ref());
        // What a panic carries may itself panic where it is let go.
        std::mem::forget(panic);
        says
    })
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a word").to_string()
}
