//! CPU models: that each name means what the vendor's table says, and what options do.

use mellivora::isa::{Cpu, CpuError, CpuModel, Extension, Isa, csr_number};

/// The vendor's names of RV64 cores, and the generic ones.
const NAMES: &str = "thead-c906 c906 c906fd c906fdv c907 c907fd c907fdv c907fdvm c907-rv64 c907fd-rv64 c907fdv-rv64 \
    c907fdvm-rv64 c908i c908 c908v c908i_v2 c908_v2 c908v_v2 c908i-cp_v2 c908i-cp-xt_v2 c908-cp_v2 c908-cp-xt_v2 \
    c908v-cp_v2 c908v-cp-xt_v2 c908vk-cp_v2 c908vk-cp-xt_v2 c908x c908x-cp c908x-cp-xt c910 c910v c920 c960 r910 r920 \
    c910v2 c920v2 c910v3 c910v3-cp c910v3-cp-xt c920v3 c920v3-cp c920v3-cp-xt r908 r908-cp r908-cp-xt r908fd r908fd-cp \
    r908fd-cp-xt r908fdv r908fdv-cp r908fdv-cp-xt r908fdvk-cp r908fdvk-cp-xt xt-c925-cp xt-c925v-cp xt-c9251fdt \
    xt-c9251fdvt xt-c9251fdvkt xt-c930-cp xt-c930v-cp xt-c9301fdt xt-c9301fdvkt xt-c9501fdvt xt-c9501fdvkt \
    xt-c9501fdvmt xt-c9501fdvkmt zhijiang";
const GENERIC: &str = "rvsp-ref max max-th any rv64 rv64i rva22u64 rva23u64";

