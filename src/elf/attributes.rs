//! What the compiler wrote down about the file: the RISC-V attributes section (RISC-V ABIs Specification, "Attributes").

/// The file's attributes of vendor `riscv`. All are optional; a damaged section gives those before the damage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attributes {
    /// Tag_RISCV_arch: the ISA string that the file was built for.
    pub arch: Option<String>,
    /// Tag_RISCV_stack_align: alignment of the stack pointer in bytes.
    pub stack_align: Option<u64>,
    /// Tag_RISCV_unaligned_access: whether the code may access memory misaligned.
    pub unaligned_access: Option<bool>,
}

/// The vendor's numbers of the tags. Odd tags carry strings, even ones numbers.
const STACK_ALIGN: u64 = 4;
const ARCH: u64 = 5;
const UNALIGNED_ACCESS: u64 = 6;
/// The attributes that follow are those of the whole file.
const FILE: u64 = 1;
/// Longer ISA strings are not believed.
const ARCH_MAX: usize = 4096;

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(len)?;
        self.0 = tail;
        Some(head)
    }

    fn u32(&mut self) -> Option<usize> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?) as usize)
    }

    fn uleb128(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let len = self.0.iter().position(|&b| b == 0)?;
        let text = self.take(len)?;
        self.take(1)?;
        Some(text)
    }

    /// The rest of a part of `len` bytes, of which `used` have been read.
    fn part(&mut self, len: usize, used: usize) -> Option<Reader<'a>> {
        self.take(len.checked_sub(used)?).map(Reader)
    }
}

impl Attributes {
    /// Reads the section's bytes.
    pub(super) fn parse(bytes: &[u8]) -> Attributes {
        let mut out = Attributes::default();
        let mut reader = Reader(bytes);
        if reader.take(1) == Some(b"A") {
            while out.vendor(&mut reader).is_some() {}
        }
        out
    }

    /// One vendor's part.
    fn vendor(&mut self, reader: &mut Reader) -> Option<()> {
        let len = reader.u32()?;
        let mut body = reader.part(len, 4)?;
        if body.string()? == b"riscv" {
            while self.scope(&mut body).is_some() {}
        }
        Some(())
    }

    /// The attributes of the file, or of some of its sections or symbols (which nobody writes).
    fn scope(&mut self, reader: &mut Reader) -> Option<()> {
        let before = reader.0.len();
        let tag = reader.uleb128()?;
        let len = reader.u32()?;
        let mut body = reader.part(len, before - reader.0.len())?;
        while tag == FILE && self.attribute(&mut body).is_some() {}
        Some(())
    }

    fn attribute(&mut self, reader: &mut Reader) -> Option<()> {
        let tag = reader.uleb128()?;
        if tag & 1 != 0 {
            let text = reader.string()?;
            if tag == ARCH && text.len() <= ARCH_MAX {
                self.arch = String::from_utf8(text.to_vec()).ok();
            }
            return Some(());
        }
        let value = reader.uleb128()?;
        match tag {
            STACK_ALIGN => self.stack_align = Some(value),
            UNALIGNED_ACCESS => self.unaligned_access = Some(value != 0),
            _ => {}
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Attributes;

    /// As binutils writes it.
    const SAMPLE: &[u8] = b"A\x20\0\0\0riscv\0\x01\x16\0\0\0\x04\x10\x05rv64i2p1_m2p0\0";

    #[test]
    fn tags_of_the_file_are_read() {
        let a = Attributes::parse(SAMPLE);
        assert_eq!(a.arch.as_deref(), Some("rv64i2p1_m2p0"));
        assert_eq!((a.stack_align, a.unaligned_access), (Some(16), None));
    }

    #[test]
    fn damage_leaves_what_came_before_it() {
        for cut in 0..SAMPLE.len() {
            assert!(Attributes::parse(&SAMPLE[..cut]).arch.is_none());
        }
        assert_eq!(Attributes::parse(b"A\xff\xff\xff\xffriscv\0"), Attributes::default());
        assert_eq!(Attributes::parse(b"A\x00\x00\x00\x00riscv\0"), Attributes::default());
    }
}
