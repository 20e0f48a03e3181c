//! HTIF, the host interface of riscv-tests, Spike and proxy kernels: commands in the word `tohost`, answers in `fromhost`.
//!
//! A command has a device in bits 63..56, a function in 55..48 and a payload below. Device 0 ends the program (payload
//! `status << 1 | 1`) or carries out a proxied call (payload: address of eight words; see `calls`); device 1 is the console.
//! As on Spike, `tohost` reads zero once a command was taken, and an answer waits until `fromhost` is zero.
//!
//! The word may be stored in two halves. A half alone is acted upon [`PATIENCE`] instructions later, or with the other half.

use std::collections::VecDeque;

use super::calls::{self, Reply};
use super::host_side::HostSide;
use crate::env::Action;
use crate::hart::Hart;
use crate::memory::Memory;

/// How many instructions a half-written `tohost` is given to be completed.
const PATIENCE: u64 = 64;
/// Bytes of the name that a device gives of itself or of a function.
const NAME_SIZE: usize = 64;

/// The interface's state.
#[derive(Clone, Debug)]
pub(super) struct Htif {
    tohost: u64,
    fromhost: Option<u64>,
    /// Answers that wait for `fromhost` to be zero.
    answers: VecDeque<u64>,
    /// Half of `tohost` has been stored: when it will be acted upon, and which halves (bit 0: low, bit 1: high).
    half: Option<(u64, u8)>,
}

impl Htif {
    pub(super) fn new(tohost: u64, fromhost: Option<u64>) -> Htif {
        Htif { tohost, fromhost, answers: VecDeque::new(), half: None }
    }

    /// Asks to be told of stores.
    pub(super) fn watch(&self, memory: &mut Memory) {
        for word in [Some(self.tohost), self.fromhost].into_iter().flatten() {
            memory.watch_stores(word..word.saturating_add(8));
        }
    }

    /// Instructions until a half-written command is acted upon.
    pub(super) fn deadline(&self, instret: u64) -> Option<u64> {
        self.half.map(|(when, _)| when.saturating_sub(instret))
    }

    /// Looks at what has been stored.
    pub(super) fn sync(&mut self, hart: &Hart, memory: &mut Memory, host: &mut HostSide) -> Action {
        let mut halves = self.half.map_or(0, |(_, h)| h);
        let mut stored = false;
        for s in memory.take_stores() {
            let end = s.addr.wrapping_add(s.size as u64);
            let covers = |start: u64| (s.addr < start.wrapping_add(4) && start < end) as u8;
            let seen = covers(self.tohost) | covers(self.tohost.wrapping_add(4)) << 1;
            stored |= seen != 0;
            halves |= seen;
        }
        let due = self.deadline(hart.instret()) == Some(0);
        let action = if halves == 3 || due {
            self.half = None;
            self.command(memory, host)
        } else {
            if stored {
                // Storing the same half again and again gains no time.
                let when = self.half.map_or(hart.instret().saturating_add(PATIENCE), |(when, _)| when);
                self.half = Some((when, halves));
            }
            Action::Continue
        };
        self.answer(memory);
        action
    }

    /// The program waits for an interrupt: a half-written command is complete.
    pub(super) fn wait(&mut self, memory: &mut Memory, host: &mut HostSide) -> Action {
        let action = if self.half.take().is_some() { self.command(memory, host) } else { Action::Continue };
        self.answer(memory);
        action
    }

    /// Takes the command in `tohost`.
    fn command(&mut self, memory: &mut Memory, host: &mut HostSide) -> Action {
        let mut word = [0; 8];
        if memory.read(self.tohost, &mut word).is_err() || word == [0; 8] {
            return Action::Continue;
        }
        let _ = memory.write(self.tohost, &[0; 8]);
        let command = u64::from_le_bytes(word);
        let (device, function, payload) = (command >> 56, command >> 48 & 0xff, command & PAYLOAD);
        let reply = match (device, function) {
            (0, 0) if payload & 1 != 0 => return Action::Exit((payload >> 1) as i32),
            (0, 0) => match calls::perform(payload, memory, host) {
                Reply::Done => Some(1),
                Reply::Exit(status) => return Action::Exit(status),
                Reply::Unreachable => {
                    let text = format!("HTIF: nothing is mapped where tohost = {command:#x} points to\n");
                    let _ = host.write_error(text.as_bytes());
                    return Action::Exit(-1);
                }
            },
            // At the end of the input no answer ever comes, as on Spike.
            (1, 0) => host.get_byte().map(|byte| 0x100 | byte as u64),
            (1, 1) => {
                let _ = host.write_output(&[payload as u8]);
                None
            }
            (0 | 1, 0xff) => identify(device, payload, memory),
            _ => None,
        };
        if let Some(value) = reply {
            self.answers.push_back(command & !PAYLOAD | value & PAYLOAD);
        }
        Action::Continue
    }

    /// Hands over the next answer if the last one has been taken.
    fn answer(&mut self, memory: &mut Memory) {
        let (Some(fromhost), Some(answer)) = (self.fromhost, self.answers.front()) else { return };
        let mut word = [1; 8];
        if memory.read(fromhost, &mut word).is_ok() && word == [0; 8] {
            let _ = memory.write(fromhost, &answer.to_le_bytes());
            self.answers.pop_front();
        }
    }
}

/// The payload of a command.
const PAYLOAD: u64 = (1 << 48) - 1;

/// Function 0xff: the name of a device or of one of its functions.
fn identify(device: u64, payload: u64, memory: &mut Memory) -> Option<u64> {
    let name = match (device, payload & 0xff) {
        (0, 0xff) => "syscall_proxy",
        (0, 0) => "syscall",
        (1, 0xff) => "bcd",
        (1, 0) => "read",
        (1, 1) => "write",
        _ => "",
    };
    let mut text = [0; NAME_SIZE];
    text[..name.len()].copy_from_slice(name.as_bytes());
    memory.write(payload >> 8, &text).ok().map(|()| 1)
}