fn cpu(text: &str) -> Cpu {
    Cpu::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refuse(text: &str) -> String {
    Cpu::parse(text).expect_err(text).to_string()
}

fn find(name: &str) -> Option<Extension> {
    Extension::all().find(|e| e.full_name() == name)
}

#[test]
fn every_name_of_the_vendor_resolves_and_nothing_else_is_there() {
    let vendor: Vec<&str> = NAMES.split_whitespace().collect();
    for name in vendor.iter().copied().chain(GENERIC.split_whitespace()) {
        assert!(cpu(name).model().names().any(|n| n == name), "{name}");
        assert!(Cpu::named(&name.to_uppercase()).is_ok(), "{name}");
    }
    assert_eq!(cpu("xt-c920v2").model().name, "c920v2", "as GCC has it");
    for model in CpuModel::all().filter(|m| m.vendorid == 0x5b7 && m.name != "max-th") {
        assert!(model.names().all(|n| vendor.contains(&n)), "{}", model.name);
    }
    assert_eq!(vendor.len(), CpuModel::all().filter(|m| m.vendorid == 0x5b7).flat_map(|m| m.names()).count() - 1);
}

/// Written from the vendor's table, row by row, without the sets that `isa/cpus.isa` uses.
const EXPECTED: &[(&str, &str, u32, u64)] = &[
    (
        "c906",
        "i m a c zicsr zifencei zicntr zihpm xtheadba xtheadbb xtheadbs xtheadcmo xtheadcondmov xtheadmac xtheadmemidx \
         xtheadmempair xtheadsync xtheadmaee sv39",
        0,
        0,
    ),
    (
        "r920",
        "i m a f d c zicsr zifencei zicntr zihpm zfh xtheadba xtheadbb xtheadbs xtheadcmo xtheadcondmov xtheadmac \
         xtheadmemidx xtheadmempair xtheadsync xtheadfmemidx xtheadmaee sv39 xtheadvector xtheadzvamo",
        128,
        0,
    ),
    (
        "c908i",
        "i m a c zicsr zifencei zicntr zihpm zba zbb zbc zbs zkt zbkc zihintpause zicbom zicboz sscofpmf smepmp svpbmt \
         svinval svnapot sstc xtheadba xtheadbb xtheadbs xtheadcmo xtheadcondmov xtheadmac xtheadmemidx xtheadmempair \
         xtheadsync xtheadmaee sv48",
        0,
        0x8000000009140e00,
    ),
    (
        "c908v",
        "i m a f d c v zicsr zifencei zicntr zihpm zba zbb zbc zbs zkt zbkc zihintpause zicbom zicboz sscofpmf smepmp \
         svpbmt svinval svnapot sstc zfh zvfh zve32f xtheadba xtheadbb xtheadbs xtheadcmo xtheadcondmov xtheadmac \
         xtheadmemidx xtheadmempair xtheadsync xtheadfmemidx xtheadvdot xtheadmaee sv48",
        128,
        0x8000000009140e00,
    ),
    (
        "c907fdvm-rv64",
        "i m a f d c v zicsr zifencei zicntr zihpm zba zbb zbc zbs zkt zbkc zihintpause zicbom zicboz sscofpmf smepmp \
         svpbmt svinval svnapot sstc zawrs zicond zcb zihintntl zfh zfa zvfh zve32f zfbfmin zvfbfmin zvfbfwma xtheadba \
         xtheadbb xtheadbs xtheadcmo xtheadcondmov xtheadmac xtheadmemidx xtheadmempair xtheadsync xtheadfmemidx \
         xtheadvdot xtheadmatrix0p3 sv48",
        128,
        0x8000000009180e00,
    ),
    (
        "c920v3-cp",
        "i m a f d c v zicsr zifencei zicntr zihpm zba zbb zbc zbs zkt zbkc zihintpause zicbom zicboz sscofpmf smepmp \
         svpbmt svinval svnapot sstc zawrs zicond zcb zihintntl zfh zfa zvfh zve32f zfbfmin zvfbfmin zvfbfwma zicbop \
         zimop zcmop xtheadcmo xtheadsync xtheadcbi xtheadcei xtheadcef xtheadcev sv48",
        128,
        0x80000000090c0e00,
    ),
    (
        "c910v3-cp-xt",
        "i m a f d c zicsr zifencei zicntr zihpm zba zbb zbc zbs zkt zbkc zihintpause zicbom zicboz sscofpmf smepmp \
         svpbmt svinval svnapot sstc zawrs zicond zcb zihintntl zfh zfa zfbfmin zimop zcmop xtheadba xtheadbb xtheadbs \
         xtheadcmo xtheadcondmov xtheadmac xtheadmemidx xtheadmempair xtheadsync xtheadfmemidx xtheadcbi xtheadcei \
         xtheadcev sv48",
        0,
        0x80000000090c0e00,
    ),
    (
        "r908fd-cp",
        "i m a f d c zicsr zifencei zicntr zihpm zba zbb zbc zbs zkt zbkc zihintpause zicbom zicboz sscofpmf smepmp \
         svpbmt svinval svnapot sstc zicbop zca zcb zfh xtheadcmo xtheadsync xtheadmaee xtheadlpw xtheadcacherpl \
         xtheadcbi xtheadcei xtheadcef sv48",
        0,
        0x8000000008480e00,
    ),
    (
        "c908i-cp-xt_v2",
        "i m a c zicsr zifencei zicntr zihpm zba zbb zbc zbs zkt zbkc zihintpause zicbom zicboz sscofpmf smepmp svpbmt \
         svinval svnapot sstc zicbop zca zcb xtheadba xtheadbb xtheadbs xtheadcmo xtheadcondmov xtheadmac xtheadmemidx \
         xtheadmempair xtheadsync xtheadmaee xtheadlpw xtheadcacherpl xtheadcbi xtheadcei smaia ssaia sv48",
        0,
        0x8000000009140e00,
    ),
    (
        "c908x",
        "i m a f d c v zicsr zifencei zicntr zihpm zba zbb zbc zbs zkt zbkc zihintpause zicbom zicboz sscofpmf smepmp \
         svpbmt svinval svnapot sstc zicbop zca zcb zfh zvfh zve32f zfbfmin zvfbfmin zvfbfwma xtheadba xtheadbb \
         xtheadbs xtheadcmo xtheadcondmov xtheadmac xtheadmemidx xtheadmempair xtheadsync xtheadfmemidx xtheadvdot \
         xtheadmaee xtheadlpw xtheadcacherpl xtheadfastm xtheadvsfa xtheadvfcvt xtheadvfreduction sv48",
        512,
        0x8000000009340e00,
    ),
    (
        "xt-c930-cp",
        "i m a f d c h zicsr zifencei zicntr zihpm zihintpause zba zbb zbc zbs zic64b zicbom zicbop zicboz zkt zihintntl \
         zicond zimop zcmop zfa zfh zawrs zabha zacas zama16b zfbfmin zkr zmmul zca zcb zcd zalasr xtheadaioe \
         xtheadcbop xtheadcrc xtheadcef xtheadcbi sv57",
        0,
        0x8000000009201600,
    ),
    (
        "zhijiang",
        "i m a f d c v h zicsr zifencei zicntr zihpm zihintpause zba zbb zbc zbs zic64b zicbom zicbop zicboz zkt \
         zihintntl zicond zimop zcmop zfa zfh zawrs zabha zacas zama16b zfbfmin zkr zmmul zca zcb zcd zalasr zvfh \
         zve32f zvfbfmin zvfbfwma zvqdotq zvbb zvbc zvbc32e zvkb zvkg zvkgs zvkned zvknha zvknhb zvksed zvksh zvkt zvkn \
         zvknc zvkng zvks zvksc zvksg xtheadaioe xtheadcef xtheadcbi xtheadcev xtheadvdot xtheadvcoder xtheadcbop \
         xtheadvfofp4min xtheadvfoe8m0min xtheadvfofp8min xtheadcrc xtheadvarith xtheadvcrypto xtheadmatrixtpe sv57",
        256,
        0x8000000009241600,
    ),
];

#[test]
fn models_have_the_extensions_of_their_rows() {
    for (name, extensions, vlen, archid) in EXPECTED {
        let cpu = cpu(name);
        let all: Vec<&str> = extensions.split_whitespace().collect();
        let here = all.iter().filter_map(|n| find(n)).fold(Isa::base(), Isa::with);
        assert_eq!(cpu.isa(), here, "{name}");
        let mut absent: Vec<&str> = all.into_iter().filter(|n| find(n).is_none()).collect();
        let mut found = [cpu.missing(), cpu.system_only()].concat();
        absent.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, absent, "{name}");
        assert!(cpu.missing().iter().all(|n| !n.starts_with('s') && *n != "h"), "{name}");
        let vlen = if here.elen() == 0 { 0 } else { *vlen };
        assert_eq!((cpu.vlen(), cpu.vendorid(), cpu.archid()), (vlen, 0x5b7, *archid), "{name}");
    }
    assert_eq!((cpu("xt-c930-cp").impid(), cpu("zhijiang").impid(), cpu("c908v").impid()), (0x8000000, 0x45000, 0));
    assert!(cpu("zhijiang").agnostic_ones() && cpu("xt-c9251fdvt").agnostic_ones() && !cpu("c908x").agnostic_ones());
}

