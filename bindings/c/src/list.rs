//! Lists and structures of the caller, read without trust.
#![allow(unsafe_code, reason = "what C hands in are pointers")]

use std::ffi::{CStr, c_char};
use std::mem::offset_of;

use crate::fault::Fault;
use crate::types::{DmList, DmStrList};

/// Whether something can lie at an address.
pub(crate) fn place<T>(pointer: *const T, what: &'static str) -> Result<(), Fault> {
    if pointer.is_null() {
        return Err(Fault::Null(what));
    }
    match pointer.is_aligned() {
        true => Ok(()),
        false => Err(Fault::Misaligned(what)),
    }
}

/// The structure at an address.
///
/// # Safety
/// The address is NULL, or that of such a structure, which stays as it is while the reference is in use.
pub(crate) unsafe fn at<'a, T>(pointer: *const T, what: &'static str) -> Result<&'a T, Fault> {
    place(pointer, what)?;
    // SAFETY: neither NULL nor misaligned; the rest is promised by the caller.
    Ok(unsafe { &*pointer })
}

/// The members of a list, each found by where in it its link lies. A head that is all zero has none.
///
/// Each step has to lead back to where it came from. So no member is reached on two ways, and a walk through a
/// list that runs into itself, ends in NULL or crosses another one ends with an error, behind which there is nothing.
///
/// # Safety
/// The head is NULL or that of a list, and where its links lead there are lists, inside of structures `T`, which stay as they
/// are while the iterator and its members are in use.
pub(crate) unsafe fn members<'a, T: 'a>(
    head: *const DmList,
    link: usize,
    what: &'static str,
) -> Result<impl Iterator<Item = Result<&'a T, Fault>>, Fault> {
    // SAFETY: promised by the caller.
    let first = unsafe { at(head, what) }?;
    let is_empty = first.n.is_null() && first.p.is_null();
    let mut here = (!is_empty).then_some((head, first));
    let mut member = 0;
    Ok(std::iter::from_fn(move || {
        let (before, links) = here.take()?;
        let next = links.n.cast_const();
        let broken = Fault::BrokenList { list: what, member };
        if next.is_null() || !next.is_aligned() {
            return Some(Err(broken));
        }
        // SAFETY: neither NULL nor misaligned; that a list lies there is promised by the caller.
        let links: &DmList = unsafe { &*next };
        if !std::ptr::eq(links.p, before) {
            return Some(Err(broken));
        }
        if std::ptr::eq(next, head) {
            return None;
        }
        here = Some((next, links));
        member += 1;
        // SAFETY: that a link lies in a structure is promised by the caller.
        Some(unsafe { at(next.wrapping_byte_sub(link).cast::<T>(), what) })
    }))
}

/// A word of the caller.
///
/// # Safety
/// NULL, or the address of a text that ends with a zero.
pub(crate) unsafe fn word(text: *const c_char, what: &'static str) -> Result<String, Fault> {
    if text.is_null() {
        return Err(Fault::Null(what));
    }
    // SAFETY: not NULL; that it ends is promised by the caller.
    let text = unsafe { CStr::from_ptr(text) };
    let text = text.to_str().map_err(|_| Fault::NotText(what))?;
    Ok(text.to_string())
}

/// The words of a list; `one` is what each of them is called.
///
/// # Safety
/// As [`members`] and [`word`].
pub(crate) unsafe fn words(
    head: *const DmList,
    what: &'static str,
    one: &'static str,
) -> Result<impl Iterator<Item = Result<String, Fault>>, Fault> {
    // SAFETY: promised by the caller.
    let members = unsafe { members::<DmStrList>(head, offset_of!(DmStrList, list), what) }?;
    // SAFETY: promised by the caller.
    Ok(members.map(move |member| unsafe { word(member?.str, one) }))
}
