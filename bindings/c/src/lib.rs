//! The planner for C. What is here is what C calls; the header says what each promises.
#![allow(unsafe_code, reason = "what C hands in are pointers")]

mod ask;
mod door;
mod fault;
mod list;
mod memory;
mod read;
mod state;
mod types;

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

use door::caught;
use fault::Fault;
use memory::Memory;
use state::State;
pub use types::*;

/// What allocates, and remembers what was committed. One thread at a time may use it.
pub struct AllocHandle {
    /// Whether a call is under way: another one, from a callback or a second thread, does nothing.
    is_busy: AtomicBool,
    /// Whether that was to end the handle meanwhile.
    is_kept: AtomicBool,
    log: UnsafeCell<(AllocLogFn, *mut c_void)>,
    state: UnsafeCell<State>,
}

/// What a log hears where a handle was to be ended inside of a call of the same.
const KEPT: &CStr = c"alloc_destroy did nothing: it was called inside of a call of the same handle";

/// Does `work` with a handle, if that is free; what it said goes to the caller's log before it is free again.
///
/// # Safety
/// The handle is NULL or one that was created and not destroyed.
unsafe fn with<T>(
    handle: *mut AllocHandle,
    work: impl FnOnce(&mut State) -> Result<T, Fault>,
) -> Option<T> {
    // SAFETY: promised by the caller.
    let handle = unsafe { list::at(handle, "the handle") }.ok()?;
    if handle.is_busy.swap(true, Ordering::Acquire) {
        return None;
    }
    // SAFETY: who is busy is alone with the state, until that is told.
    let (state, log) = unsafe { (&mut *handle.state.get(), *handle.log.get()) };
    let done = caught(|| work(&mut *state)).unwrap_or_else(|panic| Err(Fault::Mistake(panic)));
    let (done, messages) = caught(|| {
        let done = done.map_err(|fault| state.fail(&fault)).ok();
        if done.is_some() && !state.error.is_empty() {
            state.error = CString::default();
        }
        (done, state.take_messages())
    })
    .unwrap_or_default();
    if let (Some(hear), data) = log {
        for (level, message) in &messages {
            // SAFETY: the caller promised that this function takes these.
            unsafe { hear(data, *level, message.as_ptr()) };
        }
        if handle.is_kept.load(Ordering::Relaxed) {
            // SAFETY: see above.
            unsafe { hear(data, ALLOC_LOG_ERROR, KEPT.as_ptr()) };
        }
    }
    handle.is_kept.store(false, Ordering::Relaxed);
    handle.is_busy.store(false, Ordering::Release);
    done
}

fn create(memory: Memory) -> *mut AllocHandle {
    let create = || {
        Box::into_raw(Box::new(AllocHandle {
            is_busy: AtomicBool::new(false),
            is_kept: AtomicBool::new(false),
            log: UnsafeCell::new((None, null_mut())),
            state: UnsafeCell::new(State::new(memory)),
        }))
    };
    caught(create).unwrap_or(null_mut())
}

/// A new handle. With a struct dm_pool results lie in the pool, without one in the handle. NULL where there is a pool and
/// libdevmapper is no part of the program.
///
/// With libdevmapper.h included before this header, it is the caller's own dm_pool_alloc that is used.
///
/// # Safety
/// `mem` is NULL or a pool that outlives the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_create(mem: *mut DmPool) -> *mut AllocHandle {
    if mem.is_null() {
        return create(Memory::Own);
    }
    unsafe extern "C" {
        fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    }
    // SAFETY: NULL are all libraries of the program, the name ends with a zero.
    let found = unsafe { dlsym(null_mut(), c"dm_pool_alloc".as_ptr()) };
    // SAFETY: NULL is no function, and dm_pool_alloc takes a pool and a size and returns memory.
    let allocate = unsafe { std::mem::transmute::<*mut c_void, AllocMemoryFn>(found) };
    match allocate {
        Some(_) => create(Memory::Arena(mem.cast(), allocate)),
        None => null_mut(),
    }
}

/// A new handle whose results lie where `allocate` says. NULL without such a function.
///
/// # Safety
/// The arena is what the function takes, and outlives the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_create_in(
    arena: *mut c_void,
    allocate: AllocMemoryFn,
) -> *mut AllocHandle {
    match allocate {
        Some(_) => create(Memory::Arena(arena, allocate)),
        None => null_mut(),
    }
}

/// Ends a handle, and the results that lie in it. Nothing for NULL. Threads that the library started stay for the calls of
/// other handles until the program ends.
///
/// Inside of a call of the same handle, from its log or its arena, it does nothing either: the log hears of it, and the
/// handle still has to be destroyed after that call.
///
/// # Safety
/// The handle is NULL or one that was created and not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_destroy(ah: *mut AllocHandle) {
    // SAFETY: promised by the caller.
    let Ok(handle) = (unsafe { list::at(ah, "the handle") }) else {
        return;
    };
    if handle.is_busy.swap(true, Ordering::Acquire) {
        handle.is_kept.store(true, Ordering::Relaxed);
        return;
    }
    // SAFETY: made of a box, and nobody is busy with it.
    let _ = caught(|| drop(unsafe { Box::from_raw(ah) }));
}

