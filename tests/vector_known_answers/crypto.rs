//! Cryptography: FIPS 197, FIPS 180-4, SP 800-38D, GB/T 32905, GB/T 32907.

use crate::NoMemory;
use crate::model::{self, Outcome, VState};

/// A vector unit at LMUL = 8 with two element groups of `size` elements.
fn unit(vlen: usize, sew: usize, size: u64) -> VState {
    let mut s = VState::new(vlen, 64);
    s.vtype = 3 | if sew == 64 { 3 << 3 } else { 2 << 3 };
    s.vl = 2 * size;
    s
}

/// An instruction without a mask.
fn run(s: &mut VState, mnemonic: &str, vd: u32, vs2: u32, vs1: u32) -> Option<Outcome> {
    model::execute(s, &mut NoMemory, mnemonic, 1 << 25 | vs2 << 20 | vs1 << 15 | vd << 7)
}

fn done(s: &mut VState, mnemonic: &str, vd: u32, vs2: u32, vs1: u32) {
    assert_eq!(run(s, mnemonic, vd, vs2, vs1), Some(Outcome::Done), "{mnemonic}");
}

/// Hexadecimal digits as bytes.
fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).expect("digits")).collect()
}

/// Puts bytes as they stand in memory into both element groups of a register group.
fn put(s: &mut VState, reg: usize, bytes: &[u8]) {
    for group in 0..2 {
        let at = reg * s.vlen / 8 + group * bytes.len();
        s.v[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

/// The bytes of an element group; the other one is the same.
fn get(s: &VState, reg: usize, len: usize) -> Vec<u8> {
    let at = reg * s.vlen / 8;
    assert_eq!(s.v[at..at + len], s.v[at + len..at + 2 * len]);
    s.v[at..at + len].to_vec()
}

/// FIPS 197, appendix B and C.1, C.3; the round keys come from the key schedule's instructions.
#[test]
fn aes_encrypts_and_decrypts_the_blocks_of_fips_197() {
    let key: Vec<u8> = (0..32).collect();
    let plain = hex("00112233445566778899aabbccddeeff");
    for (length, cipher) in [(16, "69c4e0d86a7b0430d8cdb78070b4c55a"), (32, "8ea2b7ca516745bfeafc49904b496089")] {
        for vlen in [64, 128, 512] {
            let mut s = unit(vlen, 32, 4);
            let mut keys: Vec<Vec<u8>> = key[..length].chunks(16).map(<[u8]>::to_vec).collect();
            let rounds = if length == 16 { 10 } else { 14 };
            while keys.len() <= rounds {
                let n = keys.len();
                put(&mut s, 8, &keys[n - 1]);
                if length == 16 {
                    done(&mut s, "vaeskf1.vi", 16, 8, n as u32);
                } else {
                    put(&mut s, 16, &keys[n - 2]);
                    done(&mut s, "vaeskf2.vi", 16, 8, n as u32);
                }
                keys.push(get(&s, 16, 16));
            }
            put(&mut s, 0, &plain);
            put(&mut s, 8, &keys[0]);
            done(&mut s, "vaesz.vs", 0, 8, 7);
            for (n, key) in keys.iter().enumerate().skip(1) {
                put(&mut s, 8, key);
                done(&mut s, if n < rounds { "vaesem.vs" } else { "vaesef.vv" }, 0, 8, 0);
            }
            assert_eq!(get(&s, 0, 16), hex(cipher));
            put(&mut s, 8, &keys[rounds]);
            done(&mut s, "vaesz.vs", 0, 8, 7);
            for (n, key) in keys.iter().enumerate().rev().skip(1) {
                put(&mut s, 8, key);
                done(&mut s, if n > 0 { "vaesdm.vv" } else { "vaesdf.vs" }, 0, 8, 0);
            }
            assert_eq!(get(&s, 0, 16), plain);
        }
    }
}

/// NIST's "GCM Test Case 2" (McGrew and Viega): GHASH of one block and of the lengths.
#[test]
fn ghash_agrees_with_gcm_test_case_2() {
    let mut s = unit(128, 32, 4);
    put(&mut s, 8, &hex("66e94bd4ef8a2c3b884cfa59ca342b2e"));
    put(&mut s, 16, &hex("0388dace60b6a392f328c2b971b2fe78"));
    done(&mut s, "vghsh.vv", 0, 8, 16);
    assert_eq!(get(&s, 0, 16), hex("5e2ec746917062882c85b0685353deb7"));
    put(&mut s, 16, &hex("00000000000000000000000000000080"));
    done(&mut s, "vghsh.vv", 0, 8, 16);
    assert_eq!(get(&s, 0, 16), hex("f38cbb1ad69223dcc3457ae5b6b0f885"));
    // The same product from the multiplication alone.
    put(&mut s, 0, &hex("0388dace60b6a392f328c2b971b2fe78"));
    done(&mut s, "vgmul.vv", 0, 8, 17);
    assert_eq!(get(&s, 0, 16), hex("5e2ec746917062882c85b0685353deb7"));
}

/// FIPS 180-4, 4.2.3: constants of SHA-512; their upper halves are those of SHA-256.
#[rustfmt::skip]
const ROUND_CONSTANTS: [u64; 80] = [
    0x428a_2f98_d728_ae22, 0x7137_4491_23ef_65cd, 0xb5c0_fbcf_ec4d_3b2f, 0xe9b5_dba5_8189_dbbc,
    0x3956_c25b_f348_b538, 0x59f1_11f1_b605_d019, 0x923f_82a4_af19_4f9b, 0xab1c_5ed5_da6d_8118,
    0xd807_aa98_a303_0242, 0x1283_5b01_4570_6fbe, 0x2431_85be_4ee4_b28c, 0x550c_7dc3_d5ff_b4e2,
    0x72be_5d74_f27b_896f, 0x80de_b1fe_3b16_96b1, 0x9bdc_06a7_25c7_1235, 0xc19b_f174_cf69_2694,
    0xe49b_69c1_9ef1_4ad2, 0xefbe_4786_384f_25e3, 0x0fc1_9dc6_8b8c_d5b5, 0x240c_a1cc_77ac_9c65,
    0x2de9_2c6f_592b_0275, 0x4a74_84aa_6ea6_e483, 0x5cb0_a9dc_bd41_fbd4, 0x76f9_88da_8311_53b5,
    0x983e_5152_ee66_dfab, 0xa831_c66d_2db4_3210, 0xb003_27c8_98fb_213f, 0xbf59_7fc7_beef_0ee4,
    0xc6e0_0bf3_3da8_8fc2, 0xd5a7_9147_930a_a725, 0x06ca_6351_e003_826f, 0x1429_2967_0a0e_6e70,
    0x27b7_0a85_46d2_2ffc, 0x2e1b_2138_5c26_c926, 0x4d2c_6dfc_5ac4_2aed, 0x5338_0d13_9d95_b3df,
    0x650a_7354_8baf_63de, 0x766a_0abb_3c77_b2a8, 0x81c2_c92e_47ed_aee6, 0x9272_2c85_1482_353b,
    0xa2bf_e8a1_4cf1_0364, 0xa81a_664b_bc42_3001, 0xc24b_8b70_d0f8_9791, 0xc76c_51a3_0654_be30,
    0xd192_e819_d6ef_5218, 0xd699_0624_5565_a910, 0xf40e_3585_5771_202a, 0x106a_a070_32bb_d1b8,
    0x19a4_c116_b8d2_d0c8, 0x1e37_6c08_5141_ab53, 0x2748_774c_df8e_eb99, 0x34b0_bcb5_e19b_48a8,
    0x391c_0cb3_c5c9_5a63, 0x4ed8_aa4a_e341_8acb, 0x5b9c_ca4f_7763_e373, 0x682e_6ff3_d6b2_b8a3,
    0x748f_82ee_5def_b2fc, 0x78a5_636f_4317_2f60, 0x84c8_7814_a1f0_ab72, 0x8cc7_0208_1a64_39ec,
    0x90be_fffa_2363_1e28, 0xa450_6ceb_de82_bde9, 0xbef9_a3f7_b2c6_7915, 0xc671_78f2_e372_532b,
    0xca27_3ece_ea26_619c, 0xd186_b8c7_21c0_c207, 0xeada_7dd6_cde0_eb1e, 0xf57d_4f7f_ee6e_d178,
    0x06f0_67aa_7217_6fba, 0x0a63_7dc5_a2c8_98a6, 0x113f_9804_bef9_0dae, 0x1b71_0b35_131c_471b,
    0x28db_77f5_2304_7d84, 0x32ca_ab7b_40c7_2493, 0x3c9e_be0a_15c9_bebc, 0x431d_67c4_9c10_0d4c,
    0x4cc5_d4be_cb3e_42b6, 0x597f_299c_fc65_7e2a, 0x5fcb_6fab_3ad6_faec, 0x6c44_198c_4a47_5817,
];

/// FIPS 180-4, 5.3.5: start of SHA-512; the upper halves start SHA-256.
#[rustfmt::skip]
const START: [u64; 8] = [
    0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
];

/// The hash of one block by vsha2ms, vsha2cl and vsha2ch. The block is of words of SEW bits, big-endian.
fn sha2(sew: usize, block: &[u8]) -> Vec<u8> {
    let (bytes, rounds) = (sew / 8, if sew == 32 { 64 } else { 80 });
    let mut s = unit(64, sew, 4);
    let upper = |v: u64| v >> (64 - sew);
    let sum = |a: u64, b: u64| a.wrapping_add(b) & (u64::MAX >> (64 - sew));
    let to_bytes = |words: &[u64]| words.iter().flat_map(|w| w.to_le_bytes()[..bytes].to_vec()).collect::<Vec<u8>>();
    let to_words = |v: &[u8]| v.chunks(bytes).map(|w| w.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b))).collect();
    let mut w: Vec<u64> = block.chunks(bytes).map(|w| w.iter().fold(0, |v, b| v << 8 | u64::from(*b))).collect();
    while w.len() < rounds {
        let t = w.len() - 16;
        put(&mut s, 8, &to_bytes(&w[t..t + 4]));
        put(&mut s, 16, &to_bytes(&[w[t + 4], w[t + 9], w[t + 10], w[t + 11]]));
        put(&mut s, 24, &to_bytes(&[w[t + 12], 0, w[t + 14], w[t + 15]]));
        done(&mut s, "vsha2ms.vv", 8, 16, 24);
        let next: Vec<u64> = to_words(&get(&s, 8, 4 * bytes));
        w.extend(next);
    }
    let [a, b, c, d, e, f, g, h] = START.map(upper);
    let (mut abef, mut cdgh) = (8, 16);
    put(&mut s, abef, &to_bytes(&[f, e, b, a]));
    put(&mut s, cdgh, &to_bytes(&[h, g, d, c]));
    for t in (0..rounds).step_by(4) {
        let words: Vec<u64> = (t..t + 4).map(|t| sum(w[t], upper(ROUND_CONSTANTS[t]))).collect();
        put(&mut s, 24, &to_bytes(&words));
        for name in ["vsha2cl.vv", "vsha2ch.vv"] {
            done(&mut s, name, cdgh as u32, abef as u32, 24);
            (abef, cdgh) = (cdgh, abef);
        }
    }
    let (abef, cdgh): (Vec<u64>, Vec<u64>) = (to_words(&get(&s, abef, 4 * bytes)), to_words(&get(&s, cdgh, 4 * bytes)));
    let state = [abef[3], abef[2], cdgh[3], cdgh[2], abef[1], abef[0], cdgh[1], cdgh[0]];
    state.iter().zip(START).flat_map(|(v, start)| sum(*v, upper(start)).to_be_bytes()[8 - bytes..].to_vec()).collect()
}

/// The message "abc" padded to a block of so many bytes.
fn abc(size: usize) -> Vec<u8> {
    let mut block = b"abc\x80".to_vec();
    block.resize(size, 0);
    block[size - 1] = 24;
    block
}

#[test]
fn sha_2_hashes_abc() {
    assert_eq!(sha2(32, &abc(64)), hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert_eq!(
        sha2(64, &abc(128)),
        hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
    );
}

/// GB/T 32905-2016, A.1.
#[test]
fn sm3_hashes_abc() {
    let start = hex("7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e");
    let mut s = unit(128, 32, 8);
    let mut w = abc(64);
    while w.len() < 4 * 72 {
        let end = w.len();
        put(&mut s, 16, &w[end - 32..]);
        put(&mut s, 24, &w[end - 64..end - 32]);
        done(&mut s, "vsm3me.vv", 8, 16, 24);
        w.extend(get(&s, 8, 32));
    }
    put(&mut s, 8, &start);
    for round in 0..32 {
        put(&mut s, 16, &w[8 * round..8 * round + 32]);
        done(&mut s, "vsm3c.vi", 8, 16, round as u32);
    }
    let hash: Vec<u8> = get(&s, 8, 32).iter().zip(start).map(|(a, b)| a ^ b).collect();
    assert_eq!(hash, hex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
}

/// GB/T 32907-2016, A.1. Keys, plain and cipher text are of big-endian words.
#[test]
fn sm4_encrypts_and_decrypts_the_block_of_the_standard() {
    let swap = |bytes: &[u8]| bytes.chunks(4).flat_map(|w| [w[3], w[2], w[1], w[0]]).collect::<Vec<u8>>();
    let reverse = |bytes: &[u8]| bytes.chunks(4).rev().flatten().copied().collect::<Vec<u8>>();
    let (key, system) = (hex("0123456789abcdeffedcba9876543210"), hex("a3b1bac656aa3350677d9197b27022dc"));
    let mut s = unit(64, 32, 4);
    let mut keys: Vec<Vec<u8>> = vec![key.iter().zip(system).map(|(a, b)| a ^ b).collect()];
    keys[0] = swap(&keys[0]);
    for round in 0..8 {
        put(&mut s, 8, &keys[round]);
        // Bits 4 and 3 of the immediate are ignored.
        done(&mut s, "vsm4k.vi", 16, 8, round as u32 | 24);
        keys.push(get(&s, 16, 16));
    }
    put(&mut s, 0, &swap(&key));
    for key in &keys[1..] {
        put(&mut s, 8, key);
        done(&mut s, "vsm4r.vs", 0, 8, 16);
    }
    let cipher = reverse(&get(&s, 0, 16));
    assert_eq!(swap(&cipher), hex("681edf34d206965e86b3e94f536e4246"));
    put(&mut s, 0, &cipher);
    for round_keys in keys[1..].iter().rev() {
        put(&mut s, 8, &reverse(round_keys));
        done(&mut s, "vsm4r.vv", 0, 8, 16);
    }
    assert_eq!(swap(&reverse(&get(&s, 0, 16))), key);
}

/// The reserved cases of "Instruction Constraints".
#[test]
fn reserved_element_groups_are_illegal() {
    let illegal = |change: fn(&mut VState), mnemonic, vd, vs2, vs1| {
        let mut s = unit(128, 32, 8);
        change(&mut s);
        let before = s.clone();
        assert_eq!(run(&mut s, mnemonic, vd, vs2, vs1), Some(Outcome::Illegal), "{mnemonic}");
        assert_eq!(s, before);
    };
    let nothing = |_: &mut VState| {};
    illegal(|s| s.vl = 6, "vaesem.vv", 8, 16, 0);
    illegal(|s| s.vstart = 2, "vaesem.vv", 8, 16, 0);
    illegal(|s| s.vl = 12, "vsm3c.vi", 8, 16, 0);
    illegal(|s| s.vtype = 3 << 3, "vsm4k.vi", 8, 16, 0);
    illegal(|s| s.vtype = 1 << 3, "vsha2cl.vv", 8, 16, 24);
    // EGW = 256, VLEN = 128, LMUL = 1, also with vl = 0.
    illegal(|s| (s.vl, s.vtype) = (0, 2 << 3), "vsm3me.vv", 8, 16, 24);
    illegal(|s| (s.vl, s.vtype, s.features.zvknhb) = (4, 3 << 3 | 3, false), "vsha2ms.vv", 8, 16, 24);
    illegal(nothing, "vaesz.vs", 8, 11, 7);
    illegal(nothing, "vsm4r.vs", 8, 15, 16);
    illegal(nothing, "vsha2ms.vv", 8, 16, 8);
    illegal(nothing, "vsha2ch.vv", 8, 8, 16);
    illegal(nothing, "vsm3me.vv", 8, 8, 16);
    illegal(nothing, "vsm3c.vi", 8, 8, 0);
    // A scalar element group in half registers begins at an even one.
    illegal(|s| s.vlen = 64, "vaesz.vs", 8, 17, 7);
    // Where groups may overlap, a scalar one may be anywhere, and what is not processed is a tail.
    let mut s = unit(128, 32, 8);
    done(&mut s, "vsm3me.vv", 8, 16, 8);
    done(&mut s, "vaesz.vs", 8, 17, 7);
    done(&mut s, "vghsh.vv", 8, 8, 8);
    s.settings.agnostic_ones = true;
    (s.vtype, s.vl, s.vstart) = (s.vtype | 0x40, 8, 4);
    put(&mut s, 8, &[0; 64]);
    put(&mut s, 16, &[1; 64]);
    done(&mut s, "vaesz.vs", 8, 16, 7);
    let expected = [[0; 16], [1; 16], [255; 16], [255; 16]].concat();
    assert_eq!(s.v[128..192], expected);
    assert_eq!(s.vstart, 0);
}

/// Zvbb and Zvbc: one example each, and where an instruction is reserved.
#[test]
fn bits_of_elements_are_moved_and_counted() {
    let cases: [(&str, u64, u64, u64); 15] = [
        ("vandn.vv", 0xff00_ff00, 0x0ff0_0ff0, 0xf000_f000),
        ("vbrev.v", 0x8000_0003, 0, 0xc000_0001),
        ("vbrev8.v", 0x8000_0103, 0, 0x0100_80c0),
        ("vrev8.v", 0x1234_5678, 0, 0x7856_3412),
        ("vclz.v", 0x0001_0000, 0, 15),
        ("vclz.v", 0, 0, 32),
        ("vctz.v", 0x0001_0000, 0, 16),
        ("vctz.v", 0, 0, 32),
        ("vcpop.v", 0xf0f0_0001, 0, 9),
        ("vrol.vv", 0x8000_0001, 36, 0x0000_0018),
        ("vror.vv", 0x8000_0001, 36, 0x1800_0000),
        ("vrol.vv", 0x8000_0001, 0xffff_ffff, 0xc000_0000),
        ("vror.vv", 0x8000_0001, 0, 0x8000_0001),
        ("vwsll.vv", 0xffff_ffff, 36, 0xffff_fff0_0000_0000),
        ("vwsll.vv", 0xffff_ffff, 65, 0x1_ffff_fffe),
    ];
    for (mnemonic, a, b, expected) in cases {
        let mut s = unit(128, 32, 1);
        s.vtype = 2 << 3;
        let width = if mnemonic.starts_with("vw") { 64 } else { 32 };
        s.set(16, 1, 32, a);
        s.set(8, 1, 32, b);
        done(&mut s, mnemonic, 4, 16, 8);
        assert_eq!(s.get(4, 1, width), expected, "{mnemonic}");
    }
    let mut s = unit(128, 64, 1);
    s.set(16, 0, 64, 0x8000_0000_0000_0003);
    s.x[8] = 0x8000_0000_0000_0005;
    done(&mut s, "vclmul.vx", 0, 16, 8);
    assert_eq!(s.get(0, 0, 64), 0xf);
    done(&mut s, "vclmulh.vx", 0, 16, 8);
    assert_eq!(s.get(0, 0, 64), 0x4000_0000_0000_0003);
    // vror.vi by 33: the sixth bit stands at 26.
    let word = 1 << 26 | 1 << 25 | 16 << 20 | 1 << 15;
    assert_eq!(model::execute(&mut s, &mut NoMemory, "vror.vi", word), Some(Outcome::Done));
    assert_eq!(s.get(0, 0, 64), 0x0000_0001_c000_0000);
    assert_eq!(run(&mut s, "vwsll.vx", 8, 16, 8), Some(Outcome::Illegal));
    s.vtype = 2 << 3;
    assert_eq!(run(&mut s, "vclmul.vx", 0, 16, 8), Some(Outcome::Illegal));
}
