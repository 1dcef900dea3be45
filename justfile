# Shows what there is to run.
default:
    @just --list

# Everything that CI runs.
check:
    .ci/run

# The tests alone.
test *names:
    cargo test --locked {{names}}

# The places that touch the world: what to read first in a security review.
review:
    git grep -n 'expect(clippy::disallowed'

# What a release consists of, in target/package.
package *target:
    .ci/package {{target}}
