//! Stands in for the crate `c99` of the same version: the integer types that `softfloat-sys` uses, which exists for x86-64
//! Linux only. The published crate finds them out with a C program built by CMake.

#![no_std]
#![allow(non_camel_case_types)]

// glibc's "fast" types of 32 bits are as wide as a register, musl's are not.
#[cfg(target_env = "musl")]
mod fast32 {
    pub type int_fast32_t = i32;
    pub type uint_fast32_t = u32;
}
#[cfg(not(target_env = "musl"))]
mod fast32 {
    pub type int_fast32_t = i64;
    pub type uint_fast32_t = u64;
}
pub use fast32::{int_fast32_t, uint_fast32_t};

pub type int_fast64_t = i64;
pub type uint_fast64_t = u64;
pub type uint_fast8_t = u8;