/// Allocates what a request wants. 1, and *result is what was allocated; or 0, *result is NULL, and alloc_error says why.
///
/// Neither the request nor its lists are changed. Two calls give the same extents unless the first result is committed, or
/// the caller's lists have changed.
///
/// # Safety
/// Pointers that are not NULL lead to what they are said to lead to, texts end with a zero, lists are initialised or all
/// zero. Everything else is looked at, and refused where it is wrong: lists that are broken, run into themselves or cross each
/// other, areas that overlap or are empty, numbers of any size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_allocate(
    ah: *mut AllocHandle,
    req: *const AllocRequest,
    result: *mut *mut AllocResult,
) -> c_int {
    let work = |state: &mut State| {
        list::place(result, "the place for the result")?;
        // SAFETY: promised by the caller.
        let given = unsafe { read::request(req) }?;
        state.allocate(&given)
    };
    // SAFETY: promised by the caller.
    let found = unsafe { with(ah, work) };
    if !result.is_null() && result.is_aligned() {
        // SAFETY: neither NULL nor misaligned; that there is a place is promised by the caller.
        unsafe { result.write(found.unwrap_or(null_mut())) };
    }
    c_int::from(found.is_some())
}

/// What a result holds is not given out again by this handle, whatever the lists of later requests say. 0 where part of it
/// is committed already, or it is no result of this handle.
///
/// Sources are known by their handles; those without by their addresses.
///
/// # Safety
/// The handle is NULL or one that was created and not destroyed. The result is compared, not followed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_commit(ah: *mut AllocHandle, result: *const AllocResult) -> c_int {
    // SAFETY: promised by the caller.
    let done = unsafe { with(ah, |state| state.commit(result)) };
    c_int::from(done.is_some())
}

/// Ends all results of a handle; what was committed stays committed. A handle that is kept needs it now and then.
/// 0 inside of a call of the same handle.
///
/// # Safety
/// The handle is NULL or one that was created and not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_reset(ah: *mut AllocHandle) -> c_int {
    let work = |state: &mut State| {
        state.reset();
        Ok(())
    };
    // SAFETY: promised by the caller.
    let done = unsafe { with(ah, work) };
    c_int::from(done.is_some())
}

/// Why the last call of this handle returned 0, as one line; empty where it did not. Good until the next call.
///
/// "impossible: .." is proven: there is no such layout.
///
/// # Safety
/// The handle is NULL or one that was created and not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_error(ah: *mut AllocHandle) -> *const c_char {
    // SAFETY: promised by the caller.
    let Ok(handle) = (unsafe { list::at(ah, "the handle") }) else {
        return c"there is no handle".as_ptr();
    };
    if handle.is_busy.swap(true, Ordering::Acquire) {
        return c"the handle is busy".as_ptr();
    }
    // SAFETY: who is busy is alone with the state.
    let error = unsafe { (*handle.state.get()).error.as_ptr() };
    handle.is_busy.store(false, Ordering::Release);
    error
}

/// Sends messages to a function, in the thread of the call that they are about, before it returns; NULL: to nobody.
///
/// Until that call has returned the handle is busy: each function that is called with it from inside of the log returns 0
/// and does nothing, and alloc_error says "the handle is busy". Other handles may be used.
///
/// # Safety
/// The function takes `data`, for as long as the handle has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_set_log(
    ah: *mut AllocHandle,
    log: AllocLogFn,
    data: *mut c_void,
) -> c_int {
    let work = |state: &mut State| {
        state.is_heard = log.is_some();
        // SAFETY: the handle was found to be one, and who is busy is alone with it.
        unsafe { (*ah).log.get().write((log, data)) };
        Ok(())
    };
    // SAFETY: promised by the caller.
    let done = unsafe { with(ah, work) };
    c_int::from(done.is_some())
}

/// ALLOC_BEST or ALLOC_AS_LVM2.
///
/// # Safety
/// The handle is NULL or one that was created and not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_set_mode(ah: *mut AllocHandle, mode: c_int) -> c_int {
    // SAFETY: promised by the caller.
    let done = unsafe { with(ah, |state| state.set_mode(mode)) };
    c_int::from(done.is_some())
}

/// A call ends after so many milliseconds, with the best that it has by then; 0: each method ends after its own work.
///
/// # Safety
/// The handle is NULL or one that was created and not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_set_time_limit(ah: *mut AllocHandle, milliseconds: u64) -> c_int {
    let work = |state: &mut State| {
        state.set_time_limit(milliseconds);
        Ok(())
    };
    // SAFETY: promised by the caller.
    let done = unsafe { with(ah, work) };
    c_int::from(done.is_some())
}

/// How good a result is, and how good any could be.
///
/// # Safety
/// The handle is NULL or one that was created and not destroyed, `bound` is NULL or a place for one. The result is compared,
/// not followed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alloc_result_bound(
    ah: *mut AllocHandle,
    result: *const AllocResult,
    bound: *mut AllocBound,
) -> c_int {
    let work = |state: &mut State| {
        list::place(bound, "the place for the bound")?;
        state.bound(result)
    };
    // SAFETY: promised by the caller.
    let Some(found) = (unsafe { with(ah, work) }) else {
        return 0;
    };
    // SAFETY: found to be neither NULL nor misaligned.
    unsafe { bound.write(found) };
    1
}

/// The version of this library, such as "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn alloc_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