#[test]
fn models_are_possible() {
    for model in CpuModel::all() {
        let cpu = Cpu::of(model);
        let isa = cpu.isa();
        for e in isa.extensions() {
            assert!(e.info().conflicts.iter().all(|c| !isa.has(*c)), "{}: {e:?}", model.name);
        }
        assert!(cpu.vlen() == 0 || cpu.vlen() >= isa.min_vlen(), "{}", model.name);
        assert!(model.csrs.is_sorted(), "{}", model.name);
    }
    assert_eq!(cpu("max").isa(), Isa::all());
    assert!(cpu("max").missing().is_empty() && cpu("any").vlen() == 128);
}

#[test]
fn which_core_has_which_register() {
    let has = |name: &str, csr: &str| cpu(name).model().csrs.contains(&csr_number(csr).unwrap());
    for name in NAMES.split_whitespace() {
        for csr in ["fxcr", "th.mxstatus", "mhcr", "mrmr"] {
            assert!(has(name, csr), "{name} {csr}");
        }
        assert_eq!(has(name, "utnmode"), !name.starts_with("xt-c9") && name != "zhijiang", "{name}");
        assert_eq!(has(name, "mcachelock"), name.starts_with("r908") || name.contains("_v2") || name.contains("c908x"));
        assert_eq!(has(name, "mtnfastmba"), name.starts_with("c908x"), "{name}");
    }
    assert!(["max", "rv64", "rvsp-ref"].iter().all(|n| cpu(n).model().csrs.is_empty()));
}

#[test]
fn options_change_a_model() {
    use Extension::*;
    let has = |text: &str, e| cpu(text).isa().has(e);
    assert_eq!(cpu("c908v,vlen=256").vlen(), 256);
    assert_eq!(cpu("rv64,v=true,vlen=1024,elen=64").vlen(), 1024);
    assert_eq!(cpu("rv64,v=on,zvl512b=true").vlen(), 512);
    assert_eq!(cpu("rv64,v=on,vext_spec=v1.0").vlen(), 128);
    assert_eq!(cpu("rv64,zba=false,").vlen(), 0);
    for on in ["rv64,v=true", "rv64,v=on", "rv64,V=YES", "rv64,x-v=true", "rv64,v=false,v=true"] {
        assert!(has(on, V) && cpu(on).vlen() == 128, "{on}");
    }
    assert!(!has("rv64,zba=false", Zba) && has("rv64,zba=false", Zbb));
    assert!(!has("rv64,zba=true,zba=off", Zba));
    assert!(has("rv64i,g=true", D) && !has("rv64i,g=true", C));
    // What needs an extension goes with it; what else asks for its parts keeps them.
    assert!(!has("rva23u64,d=false", V) && !has("rva23u64,d=false", Zcd) && has("rva23u64,d=false", F));
    assert!(!has("rv64,c=false", Zcd) && !has("rv64,c=false", Zca));
    assert!(has("rva23u64,c=false", Zca), "zcb needs it");
    for text in ["c908v,v=false", "max,v=false", "rva23u64,v=false"] {
        assert_eq!((cpu(text).isa().elen(), cpu(text).vlen()), (0, 0), "{text}");
    }
    assert!(has("max,v=false,zve32f=true", Zve32f) && !has("max,v=false,zve32f=true", V));
    let own = cpu("c908,mvendorid=0x123,marchid=9,mimpid=0xffffffffffffffff");
    assert_eq!((own.vendorid(), own.archid(), own.impid()), (0x123, 9, u64::MAX));
    // What is not here can be turned off, to say that it will not be used.
    assert!(!cpu("zhijiang,xtheadmatrixtpe=false").missing().contains(&"xtheadmatrixtpe"));
    assert!(cpu("rv64,sstc=false,svpbmt=true").system_only().contains(&"svpbmt"));
}

