//! Work that several threads share: the only place that knows of threads.
//!
//! A program that brings threads of its own (`ThreadPool::install`) has its work done on those. Whoever calls
//! this crate as a library does it on threads that are kept for the process, and never on the pool that all
//! libraries of a process share: the threads of a parent are not in its child, where work for them would be
//! waited for without end.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::process;
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, PoisonError, TryLockError};
use std::thread;

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

/// What `work` makes of each item, told to `done` in the order of the items, of which no more than `window` are held at
/// once. Each of so many threads, as many as there are cores for 0, works on one item with what it makes of that on no
/// other thread; who is told is the caller's thread. Ends early where `done` says so.
///
/// # Errors
/// If the threads cannot be started.
pub fn in_order<I, R>(
    threads: usize,
    window: usize,
    items: I,
    work: impl Fn(I::Item) -> R + Sync,
    mut done: impl FnMut(R) -> ControlFlow<()>,
) -> io::Result<()>
where
    I: Iterator<Item: Send> + Send,
    R: Send,
{
    let count = match threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        given => given,
    };
    let pools = (0..count).map(|_| ThreadPoolBuilder::new().num_threads(1).build());
    let pools: Vec<ThreadPool> = pools.collect::<Result<_, _>>().map_err(io::Error::other)?;
    let queue = Queue {
        state: Mutex::new(QueueState {
            items: items.enumerate().fuse(),
            told: 0,
            has_ended: false,
        }),
        moved: Condvar::new(),
        window,
    };
    let (sender, results) = channel();
    thread::scope(|scope| {
        for pool in &pools {
            let (sender, queue, work) = (sender.clone(), &queue, &work);
            scope.spawn(move || {
                pool.install(|| {
                    // Also where `work` panics nobody is left waiting.
                    let ending = Ending(queue);
                    while let Some((index, item)) = queue.next() {
                        if sender.send((index, work(item))).is_err() {
                            break;
                        }
                    }
                    drop(sender);
                    std::mem::forget(ending);
                });
            });
        }
        drop(sender);
        let _ending = Ending(&queue);
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (index, result) in &results {
            early.insert(index, result);
            while let Some(result) = early.remove(&next) {
                if done(result).is_break() {
                    return;
                }
                next += 1;
                queue.tell(next);
            }
        }
    });
    Ok(())
}

/// Items that several threads take from, and how far they may get ahead.
struct Queue<I> {
    state: Mutex<QueueState<I>>,
    moved: Condvar,
    window: usize,
}

struct QueueState<I> {
    items: I,
    /// How many results were told.
    told: usize,
    has_ended: bool,
}

impl<I: Iterator<Item = (usize, T)>, T> Queue<I> {
    /// The next item, as soon as the window reaches it.
    fn next(&self) -> Option<(usize, T)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (index, item) = (!state.has_ended).then(|| state.items.next()).flatten()?;
        while !state.has_ended && index >= state.told + self.window {
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        (!state.has_ended).then_some((index, item))
    }
}

impl<I> Queue<I> {
    fn tell(&self, told: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.told = told;
        drop(state);
        self.moved.notify_all();
    }

    fn end(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.has_ended = true;
        drop(state);
        self.moved.notify_all();
    }
}

/// Ends a queue when it is dropped.
struct Ending<'q, I>(&'q Queue<I>);

impl<I> Drop for Ending<'_, I> {
    fn drop(&mut self) {
        self.0.end();
    }
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
    use std::sync::atomic::{AtomicUsize, Ordering};

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

    #[test]
    fn results_are_told_in_order_and_no_more_items_are_taken_than_the_window_holds() {
        let (taken, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut told: Vec<usize> = Vec::new();
        let items = (0..1_000).inspect(|_| {
            taken.fetch_add(1, Ordering::SeqCst);
        });
        let work = |item: usize| {
            // Some take longer than others.
            let slow = if item.is_multiple_of(97) { 3_000 } else { 1 };
            (0..slow).fold(item, |sum, one| std::hint::black_box(sum + one - one))
        };
        let done = |item| {
            let ahead = taken.load(Ordering::SeqCst) - told.len();
            most.fetch_max(ahead, Ordering::SeqCst);
            told.push(item);
            ControlFlow::Continue(())
        };
        in_order(4, 10, items, work, done).expect("threads");
        assert_eq!(told, (0..1_000).collect::<Vec<_>>());
        // Each thread may hold one that is not within yet.
        assert!(most.into_inner() <= 10 + 4);
    }

    #[test]
    fn who_is_told_can_end_it_and_a_panic_is_passed_on() {
        let mut told = 0;
        let done = |_| {
            told += 1;
            if told == 5 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        in_order(3, 8, 0.., |item: u64| item, done).expect("threads");
        assert_eq!(told, 5);
        let panicked = std::panic::catch_unwind(|| {
            let work = |item: u64| assert!(item != 7, "seven");
            in_order(2, 4, 0..1_000, work, |()| ControlFlow::Continue(()))
        });
        assert!(panicked.is_err());
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
