//! Work that several threads share: the only place that knows of threads.
//!
//! A program that brings threads of its own (`ThreadPool::install`) has its work done on those. Whoever calls
//! this crate as a library does it on threads that are kept for the process, and never on the pool that all
//! libraries of a process share: the threads of a parent are not in its child, where work for them would be
//! waited for without end.

use std::io;
use std::process;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// What `work` makes of each item, in their order.
pub(crate) fn map<I, R>(items: I, work: impl Fn(I::Item) -> R + Send + Sync) -> Vec<R>
where
    I: IntoIterator<Item: Send>,
    R: Send,
{
    let items: Vec<I::Item> = items.into_iter().collect();
    match Threads::for_items(items.len()) {
        Threads::Here => items.into_par_iter().map(work).collect(),
        Threads::Kept(pool) => pool.install(|| items.into_par_iter().map(work).collect()),
        Threads::None => items.into_iter().map(work).collect(),
    }
}

/// The first thing that `work` makes of an item, by the order of the items.
pub(crate) fn first<I, R>(items: I, work: impl Fn(I::Item) -> Option<R> + Send + Sync) -> Option<R>
where
    I: IntoIterator<Item: Send>,
    R: Send,
{
    let items: Vec<I::Item> = items.into_iter().collect();
    match Threads::for_items(items.len()) {
        Threads::Here => items.into_par_iter().find_map_first(work),
        Threads::Kept(pool) => pool.install(|| items.into_par_iter().find_map_first(work)),
        Threads::None => items.into_iter().find_map(work),
    }
}

/// Does `work` on so many threads of its own, as many as there are cores for 0.
///
/// # Errors
/// If the threads cannot be started.
pub fn on_threads<R: Send>(count: usize, work: impl FnOnce() -> R + Send) -> io::Result<R> {
    let pool = ThreadPoolBuilder::new().num_threads(count).build();
    Ok(pool.map_err(io::Error::other)?.install(work))
}

/// Who does the work.
enum Threads {
    /// Those among which this one is already.
    Here,
    /// Those that are kept for the process.
    Kept(Arc<ThreadPool>),
    /// This one alone: there is nothing to share, or no others can be had.
    None,
}

/// Threads, and the process that they live in.
type Kept = Mutex<Option<(u32, Arc<ThreadPool>)>>;

static KEPT: Kept = Mutex::new(None);

impl Threads {
    fn for_items(count: usize) -> Threads {
        if count < 2 {
            return Threads::None;
        }
        match rayon::current_thread_index() {
            Some(_) => Threads::Here,
            None => Threads::of(process::id(), &KEPT),
        }
    }

    fn of(process: u32, kept: &Kept) -> Threads {
        let mut kept = match kept.try_lock() {
            Ok(kept) => kept,
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            // Held for a moment by another thread, or for ever by one that a child does not have.
            Err(TryLockError::WouldBlock) => return Threads::started(),
        };
        if let Some((owner, pool)) = &*kept
            && *owner == process
        {
            return Threads::Kept(Arc::clone(pool));
        }
        let started = Threads::started();
        if let Threads::Kept(pool) = &started {
            let parents = kept.replace((process, Arc::clone(pool)));
            // To end threads that are not there would be to wait for them.
            std::mem::forget(parents);
        }
        started
    }

    fn started() -> Threads {
        let pool = ThreadPoolBuilder::new().build();
        pool.map_or(Threads::None, |pool| Threads::Kept(Arc::new(pool)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_out_comes_back_in_order_from_whatever_threads() {
        let squares = || map(0..100u64, |item| item * item);
        let by_one: Vec<u64> = (0..100).map(|item| item * item).collect();
        assert_eq!(squares(), by_one);
        let own = ThreadPoolBuilder::new().num_threads(2).build();
        assert_eq!(own.expect("two threads").install(squares), by_one);
        let found = first(0..100u64, |item| (item % 7 == 6).then_some(item));
        assert_eq!(found, Some(6));
    }

    /// Which pool it is, if any.
    fn pool(threads: &Threads) -> Option<*const ThreadPool> {
        match threads {
            Threads::Kept(pool) => Some(Arc::as_ptr(pool)),
            Threads::Here | Threads::None => None,
        }
    }

    #[test]
    fn threads_are_kept_for_a_process_and_another_one_gets_its_own() {
        let kept = Kept::default();
        let parents = Threads::of(1, &kept);
        assert!(pool(&parents).is_some());
        assert_eq!(pool(&Threads::of(1, &kept)), pool(&parents));
        let childs = Threads::of(2, &kept);
        assert!(pool(&childs).is_some() && pool(&childs) != pool(&parents));
        assert_eq!(pool(&Threads::of(2, &kept)), pool(&childs));
    }

    #[test]
    fn a_lock_that_nobody_will_give_back_is_not_waited_for() {
        let kept = Kept::default();
        let _held = kept.lock();
        assert!(pool(&Threads::of(1, &kept)).is_some());
    }
}