#[test]
fn mistakes_are_named_with_their_place() {
    let cases = [
        ("c9O8", "unknown CPU `c9O8`; did you mean `c908`?"),
        ("pentium", "unknown CPU `pentium`"),
        ("", "unknown CPU ``"),
        ("rv64,foo=1", "unknown option `foo` at position 5"),
        ("c908v,zbba=true", "unknown option `zbba` at position 6; did you mean `zba`?"),
        ("c908v,vlem=256", "unknown option `vlem` at position 6; did you mean `vlen`?"),
        ("rv64,zba", "`zba` at position 5: it takes true or false, as in zba=true"),
        ("rv64,x-v=maybe", "`x-v=maybe` at position 5: it takes true or false, as in x-v=true"),
        ("rv64,v=true,vlen=100", "`vlen=100` at position 12: the vector length is a power of two from 32 to 65536"),
        (
            "rv64,v=true,vlen=131072",
            "`vlen=131072` at position 12: the vector length is a power of two from 32 to 65536",
        ),
        ("c908v,vlen=64", "`vlen=64` at position 6: its extensions ask for 128 bits or more"),
        (
            "c908,vlen=256",
            "`vlen=256` at position 5: this CPU has no vector instructions: turn on v or xtheadvector, too",
        ),
        ("rv64,v=true,elen=128", "`elen=128` at position 12: the widest vector element has 32 or 64 bits"),
        ("rv64,v=true,elen=32", "`elen=32` at position 12: its extensions have elements of 64 bits"),
        (
            "c908v,rlen=256",
            "`rlen=256` at position 6: this CPU has no matrices of version 0.3; x-matrix=true gives it some",
        ),
        ("rv64,zknd=true", "`zknd=true` at position 5: this extension is not implemented"),
        ("rv64,v=true,d=false", "`v=true` at position 5 needs `d`, which another option turns off"),
        ("rv64,d=false,v=true", "`v=true` at position 13 needs `d`, which another option turns off"),
        ("rv64,i=false", "`i=false` at position 5: every machine here has the base instruction set"),
        ("rv64,g=false", "`g=false` at position 5: g stands for several extensions: turn off the ones that you mean"),
        ("rv64,mvendorid=0x100000000", "`mvendorid=0x100000000` at position 5: a number up to 0xffffffff"),
        ("rv64,marchid=", "`marchid=` at position 5: a number up to 0xffffffffffffffff"),
        (
            "rv64,vext_spec=v0.7.1",
            "`vext_spec=v0.7.1` at position 5: v1.0; for 0.7.1 there is the extension xtheadvector, as max-th has it",
        ),
        ("rv64,sm=true", "unknown option `sm` at position 5"),
        ("rv64,zïba=true", "unknown option `zïba` at position 5"),
    ];
    for (text, expected) in cases {
        assert_eq!(refuse(text), expected, "{text}");
    }
    assert!(matches!(Cpu::parse("rv64,zba=3"), Err(CpuError::Value { at: 5, .. })));
}

#[test]
fn vector_versions_exclude_each_other() {
    let Some(thead) = find("xtheadvector") else {
        assert!(cpu("c906fdv").missing().contains(&"xtheadvector"));
        return;
    };
    for name in ["thead-c906", "c906fdv", "c910v", "c920", "r920", "max-th"] {
        let isa = cpu(name).isa();
        assert!(isa.has(thead) && !isa.has(Extension::Zve32x), "{name}");
        assert_eq!((cpu(name).vlen(), cpu(name).elen()), (128, 64), "{name}");
    }
    // All else that max has, max-th has, too, if it is no vector extension.
    let scalar = |e: &Extension| Isa::base().with(*e).elen() == 0;
    assert!(cpu("max").isa().extensions().filter(scalar).all(|e| cpu("max-th").isa().has(e)));
    assert_eq!(
        refuse("c908v,xtheadvector=true"),
        "`xtheadvector=true` at position 6 cannot be combined with `v`, which this CPU has: turn that off, too"
    );
    assert_eq!(
        refuse("rv64,v=true,xtheadvector=true"),
        "`xtheadvector=true` at position 12 cannot be combined with `v`"
    );
    assert!(cpu("c908v,v=false,xtheadvector=true").isa().has(thead));
    assert!(cpu("c910v,xtheadvector=false,v=true").isa().has(Extension::V));
}
