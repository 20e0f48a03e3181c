//! Every instruction of the matrix extensions 0.3 and 0.6 against the plain models of `tests/model/matrix`.

mod common;
#[path = "matrix/known_answers.rs"]
mod known_answers;
#[path = "model/matrix/mod.rs"]
mod matrix_model;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "matrix/numbers.rs"]
mod numbers;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "model/softfloat.rs"]
mod softfloat;
#[path = "model/vector/mod.rs"]
mod vector_model;
