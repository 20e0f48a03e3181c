//! `--matrix`: the matrix unit.

use crate::cli::{Failure, size};
use mellivora::hart::{Accumulation, MatrixConfig, MatrixVersion};
use mellivora::isa::{Extension, Isa};

/// The value of `--matrix`: `0.6,tlen=8192,trlen=512,elen=32`.
#[derive(Clone)]
pub struct Matrix {
    version: MatrixVersion,
    changes: Vec<Change>,
}

/// What an option changes.
#[derive(Clone, Copy)]
enum Change {
    Tlen(u64),
    Trlen(u32),
    Elen(u32),
    Rlen(u32),
    Accumulation(Accumulation),
    Undefined(bool),
    Bf16(bool),
    Long(bool),
    Features(u64),
    Storage(u64),
}

/// What there is to say, for error messages.
const KEYS: &str = "0.6 takes tlen, trlen and elen (bits), undefined=on, long=on; 0.3 takes rlen (bits), bf16=on; both take \
                    accumulation=vendor|chain|exact, xmisa=NUMBER and storage=BYTES";

/// The value of the option.
pub fn parse(text: &str) -> Result<Matrix, String> {
    let mut words = text.split(',');
    let version = match words.next() {
        Some("0.6") => MatrixVersion::V0p6,
        Some("0.3") => MatrixVersion::V0p3,
        other => {
            let other = other.unwrap_or_default();
            return Err(format!("`{other}` is no version of the matrix extension: it begins with 0.6 or 0.3"));
        }
    };
    let changes = words.map(|word| change(version, word)).collect::<Result<_, _>>()?;
    Ok(Matrix { version, changes })
}

fn change(version: MatrixVersion, word: &str) -> Result<Change, String> {
    let Some((key, value)) = word.split_once('=') else {
        return Err(format!("`{word}` is no KEY=VALUE; {KEYS}"));
    };
    let bits = || value.parse().map_err(|_| format!("`{word}`: {key} is a number of bits"));
    let narrow = || bits().and_then(|n: u64| u32::try_from(n).map_err(|_| format!("`{word}`: that is too many bits")));
    let switch = || match value {
        "on" | "true" | "yes" => Ok(true),
        "off" | "false" | "no" => Ok(false),
        _ => Err(format!("`{word}`: {key} is on or off")),
    };
    Ok(match (version, key) {
        (MatrixVersion::V0p6, "tlen") => Change::Tlen(bits()?),
        (MatrixVersion::V0p6, "trlen") => Change::Trlen(narrow()?),
        (MatrixVersion::V0p6, "elen") => Change::Elen(narrow()?),
        (MatrixVersion::V0p6, "undefined") => Change::Undefined(switch()?),
        (MatrixVersion::V0p6, "long") => Change::Long(switch()?),
        (MatrixVersion::V0p3, "rlen") => Change::Rlen(narrow()?),
        (MatrixVersion::V0p3, "bf16") => Change::Bf16(switch()?),
        (_, "accumulation") => Change::Accumulation(match value {
            "vendor" => Accumulation::Vendor,
            "chain" => Accumulation::Chain,
            "exact" => Accumulation::Exact,
            _ => return Err(format!("`{word}`: accumulation is vendor, chain or exact")),
        }),
        (_, "xmisa") => Change::Features(size::address(value).map_err(|_| format!("`{word}`: xmisa is a number"))?),
        (_, "storage") => Change::Storage(size::size(value)?),
        _ => return Err(format!("version {version} has no `{key}`; {KEYS}")),
    })
}

impl Matrix {
    /// The extension.
    pub fn extension(&self) -> Extension {
        match self.version {
            MatrixVersion::V0p6 => Extension::Xtheadmatrix0p6,
            MatrixVersion::V0p3 => Extension::Xtheadmatrix0p3,
        }
    }

    /// A set of extensions that the user has chosen, with this one.
    pub fn join(&self, isa: Isa) -> Result<Isa, Failure> {
        let (with, version) = (isa.with(self.extension()), self.version);
        match MatrixVersion::of(&isa) {
            Some(other) if other != version => Err(Failure::usage(format!(
                "--matrix {version} on a machine with matrices of version {other}: the versions share their encodings, and no \
                 machine has two"
            ))),
            _ => Ok(with),
        }
    }

    /// Changes the unit that the extensions make.
    fn apply(&self, unit: &mut MatrixConfig) {
        let elen = self.changes.iter().rev().find_map(|c| if let Change::Elen(n) = c { Some(*n) } else { None });
        let rlen = self.changes.iter().rev().find_map(|c| if let Change::Rlen(n) = c { Some(*n) } else { None });
        // Which features there are follows from the lengths, as does TLEN of 0.3, unless said.
        *unit = match self.version {
            MatrixVersion::V0p6 => MatrixConfig::v0p6(unit.tlen, unit.trlen, elen.unwrap_or(unit.elen)),
            MatrixVersion::V0p3 => MatrixConfig::v0p3(rlen.unwrap_or(unit.trlen)),
        };
        for change in &self.changes {
            match *change {
                Change::Tlen(n) => unit.tlen = n,
                Change::Trlen(n) => unit.trlen = n,
                Change::Elen(_) | Change::Rlen(_) => {}
                Change::Accumulation(how) => unit.accumulation = how,
                Change::Undefined(on) => unit.undefined = on,
                Change::Bf16(on) => unit.bf16 = on,
                Change::Long(on) => unit.long = on,
                Change::Features(bits) => unit.features = bits,
                Change::Storage(bytes) => unit.storage = bytes,
            }
        }
    }
}

/// Makes the unit what `--matrix` asks for, with the SIMD level of the vector unit; an impossible one is an error.
pub fn apply(
    option: Option<&Matrix>,
    isa: &Isa,
    unit: &mut MatrixConfig,
    simd: mellivora::hart::Simd,
) -> Result<(), Failure> {
    if let Some(matrix) = option {
        matrix.apply(unit);
        if unit.tlen == 0 || unit.trlen == 0 {
            // 0 is how the library says that there is no unit; here it is a length like any other, and none.
            return Err(Failure::own("--matrix: a length of 0 bits; they are powers of two"));
        }
    }
    unit.simd = simd;
    unit.check(isa).map_err(|e| Failure::own(format!("--matrix: {e}")))
}
