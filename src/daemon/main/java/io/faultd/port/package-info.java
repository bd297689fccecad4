/**
 * What every connection meets on either port: who is at the other end of a Unix socket, how long it
 * may stay unknown, which frames it may send, and who is woken when it is gone.
 */
@NullMarked
package io.faultd.port;

import org.jspecify.annotations.NullMarked;
