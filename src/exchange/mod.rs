//! What comes in from elsewhere and goes out to elsewhere: pictures, and whatever a person types or pastes.

pub mod picture;
