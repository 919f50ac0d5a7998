//! What this program holds of memory it does not use. The C library keeps an arena for each thread and gives
//! freed pages back only from their ends (malloc_trim(3), mallopt(3)): a minute that was packed, or a table
//! of the past that was shown, would count as Ira's for ever.
#![allow(unsafe_code)]

/// Has all threads share their free memory. Before the first of them starts.
pub fn share_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes two numbers; no memory of ours is involved.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Gives pages that are not used back to the system; about a millisecond.
pub fn give_back_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: touches free memory only, under the locks of the allocator.
    unsafe {
        libc::malloc_trim(0);
    }
}
