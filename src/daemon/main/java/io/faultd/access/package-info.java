/** Who is let in: by token, or on loopback by the user who made the peer's socket. */
@NullMarked
package io.faultd.access;

import org.jspecify.annotations.NullMarked;
