//! Laws that every kind keeps on the emulator: what is made reads back as wanted, every change is seen and made, a delete
//! leaves nothing and may be repeated.

mod apigateway;
mod calls;
mod data;
mod ec2;
mod elb;
mod lambda;
mod roles;
mod security;
mod world;
