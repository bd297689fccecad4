/**
 * What every connection meets on either port: how long it may stay unknown, which frames it may
 * send, and who is woken when it is gone.
 */
@NullMarked
package io.faultd.port;

import org.jspecify.annotations.NullMarked;
