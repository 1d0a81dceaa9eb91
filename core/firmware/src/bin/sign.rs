//! Signs a transaction of type 2, decodes it and recovers its sender.
//!
//! The curve's arithmetic has checks that the compiler cannot prove never to fail: unlike `verify`,
//! this image links with a panic handler of the usual kind.
#![no_std]
#![no_main]

use core::hint::black_box;

use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::tx::{Eip1559, List, Signed, Unsigned as _};
use healthrecord_core::matter::sink::Buffer;
use healthrecord_core::{Address, U256};

/// What a call of the contract takes, and some.
const RAW: usize = 1024;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let calldata: &[u8] = black_box(&[0x5a; 132]);
    black_box(sign(black_box(&[7; 32]), calldata, black_box(0)));
    loop {
        core::hint::spin_loop();
    }
}

/// Whether a transaction that is signed here reads as its signer's.
fn sign(secret: &[u8; 32], calldata: &[u8], nonce: u64) -> Option<bool> {
    let key = SecretKey::from_bytes(secret).ok()?;
    let transaction = Eip1559 {
        chain_id: 1,
        nonce,
        max_priority_fee_per_gas: U256::from(1_000_000_000_u64),
        max_fee_per_gas: U256::from(30_000_000_000_u64),
        gas_limit: 90_000,
        to: Some(Address([1; 20])),
        value: U256::ZERO,
        data: calldata,
        access_list: List::EMPTY,
    };
    let mut memory = [0; RAW];
    let mut raw = Buffer::new(&mut memory);
    transaction.sign(&key).ok()?.write(&mut raw).ok()?;
    let sent = Signed::<Eip1559<'_>>::decode(black_box(raw.into_written())).ok()?;
    Some(sent.sender() == key.address())
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
