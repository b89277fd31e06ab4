// SPDX-License-Identifier: MIT
//! Copies a file with up to eight operations in flight. It calls the wrapper's exported functions,
//! with rustc alone:
//!
//!     rustc --edition 2021 -O examples/copy.rs -L native=.libs
//!     LD_LIBRARY_PATH=.libs ./copy FROM TO

use std::ffi::CStr;
use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::os::raw::{c_char, c_int, c_uint, c_void};
use std::os::unix::io::AsRawFd;
use std::ptr::null_mut;

/// A completion, as the kernel writes it.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Completion {
    user_data: u64,
    result: i32,
    flags: u32,
}

#[link(name = "ringshim-uring")]
extern "C" {
    fn uring_struct_size() -> usize;
    fn uring_init(ring: *mut c_void, params: *mut c_void, entries: c_uint) -> c_int;
    fn uring_destroy(ring: *mut c_void);
    fn uring_why_failed(error: c_int) -> c_int;
    fn uring_why_text(why: c_int) -> *const c_char;
    fn uring_read(
        ring: *mut c_void,
        user_data: u64,
        fd: c_int,
        to: *mut c_void,
        size: usize,
        offset: u64,
    ) -> *mut c_void;
    fn uring_write(
        ring: *mut c_void,
        user_data: u64,
        fd: c_int,
        from: *const c_void,
        size: usize,
        offset: u64,
    ) -> *mut c_void;
    fn uring_submit(ring: *mut c_void, wait: c_uint, limit: *mut c_void) -> c_int;
    fn uring_copy_cqes(
        ring: *mut c_void,
        to: *mut Completion,
        room: c_uint,
        wait: c_uint,
        limit: *mut c_void,
    ) -> c_int;
}

const IN_FLIGHT: usize = 8;
const PART: usize = 16384;
const EINTR: c_int = 4;

/// A ring. It is for the thread that made it.
struct Ring {
    // To a program that cannot read the header, a ring is just bytes, aligned as this is.
    memory: Vec<u128>,
    in_flight: usize,
}

impl Ring {
    fn new(entries: u32) -> Result<Ring> {
        let size = unsafe { uring_struct_size() };
        let mut memory = vec![0u128; size / 16 + 1];
        match unsafe { uring_init(memory.as_mut_ptr().cast(), null_mut(), entries) } {
            0 => Ok(Ring {
                memory,
                in_flight: 0,
            }),
            error => {
                let why = unsafe { CStr::from_ptr(uring_why_text(uring_why_failed(error))) };
                Err(Error::new(ErrorKind::Unsupported, why.to_string_lossy()))
            }
        }
    }

    fn pointer(&mut self) -> *mut c_void {
        self.memory.as_mut_ptr().cast()
    }

    /// Submits what is queued, and waits for at least one completion.
    fn wait(&mut self, done: &mut [Completion]) -> Result<usize> {
        loop {
            let ret = match unsafe { uring_submit(self.pointer(), 0, null_mut()) } {
                ret if ret < 0 => ret,
                _ => unsafe {
                    uring_copy_cqes(
                        self.pointer(),
                        done.as_mut_ptr(),
                        done.len() as c_uint,
                        1,
                        null_mut(),
                    )
                },
            };
            match ret {
                ret if ret >= 0 => {
                    self.in_flight -= ret as usize;
                    return Ok(ret as usize);
                }
                ret if ret == -EINTR => continue,
                ret => return Err(Error::from_raw_os_error(-ret)),
            }
        }
    }
}

impl Drop for Ring {
    /// The kernel uses the memory of an operation until that has completed.
    fn drop(&mut self) {
        while self.in_flight > 0 && self.wait(&mut [Completion::default(); IN_FLIGHT]).is_ok() {}
        unsafe { uring_destroy(self.pointer()) }
    }
}

/// A part of the file, which is read and then written.
struct Part {
    data: Vec<u8>,
    offset: u64,
    writing: bool,
}

fn queue(ring: &mut Ring, key: usize, part: &mut Part, from: &File, to: &File) {
    let (data, size) = (part.data.as_mut_ptr().cast(), part.data.len());
    let entry = unsafe {
        if part.writing {
            uring_write(
                ring.pointer(),
                key as u64,
                to.as_raw_fd(),
                data,
                size,
                part.offset,
            )
        } else {
            uring_read(
                ring.pointer(),
                key as u64,
                from.as_raw_fd(),
                data,
                size,
                part.offset,
            )
        }
    };
    assert!(!entry.is_null(), "the ring has room for all parts");
    ring.in_flight += 1;
}

fn failure(text: &str) -> Error {
    Error::new(ErrorKind::Other, text)
}

/// Returns an error if a part was not read or written as a whole.
fn check(part: &Part, result: i32) -> Result<()> {
    match result {
        result if result < 0 => Err(Error::from_raw_os_error(-result)),
        result if result as usize == part.data.len() => Ok(()),
        result => Err(failure(&format!(
            "{} bytes of {} at {}",
            result,
            part.data.len(),
            part.offset
        ))),
    }
}

fn copy(from: &File, to: &File) -> Result<usize> {
    let (size, mut next, mut most) = (from.metadata()?.len(), 0, 0);
    // Dropped after the ring, whose operations use them.
    let mut parts: [Option<Part>; IN_FLIGHT] = Default::default();
    let mut ring = Ring::new(IN_FLIGHT as u32)?;

    loop {
        for (key, place) in parts.iter_mut().enumerate() {
            if place.is_none() && next < size {
                let length = PART.min((size - next) as usize);
                let part = place.insert(Part {
                    data: vec![0; length],
                    offset: next,
                    writing: false,
                });
                queue(&mut ring, key, part, from, to);
                next += length as u64;
            }
        }
        if ring.in_flight == 0 {
            return Ok(most);
        }
        most = most.max(ring.in_flight);
        let mut done = [Completion::default(); IN_FLIGHT];
        let count = ring.wait(&mut done)?;
        for completion in &done[..count] {
            let key = completion.user_data as usize;
            let part = parts[key].as_mut().expect("a part is in flight");
            check(part, completion.result)?;
            if part.writing {
                parts[key] = None;
            } else {
                part.writing = true;
                queue(&mut ring, key, part, from, to);
            }
        }
    }
}

fn main() -> Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();

    if names.len() != 2 {
        return Err(failure("usage: copy FROM TO"));
    }
    let most = copy(&File::open(&names[0])?, &File::create(&names[1])?)?;
    println!("{} operations in flight", most);
    Ok(())
}
