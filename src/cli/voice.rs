//! Who may write results: the work, until a limit ran out.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held while a result is written.
static VOICE: Mutex<Voice> = Mutex::new(Voice::Free);

/// Who may write results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// Nothing was written so far.
    Free,
    /// The work wrote something.
    Used,
    /// A limit ran out: the work is not listened to any more.
    Silenced,
}

/// Writes with nobody else writing, unless the run has ended: then never comes back.
pub(crate) fn speak<T>(write: impl FnOnce() -> T) -> T {
    let mut voice = voice_of(&VOICE);
    if *voice == Voice::Silenced {
        drop(voice);
        loop {
            std::thread::park();
        }
    }
    *voice = Voice::Used;
    write()
}

/// Silences the work. Where it has said nothing so far its voice is returned, and held until the last word
/// is said.
pub(crate) fn silence() -> Option<MutexGuard<'static, Voice>> {
    let mut voice = voice_of(&VOICE);
    let has_spoken = *voice == Voice::Used;
    *voice = Voice::Silenced;
    (!has_spoken).then_some(voice)
}

fn voice_of(voice: &Mutex<Voice>) -> MutexGuard<'_, Voice> {
    voice.lock().unwrap_or_else(PoisonError::into_inner)
}
